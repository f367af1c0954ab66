import type { Evidence, Report, WaiverReport } from '../../finding/report.ts';
import { anchorOf, type HostFinding } from '../all-findings.ts';
import { describeTranslated } from '../describe.ts';
import { boxShape } from '../json-shapes.ts';
import { witnessShape } from '../json.ts';
import { levelOf } from './rules.ts';
import { visible } from '../visible.ts';
import { artifactLocation } from './uri.ts';

/** GitHub shows a hundred locations of a result and rejects a file with more than a thousand. */
const RELATED = 50;
/** Boxes in a result's properties; the JSON report has all. */
const BOXES = 20;
/** Characters of one quoted text; a config line of a million is not repeated in every result. */
const QUOTED = 2000;

/** What results of one run share. */
export interface ResultContext {
  readonly report: Report;
  readonly ruleIndex: ReadonlyMap<string, number>;
  /** How often a fingerprint was seen, for GitHub's `hash:n`. */
  readonly seen: Map<string, number>;
  /** Files whose evidence is told in words: a snippet is what a file has at a place. */
  readonly described: ReadonlySet<string>;
  readonly waivers: ReadonlyMap<string, WaiverReport>;
  readonly fresh?: ReadonlySet<string>;
}

/** One finding as a result (SARIF 3.27). */
export function resultOf(
  context: ResultContext,
  { host, finding }: HostFinding,
): Readonly<Record<string, unknown>> {
  const { report } = context;
  const anchor = anchorOf(report, finding);
  const occurrence = (context.seen.get(finding.fingerprint) ?? 0) + 1;
  context.seen.set(finding.fingerprint, occurrence);
  const place = location(context, anchor);
  const others = finding.evidence.filter((line) => line !== anchor);
  const related = [
    ...(finding.document === undefined
      ? []
      : [
          {
            message: { text: message(`${finding.document.row}: “${finding.document.text}”`) },
            ...location(context, { file: anchor.file, line: anchor.line }),
          },
        ]),
    ...others.slice(0, RELATED).map((line) => ({
      ...location(context, line, line.note ?? 'has to do with it'),
    })),
  ];
  return {
    ruleId: finding.rule,
    ruleIndex: context.ruleIndex.get(finding.rule) ?? -1,
    level: levelOf(finding.severity),
    kind: 'fail',
    message: { text: message(`${host.name}: ${finding.message}`) },
    locations: [{ ...place, logicalLocations: [{ name: host.name, kind: 'resource' }] }],
    ...(related.length === 0 ? {} : { relatedLocations: related.map((one, i) => ({ id: i + 1, ...one })) }),
    partialFingerprints: { primaryLocationLineHash: `${finding.fingerprint}:${occurrence}` },
    fingerprints: { 'postern/v1': finding.fingerprint },
    ...(context.fresh && { baselineState: context.fresh.has(finding.fingerprint) ? 'new' : 'unchanged' }),
    ...(finding.waived !== undefined && { suppressions: [suppression(context, finding.waived)] }),
    properties: properties(host, finding, others.length - RELATED),
  };
}

function properties(
  host: HostFinding['host'],
  finding: HostFinding['finding'],
  locationsLeftOut: number,
): Readonly<Record<string, unknown>> {
  const shown = finding.packets.slice(0, BOXES);
  return {
    host: host.name,
    role: host.role,
    code: finding.code,
    certainty: finding.certainty,
    severity: finding.severity,
    baseline: finding.baseline,
    connection: finding.connection,
    family: finding.family,
    hook: finding.hook,
    documentRow: finding.document?.row,
    packets: shown.map(boxShape),
    packetsLeftOut: finding.packets.length - shown.length || undefined,
    locationsLeftOut: locationsLeftOut > 0 ? locationsLeftOut : undefined,
    translated: finding.translated && describeTranslated(finding.translated),
    dependsOn: finding.dependsOn?.map(clipped),
    witness: witnessShape(finding.witness),
    waiver: finding.waived,
    known: finding.known,
  };
}

/** SARIF 3.35: `external`, because the waiver stands in a file of its own and not in the config. */
function suppression({ waivers }: ResultContext, id: string): unknown {
  const waiver = waivers.get(id);
  const facts = waiver && [
    waiver.reason,
    `approved by ${waiver.approver}`,
    `owner ${waiver.owner}`,
    ...(waiver.ticket === undefined ? [] : [`ticket ${waiver.ticket}`]),
    `expires ${waiver.expires}`,
  ];
  return {
    kind: 'external',
    status: 'accepted',
    justification: clipped(`waiver ${id}${facts === undefined ? '' : `: ${facts.join('; ')}`}`),
  };
}

/** A place in a config (3.28), with what is said of it; what stands there in words is part of that. */
function location(
  { described }: ResultContext,
  place: Pick<Evidence, 'file' | 'line'> & Partial<Evidence>,
  note?: string,
): { readonly physicalLocation: unknown; readonly message?: { readonly text: string } } {
  const { file, line, column, text } = place;
  const isDescribed = described.has(file);
  const region = {
    startLine: line,
    ...(column === undefined ? {} : { startColumn: column }),
    ...(text === undefined || column === undefined || isDescribed
      ? {}
      : { snippet: { text: clipped(text.slice(column - 1)) } }),
  };
  const told = [note, isDescribed ? text : undefined].filter((one) => one !== undefined).join(': ');
  return {
    ...(told === '' ? {} : { message: { text: message(told) } }),
    physicalLocation: { artifactLocation: artifactLocation(file), region },
  };
}

/**
 * A text as a plain text message: braces are doubled, as single ones stand for arguments (3.11.5), and brackets get a backslash,
 * as bare ones can make a link (3.11.6). It is made visible before, because that writes braces too.
 */
export function message(text: string): string {
  return visible(clipped(text))
    .replace(/(\\*)([[\]])/g, (_, slashes: string, bracket: string) => `${slashes}${slashes}\\${bracket}`)
    .replace(/[{}]/g, '$&$&');
}

function clipped(text: string): string {
  return text.length <= QUOTED ? text : `${text.slice(0, QUOTED)}… (${text.length - QUOTED} characters more)`;
}
