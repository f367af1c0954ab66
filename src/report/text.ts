import type { HostReport, Report } from '../finding/report.ts';
import { auditLines } from './text-audit.ts';
import { coverageLines } from './text-coverage.ts';
import { scopeLines } from './text-scope.ts';
import { findingLines } from './text-finding.ts';
import { connectionLines } from './text-connections.ts';
import { unreviewedBaselines } from './not-looked-at.ts';
import { sortFindings, sortHosts } from './order.ts';
import { makeStyle, type Style } from './style.ts';
import { describedFiles } from './described.ts';
import { visible } from './visible.ts';
import { count, labelled } from './wrap.ts';

/** Findings that become one piece of text. */
const TOGETHER = 50;

/** How the text is laid out. */
export interface TextOptions {
  /** Whether SGR colour sequences are written. */
  readonly colour: boolean;
  /** Columns; what can't be broken (paths, witness packets) may still go beyond. */
  readonly width: number;
}

/** The readable report, ending with a line break. Other people's text in it is made safe to print. */
export function renderText(report: Report, options: TextOptions): string {
  return [...textChunks(report, options)].join('');
}

/** The readable report in pieces of whole lines: a report may be longer than one text can be. */
export function* textChunks(report: Report, options: TextOptions): Generator<string> {
  const style = makeStyle(options.colour);
  const width = Math.max(options.width, 40);
  const described = describedFiles(report);
  yield lines(headLines(report, style, width));
  if (report.hosts.length === 0) yield lines([style.warn('no host was checked'), '']);
  for (const host of sortHosts(report.hosts)) yield* hostChunks(host, described, style, width);
  const audit = auditLines(report, style, width);
  if (audit.length > 0) yield lines(audit);
  if (report.coverage.length > 0) yield lines(coverageLines(report.coverage, style, width));
  yield lines(summaryLines(report, style));
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

function headLines(report: Report, style: Style, width: number): string[] {
  const out = [style.bold(`${report.tool.name} ${visible(report.tool.version)}`)];
  if (report.deployment !== undefined)
    out.push(...labelled('deployment', visible(report.deployment.path), 2, width));
  for (const input of report.inputs) {
    out.push(
      ...labelled('config', visible(`${input.path} (${input.format})${captured(input.captured)}`), 2, width),
    );
  }
  for (const baseline of report.baselines) {
    out.push(...labelled('baseline', visible(`${baseline.id}: ${baseline.title}`), 2, width));
  }
  for (const text of unreviewedBaselines(report))
    out.push(...labelled('note', visible(`${text}.`), 2, width).map(style.warn));
  return [...out, ''];
}

function captured(how: Report['inputs'][number]['captured']): string {
  if (how === undefined) return '';
  const parts = [how.from && `from ${how.from}`, how.at && `at ${how.at}`].filter(Boolean);
  return parts.length === 0 ? '' : `, captured ${parts.join(' ')}`;
}

function* hostChunks(
  host: HostReport,
  described: ReadonlySet<string>,
  style: Style,
  width: number,
): Generator<string> {
  const findings = sortFindings(host.findings);
  const title = `${visible(host.name)} (${visible(host.role)}) `;
  const out = [style.bold(title) + style.dim('─'.repeat(Math.max(width - title.length, 3)))];
  out.push(...scopeLines(host, style, width));
  out.push(`  ${findings.length === 0 ? style.good('no finding') : foundText(findings)}`, '');
  yield lines(out);
  for (let i = 0; i < findings.length; i += TOGETHER) {
    const some = findings.slice(i, i + TOGETHER);
    yield lines(
      some.flatMap((finding, j) => [...findingLines(finding, i + j + 1, described, style, width), '']),
    );
  }
  const after = [...connectionLines(host, style, width), ...unboundLines(host, style, width)];
  if (after.length > 0) yield lines([...after, '']);
}

function foundText(findings: HostReport['findings']): string {
  const waived = findings.filter((finding) => finding.waived !== undefined).length;
  const known = findings.filter((finding) => finding.known === true).length;
  const aside = [...(waived > 0 ? [`${waived} waived`] : []), ...(known > 0 ? [`${known} known`] : [])];
  return `${count(findings.length, 'finding')}${aside.length > 0 ? ` (${aside.join(', ')})` : ''}`;
}

function unboundLines(host: HostReport, style: Style, width: number): string[] {
  if (host.unbound.length === 0) return [];
  const text = `${visible(host.unbound.join(', '))}. A row with such a party is missing only where no address at all gets through, and openings towards it could not be judged.`;
  return labelled('unbound', text, 2, width).map((line, i) => (i === 0 ? style.warn(line) : line));
}

function summaryLines(report: Report, style: Style): string[] {
  const s = report.summary;
  const counts = [
    `${s.missing} missing`,
    `${s.excessive} excessive`,
    `${s.conflicting} conflicting`,
    `${s.undetermined} undetermined`,
    `${s.satisfied} satisfied`,
    ...(s.waived === undefined ? [] : [`${s.waived} waived`]),
    ...(s.known === undefined ? [] : [`${s.known} known`]),
  ];
  return [style.bold(`summary: ${counts.join(', ')}`)];
}
