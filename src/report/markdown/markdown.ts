import type { ConnectionReport, HostReport, Report } from '../../finding/report.ts';
import { allFindings, type HostFinding, severityCounts, splitWaived } from '../all-findings.ts';
import { connectionNames } from '../connection-name.ts';
import { circumstancesOf, factsOf } from '../finding-lines.ts';
import { findingTitle } from '../finding-title.ts';
import { sortHosts } from '../order.ts';
import { count } from '../wrap.ts';
import { controlsBlock, inlineBlock, knownBlock, limitsBlocks, waiversBlock } from './sections.ts';
import { cellCode, code, table } from './text.ts';

/** A piece of a report that stands or falls as a whole. */
export interface Block {
  readonly text: string;
  /** How many findings it tells of. */
  readonly findings: number;
}

const block = (text: string, findings = 0): Block => ({ text, findings });

/** The report as Markdown (GitHub's flavour), for reading and for comments on a change. */
export function* markdownChunks(report: Report): Generator<string> {
  for (const { text } of markdownBlocks(report)) yield text;
}

/** The report block by block, the most important first, so that a format with a limit can stop after any. */
export function* markdownBlocks(report: Report): Generator<Block> {
  const { open, waived } = splitWaived(allFindings(report));
  yield block(summary(report, open, waived));
  if (open.length > 0) yield block('## Findings\n\n');
  for (const [i, one] of open.entries()) yield block(findingText(one, `${i + 1}. `), 1);
  if (waived.length > 0) yield block('## Waived findings\n\n');
  for (const one of waived) yield block(findingText(one, ''), 1);
  yield block(waiversBlock(report));
  yield block(inlineBlock(report));
  yield block(knownBlock(report));
  for (const text of limitsBlocks(report)) yield block(text);
  if (report.hosts.some(({ connections }) => connections.length > 0))
    yield block('## Documented connections\n\n');
  for (const host of sortHosts(report.hosts)) yield block(connections(host));
  yield block(controlsBlock(report));
  yield block(sources(report));
}

function summary(report: Report, open: readonly HostFinding[], waived: readonly HostFinding[]): string {
  const { summary: s } = report;
  const limited = limitsBlocks(report).length > 0;
  const worst = severityCounts(open).map(([severity, n]) => `${n} ${severity}`);
  const lines = [
    '# Firewall check\n',
    open.length === 0
      ? `No open findings on ${count(report.hosts.length, 'host')}.${limited ? ' What could not be judged is under “Limits”.' : ''}\n`
      : `${count(open.length, 'finding')} on ${count(report.hosts.length, 'host')}: ${worst.join(', ')}.\n`,
    ...(s.known === undefined || s.known === 0 ? [] : [`${s.known} of them known.\n`]),
    ...(waived.length === 0 ? [] : [`${count(waived.length, 'more finding')} waived.\n`]),
    ...(report.previous === undefined
      ? []
      : [
          `Since the earlier report: ${report.previous.new.length} new, ${report.previous.gone.length} gone, ${report.previous.unchanged} unchanged.\n`,
        ]),
    ...(waived.length === 0 ? [] : ['All of them, waived ones too, by kind, and documented connections:\n']),
    table(
      ['missing', 'excessive', 'conflicting', 'undetermined', 'satisfied'],
      [[s.missing, s.excessive, s.conflicting, s.undetermined, s.satisfied].map(String)],
    ),
  ];
  return lines.join('\n');
}

function findingText({ host, finding }: HostFinding, number: string): string {
  const facts = factsOf(finding).map(([label, text]) =>
    label === 'what to do' ? `- what to do: ${text}` : `- ${label}: ${code(text)}`,
  );
  return [
    `### ${number}${finding.severity}: ${findingTitle(finding)}\n`,
    `${code(host.name)}, ${finding.code} ${code(finding.rule)} (${circumstancesOf(finding)})\n`,
    `${code(finding.message)}\n`,
    `${facts.join('\n')}\n\n`,
  ].join('\n');
}

function connections(host: HostReport): string {
  if (host.connections.length === 0) return '';
  const name = connectionNames(host);
  const row = (c: ConnectionReport): string[] => [
    cellCode(name(c)),
    c.direction,
    c.status,
    cellCode(`${c.document.row}: ${c.document.text}`),
    c.reason === undefined ? '' : cellCode(c.reason),
  ];
  const head = ['connection', 'direction', 'status', 'document', 'reason'];
  return `### ${code(host.name)} (${code(host.role)})\n\n${table(head, host.connections.map(row))}`;
}

function sources(report: Report): string {
  const configs = report.inputs.map(({ path, format, sha256, captured }) => [
    cellCode(path),
    cellCode(format),
    `\`${sha256}\``,
    captured === undefined
      ? ''
      : cellCode([captured.at, captured.by, captured.from].filter((part) => part !== undefined).join(', ')),
  ]);
  const documents = [
    ...report.baselines.map(({ id, title, sha256 }) => [cellCode(id), cellCode(title), `\`${sha256}\``]),
    ...[
      ['deployment', report.deployment] as const,
      ['waivers', report.waiverFile] as const,
      ['known findings', report.known] as const,
      ['earlier report', report.previous] as const,
    ].flatMap(([what, file]) =>
      file === undefined
        ? []
        : [[what, file.path === undefined ? '' : cellCode(file.path), `\`${file.sha256}\``]],
    ),
  ];
  const day = report.asOf === undefined ? '' : `As of ${code(report.asOf)}. `;
  return [
    '## What was read\n',
    `${day}postern ${code(report.tool.version)}.\n`,
    table(['config', 'format', 'SHA-256', 'captured'], configs),
    table(['baseline or file', 'title or path', 'SHA-256'], documents),
  ].join('\n');
}
