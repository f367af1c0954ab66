import { createHash, hash } from 'node:crypto';
import type { ResolvedRow } from '../../baseline/model.ts';
import type {
  Box,
  Certainty,
  DocumentRow,
  Evidence,
  Finding,
  FindingCode,
  Severity,
  Translated,
} from '../../finding/report.ts';
import { SEVERITIES } from '../../finding/report.ts';
import type { HookName } from '../../packet/packet.ts';
import { flat } from '../../text/flat.ts';
import { type Span, spanText } from '../../text/source.ts';
import { remembered } from '../view/remembered.ts';
import type { Witness } from './witness.ts';

/** What a check knows of a finding before it has a fingerprint. */
export interface Draft {
  readonly code: FindingCode;
  readonly rule: string;
  readonly certainty: Certainty;
  /** The severity of a definite finding of this kind; a possible one is one lower. */
  readonly severity: Severity;
  readonly row?: ResolvedRow | undefined;
  readonly family: 4 | 6;
  readonly hook: HookName;
  readonly packets: readonly Box[];
  readonly witness: Witness;
  readonly translated?: Translated | undefined;
  readonly evidence: readonly Evidence[];
  readonly dependsOn?: readonly string[];
  readonly message: string;
  /** Another row that the finding is about too, quoted beside the first. */
  readonly document?: DocumentRow | undefined;
}

/**
 * A finding on its way to a report. A report can hold a hundred thousand until it is written: what a constructor assigns
 * stands in the object itself, where an object that grows would keep a second one for what was added.
 */
class Making implements Finding {
  declare readonly code: Finding['code'];
  declare readonly rule: string;
  declare readonly certainty: Certainty;
  declare readonly severity: Severity;
  declare readonly baseline?: string;
  declare readonly connection?: string;
  declare readonly family: Finding['family'];
  declare readonly hook: HookName;
  declare readonly packets: readonly Box[];
  declare readonly witness: Finding['witness'];
  declare readonly translated?: Translated;
  declare readonly evidence: readonly Evidence[];
  declare readonly document?: DocumentRow;
  declare readonly dependsOn?: readonly string[];
  declare readonly message: string;
  declare readonly fingerprint: string;

  constructor(host: string, draft: Draft) {
    const { certainty, row, dependsOn } = draft;
    this.code = draft.code;
    this.rule = draft.rule;
    this.certainty = certainty;
    this.severity = certainty === 'possible' ? oneLower(draft.severity) : draft.severity;
    if (row !== undefined) {
      this.baseline = row.baseline;
      this.connection = row.id;
    }
    this.family = draft.family === 4 ? 'ipv4' : 'ipv6';
    this.hook = draft.hook;
    this.packets = draft.packets;
    this.witness = draft.witness.shown;
    if (draft.translated !== undefined) this.translated = draft.translated;
    this.evidence = draft.evidence;
    const document = draft.document ?? row?.document;
    if (document !== undefined) this.document = document;
    if (dependsOn !== undefined && dependsOn.length > 0) this.dependsOn = dependsOn;
    this.message = flat(draft.message);
    this.fingerprint = fingerprintOf(host, this);
  }
}

/** The finding with its fingerprint, which does not depend on line numbers or file paths. */
export function finishFinding(host: string, draft: Draft): Finding {
  return new Making(host, draft);
}

/** Hex SHA-256 over the host and what a finding is about. */
export function fingerprintOf(
  host: string,
  about: Pick<Finding, 'rule' | 'baseline' | 'connection' | 'family' | 'hook' | 'packets'>,
): string {
  const { rule, baseline = null, connection = null, family, hook, packets } = about;
  const start = [host, rule, baseline, connection, family, hook];
  if (!packets.some((box) => isLong(box.sources) || isLong(box.destinations)))
    return hash('sha256', JSON.stringify([...start, packets]));
  // The same bytes, of which those of long lists are made once for all findings that share them.
  const digest = createHash('sha256').update(`${JSON.stringify(start).slice(0, -1)},[`);
  packets.forEach((box, i) => {
    digest.update(i === 0 ? '{' : ',{');
    const entries = Object.entries(box).filter(([, value]) => value !== undefined);
    entries.forEach(([key, value], at) => {
      digest.update(`${at === 0 ? '' : ','}${JSON.stringify(key)}:`);
      const long = Array.isArray(value) && isLong(value);
      digest.update(long ? listBytes(value) : JSON.stringify(value));
    });
    digest.update('}');
  });
  return digest.update(']]').digest('hex');
}

/** Lists that are longer may be those of named sets, which many findings share. */
const LONG = 64;

const isLong = (list: readonly unknown[] | undefined): boolean => list !== undefined && list.length > LONG;

const listBytes = remembered((list: object): Uint8Array => Buffer.from(JSON.stringify(list)), {
  most: 1 << 24,
  sizeOf: (bytes) => bytes.length,
});

/** The severity of a possible finding, where a definite one has the given. */
export function oneLower(severity: Severity): Severity {
  return SEVERITIES[Math.min(SEVERITIES.indexOf(severity) + 1, SEVERITIES.length - 1)] as Severity;
}

/** A line of a config as evidence; `note` says what it has to do with the finding. */
export function evidenceOf(span: Span, note: string): Evidence {
  const { line, column } = span.file.position(span.start);
  return { file: span.file.path, line, column, text: spanText(span).trimEnd(), note };
}
