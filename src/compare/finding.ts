import { createHash, hash } from 'node:crypto';
import type { ResolvedRow } from '../baseline/model.ts';
import type {
  Box,
  Certainty,
  DocumentRow,
  Evidence,
  Finding,
  FindingCode,
  Severity,
  Translated,
} from '../finding/report.ts';
import { SEVERITIES } from '../finding/report.ts';
import type { HookName } from '../packet/packet.ts';
import { type Span, spanText } from '../text/source.ts';
import { remembered } from './remembered.ts';
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

/** A finding on its way to a report. */
type Making = { -readonly [K in keyof Finding]: Finding[K] };

/** The finding with its fingerprint, which does not depend on line numbers or file paths. */
export function finishFinding(host: string, draft: Draft): Finding {
  const { code, rule, certainty, row, hook, packets, dependsOn } = draft;
  const family = draft.family === 4 ? 'ipv4' : 'ipv6';
  const severity = certainty === 'possible' ? oneLower(draft.severity) : draft.severity;
  const made = { code, rule, certainty, severity } as Making;
  if (row !== undefined) {
    made.baseline = row.baseline;
    made.connection = row.id;
  }
  made.family = family;
  made.hook = hook;
  made.packets = packets;
  made.witness = draft.witness.shown;
  if (draft.translated !== undefined) made.translated = draft.translated;
  made.evidence = draft.evidence;
  const document = draft.document ?? row?.document;
  if (document !== undefined) made.document = document;
  if (dependsOn !== undefined && dependsOn.length > 0) made.dependsOn = dependsOn;
  made.message = draft.message;
  made.fingerprint = fingerprintOf(host, made);
  return made;
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
