import { mendOf } from '../finding/mend.ts';
import type { Report } from '../finding/report.ts';
import { allFindings, anchorOf, type HostFinding } from './all-findings.ts';
import { describeBox, describeTranslated } from './describe.ts';
import { evidenceText } from './finding-lines.ts';
import { witnessShape } from './json.ts';
import { jsonLine, visible } from './visible.ts';
import { controlsOfRule, controlTag, wayOf } from '../finding/controls.ts';

type Column = readonly [name: string, value: (report: Report, one: HostFinding) => string];

/** The columns, in their order; new ones come at the end. */
const COLUMNS: readonly Column[] = [
  ['host', (_, { host }) => host.name],
  ['role', (_, { host }) => host.role],
  ['severity', (_, { finding }) => finding.severity],
  ['code', (_, { finding }) => finding.code],
  ['rule', (_, { finding }) => finding.rule],
  ['certainty', (_, { finding }) => finding.certainty],
  ['family', (_, { finding }) => finding.family],
  ['hook', (_, { finding }) => finding.hook],
  ['baseline', (_, { finding }) => finding.baseline ?? ''],
  ['connection', (_, { finding }) => finding.connection ?? ''],
  ['document row', (_, { finding }) => finding.document?.row ?? ''],
  ['document text', (_, { finding }) => finding.document?.text ?? ''],
  ['message', (_, { finding }) => finding.message],
  ['file', (report, { finding }) => anchorOf(report, finding).file],
  ['line', (report, { finding }) => String(anchorOf(report, finding).line)],
  ['packets', (_, { finding }) => finding.packets.map(describeBox).join('; ')],
  ['translated', (_, { finding }) => (finding.translated ? describeTranslated(finding.translated) : '')],
  ['depends on', (_, { finding }) => (finding.dependsOn ?? []).join('; ')],
  ['evidence', (_, { finding }) => finding.evidence.map(evidenceText).join('; ')],
  ['witness', (_, { finding }) => jsonLine(witnessShape(finding.witness))],
  ['controls', (_, { finding }) => controlsOfRule(finding.rule, wayOf(finding)).map(controlTag).join('; ')],
  ['waiver', (_, { finding }) => finding.waived ?? ''],
  ['fingerprint', (_, { finding }) => finding.fingerprint],
  ['what to do', (_, { finding }) => mendOf(finding) ?? ''],
  ['known', (_, { finding }) => (finding.known === true ? 'yes' : '')],
];

/** A cell of a spreadsheet holds this many characters (Excel's limit); more would be cut without a word. */
const LONGEST = 32_000;

/**
 * The findings as CSV (RFC 4180): a header, then a record for each finding, waived ones too, the worst first. Every cell is
 * quoted, and none is taken for a formula.
 */
export function* csvChunks(report: Report): Generator<string> {
  yield record(COLUMNS.map(([name]) => name));
  for (const one of allFindings(report)) yield record(COLUMNS.map(([, value]) => value(report, one)));
}

const record = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

/**
 * Spreadsheets take a cell for a formula by its first character, also after white space and, in some, in its full-width form
 * (OWASP, "CSV Injection"). An apostrophe before it makes it text.
 */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

function cell(text: string): string {
  const shown = visible(text);
  const rest = shown.length - LONGEST;
  const cut = rest > 0 ? `${shown.slice(0, LONGEST)}… (${rest} characters more in the JSON report)` : shown;
  return `"${(FORMULA.test(cut) ? `'${cut}` : cut).replaceAll('"', '""')}"`;
}
