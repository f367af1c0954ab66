import type { Evidence, Finding } from '../finding/report.ts';
import { mendOf } from '../finding/mend.ts';
import { describeBox, describeTranslated } from './describe.ts';
import { witnessShape } from './json.ts';
import { jsonLine } from './visible.ts';
import { count } from './wrap.ts';

/** How much of one finding a format for readers shows; the JSON report has all. */
const BOXES = 6;
const EVIDENCE = 8;
const QUOTED = 500;

/** A label and what belongs to it. */
export type Fact = readonly [label: string, text: string];

/** What there is to say about a finding beside its message, label by label. Other people's text is as it was. */
export function factsOf(finding: Finding): Fact[] {
  const facts: Fact[] = [];
  if (finding.connection !== undefined)
    facts.push([
      'row',
      `${finding.baseline === undefined ? '' : `${finding.baseline}: `}${finding.connection}`,
    ]);
  if (finding.document !== undefined)
    facts.push(['document', `${finding.document.row}: “${finding.document.text}”`]);
  for (const box of finding.packets.slice(0, BOXES)) facts.push(['packets', describeBox(box)]);
  if (finding.packets.length > BOXES)
    facts.push([
      'packets',
      `and ${count(finding.packets.length - BOXES, 'more set', 'more sets')} of packets; the JSON report lists all`,
    ]);
  if (finding.translated !== undefined)
    facts.push(['translated', `to ${describeTranslated(finding.translated)}`]);
  for (const text of finding.dependsOn ?? []) facts.push(['depends on', text]);
  for (const line of finding.evidence.slice(0, EVIDENCE)) facts.push(['evidence', evidenceText(line)]);
  if (finding.evidence.length > EVIDENCE)
    facts.push([
      'evidence',
      `and ${count(finding.evidence.length - EVIDENCE, 'more line')}; the JSON report lists all`,
    ]);
  facts.push(['witness', jsonLine(witnessShape(finding.witness))]);
  if (finding.waived !== undefined) facts.push(['waiver', finding.waived]);
  if (finding.known === true) facts.push(['known', 'yes']);
  const mend = mendOf(finding);
  if (mend !== undefined) facts.push(['what to do', mend]);
  facts.push(['fingerprint', finding.fingerprint]);
  return facts;
}

/** `rules.v4:12:1 closes: -A INPUT …` */
export function evidenceText({ file, line, column, note, text }: Evidence): string {
  const rest = text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
  return `${file}:${line}:${column}${note === undefined ? '' : ` ${note}`}: ${rest}`;
}

/** `definite, IPv4, input` */
export function circumstancesOf(finding: Finding): string {
  return `${finding.certainty}, ${finding.family === 'ipv4' ? 'IPv4' : 'IPv6'}, ${finding.hook}`;
}
