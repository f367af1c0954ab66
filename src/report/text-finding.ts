import type { Evidence, Finding } from '../finding/report.ts';
import { mendOf } from '../finding/mend.ts';
import { describeBox, describeTranslated } from './describe.ts';
import { excerptLines } from './excerpt.ts';
import type { Style } from './style.ts';
import { witnessShape } from './json.ts';
import { jsonLine, visible } from './visible.ts';
import { count, labelled, wrap } from './wrap.ts';

/** How many boxes and how many lines of evidence one finding shows; the JSON report has all. */
const SHOWN_BOXES = 6;
const SHOWN_EVIDENCE = 6;

const FAMILY = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/**
 * One finding of the text report, numbered.
 *
 * @param described files whose evidence is no line but what one says
 */
export function findingLines(
  finding: Finding,
  number: number,
  described: ReadonlySet<string>,
  style: Style,
  width: number,
): string[] {
  const severity = style.severity(finding.severity, finding.severity.toUpperCase());
  const kind = style.bold(`${finding.code}: ${visible(finding.rule)}`);
  const how = `(${finding.certainty}, ${FAMILY[finding.family]}, ${finding.hook})`;
  return [
    `  ${number}. ${severity} ${kind} ${how}${asideText(finding)}`,
    ...wrap(visible(finding.message), width - 5).map((line) => `     ${line}`),
    ...rowLines(finding, width),
    ...packetLines(finding, width),
    ...dependsLines(finding, width),
    ...evidenceLines(finding.evidence, described, style, width),
    '     witness',
    `       ${jsonLine(witnessShape(finding.witness))}`,
    ...mendLines(finding, width),
  ];
}

/** What is decided about it: a finding that does not count stays in its place and says why. */
function asideText({ waived, known }: Finding): string {
  if (waived !== undefined) return `, waived: ${visible(waived)}`;
  return known === true ? ', known' : '';
}

function rowLines(finding: Finding, width: number): string[] {
  const out: string[] = [];
  if (finding.connection !== undefined) {
    const baseline = finding.baseline === undefined ? '' : `${finding.baseline}: `;
    out.push(...labelled('row', visible(`${baseline}${finding.connection}`), 5, width));
  }
  if (finding.document !== undefined) {
    const { row, text } = finding.document;
    out.push(...labelled('document', visible(`${row}: “${text}”`), 5, width));
  }
  return out;
}

function packetLines(finding: Finding, width: number): string[] {
  const shown = finding.packets.slice(0, SHOWN_BOXES);
  const out = shown.flatMap((box, i) =>
    labelled(i === 0 ? 'packets' : '', visible(describeBox(box)), 5, width),
  );
  const rest = finding.packets.length - shown.length;
  if (rest > 0)
    out.push(
      ...labelled(
        '',
        `and ${rest} more ${rest === 1 ? 'set' : 'sets'} of packets; the JSON report lists all`,
        5,
        width,
      ),
    );
  if (finding.translated !== undefined)
    out.push(...labelled('translated', `to ${visible(describeTranslated(finding.translated))}`, 5, width));
  return out;
}

function dependsLines(finding: Finding, width: number): string[] {
  const texts = finding.dependsOn ?? [];
  return texts.flatMap((text, i) => labelled(i === 0 ? 'depends on' : '', visible(text), 5, width));
}

function evidenceLines(
  evidence: readonly Evidence[],
  described: ReadonlySet<string>,
  style: Style,
  width: number,
): string[] {
  const out = evidence.slice(0, SHOWN_EVIDENCE).flatMap((place) => {
    return [
      ...placeLines(place, style, width),
      ...excerptLines({ ...place, described: described.has(place.file) }, '       ', width),
    ];
  });
  const rest = evidence.length - SHOWN_EVIDENCE;
  if (rest > 0) out.push(`     and ${count(rest, 'more line')}; the JSON report lists all`);
  return out;
}

/** The place whole, as terminals make a link of it, and what the line does, wrapped under it. */
function placeLines({ file, line, column, note }: Evidence, style: Style, width: number): string[] {
  const place = `${visible(file)}:${line}:${column}`;
  // Wrapping takes blanks together: such a place would not be where its length says.
  if (/^ | {2}/.test(place)) {
    const told = note === undefined ? [] : wrap(visible(note), width - 9);
    return [`     ${style.bold(place)}`, ...told.map((text) => `         ${text}`)];
  }
  const [first = '', ...rest] = wrap(note === undefined ? place : `${place} ${visible(note)}`, width - 9);
  return [`     ${style.bold(place)}${first.slice(place.length)}`, ...rest.map((text) => `         ${text}`)];
}

function mendLines(finding: Finding, width: number): string[] {
  const mend = mendOf(finding);
  return mend === undefined ? [] : labelled('what to do', mend, 5, width);
}
