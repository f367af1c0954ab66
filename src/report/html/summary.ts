import { type Finding, type HostReport, type Report, SEVERITIES } from '../../finding/report.ts';
import { sortHosts } from '../order.ts';
import { changes } from './changes.ts';
import { group } from './grouping.ts';
import type { Numbered } from './numbered.ts';
import { findingLink } from './links.ts';
import { html, type Html } from './template.ts';
import { count, severityMark, STATE_ORDER, stateMark, subject, thousands } from './words.ts';

const WORST = 10;
/** Hosts that stand open in the table. */
const OPEN_HOSTS = 30;

/** Waived findings are counted by themselves: what is left to do is what the severities say. */
const isOpen = ({ waived }: Finding): boolean => waived === undefined;

/** One page for who reads no other: counts, the worst findings, each host, what changed. */
export function summary(report: Report, findings: readonly Numbered[]): Html {
  return html`<section id="summary" aria-labelledby="summary-title">
<h2 id="summary-title">Executive summary</h2>
<p class="lead">${verdict(report)}</p>
<ul class="tiles">
${tile(report.summary.missing, 'missing', 'needed and not open')}
${tile(report.summary.excessive, 'excessive', 'open and not documented')}
${tile(report.summary.conflicting, 'conflicting', 'contradictions')}
${tile(report.summary.undetermined, 'undetermined', 'may pass or not, or not decided')}
${tile(report.summary.satisfied, 'satisfied', 'documented connections')}
</ul>
${severityTable(findings)}
${worst(findings)}
${changes(report.previous, findings)}
${hostTable(report)}
</section>`;
}

function verdict(report: Report): string {
  const { missing, excessive, conflicting, undetermined, known = 0 } = report.summary;
  const findings = missing + excessive + conflicting;
  const waived = report.hosts.flatMap((host) => host.findings).filter((one) => !isOpen(one)).length;
  if (findings === 0 && undetermined === 0)
    return 'No finding. Read this together with the limits below: what was not assessed is neither open nor closed.';
  const parts = [`${count(findings, 'finding')} on ${count(report.hosts.length, 'host')}`];
  if (waived > 0) parts.push(`${thousands(waived)} of them waived`);
  if (known > 0) parts.push(`${thousands(known)} of them known`);
  if (undetermined > 0) parts.push(`${count(undetermined, 'connection')} undetermined`);
  return `${parts.join(', ')}.`;
}

function tile(n: number, word: string, what: string): Html {
  return html`<li${n > 0 ? html` class="some ${word}"` : ''}><b>${thousands(n)}</b> <span>${word}</span> <small>${what}</small></li>
`;
}

function severityTable(findings: readonly Numbered[]): Html {
  const codes = ['missing', 'excessive', 'conflicting'] as const;
  const rows = SEVERITIES.map((severity) => {
    const some = findings.filter(({ finding }) => finding.severity === severity && isOpen(finding));
    return numbers(severityMark(severity), codes, some);
  });
  const waived = findings.filter(({ finding }) => !isOpen(finding));
  return html`<h3>Findings by severity</h3>
<table class="numbers"><thead><tr><th scope="col">Severity</th>${codes.map((code) => html`<th scope="col">${code}</th>`)}<th scope="col">all</th></tr></thead>
<tbody>${rows}${waived.length > 0 && numbers(stateMark('waived'), codes, waived)}</tbody></table>`;
}

/** A row of a table: findings by their code, and all of them. */
function numbers(head: Html, codes: readonly Finding['code'][], some: readonly Numbered[]): Html {
  const cells = codes.map((code) => some.filter(({ finding }) => finding.code === code).length);
  return html`<tr><th scope="row">${head}</th>${cells.map(number)}${number(some.length)}</tr>
`;
}

const number = (n: number): Html =>
  html`<td>${n === 0 ? html`<span class="none">0</span>` : thousands(n)}</td>`;

/** The worst kinds of finding, each with the first of its findings. */
function worst(findings: readonly Numbered[]): Html | false {
  const open = findings.filter(({ finding }) => isOpen(finding));
  const kinds = group(open, ({ finding: f }) =>
    JSON.stringify([f.severity, f.rule, f.baseline, f.connection]),
  );
  if (kinds.length === 0) return false;
  const items = kinds.slice(0, WORST).map(([, own]) => {
    const [first] = own as [Numbered];
    const hosts = new Set(own.map(({ host }) => host));
    const where = hosts.size === 1 ? first.host : count(hosts.size, 'host');
    const more = own.length > 1 && html`, ${count(own.length, 'finding')}`;
    return html`<li>${severityMark(first.finding.severity)} ${findingLink(first)} <span class="quiet">${subject(first.finding)}; ${where}${more}</span></li>
`;
  });
  const rest = kinds.length - WORST;
  return html`<h3>Worst findings</h3>
<ol class="worst">${items}</ol>
${rest > 0 && html`<p class="quiet">And ${count(rest, 'more kind')}, none more severe, in the index of findings.</p>`}`;
}

function hostTable(report: Report): Html {
  const hosts = sortHosts(report.hosts);
  const more = hosts.slice(OPEN_HOSTS);
  const waives = report.hosts.some((host) => host.findings.some((one) => !isOpen(one)));
  return html`<h3>Hosts</h3>
${hostRows(hosts.slice(0, OPEN_HOSTS), waives)}
${more.length > 0 && html`<details><summary>${count(more.length, 'more host')}</summary>${hostRows(more, waives)}</details>`}`;
}

function hostRows(hosts: readonly HostReport[], waives: boolean): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Hosts with their findings"><table class="numbers"><thead><tr><th scope="col">Host</th><th scope="col" class="text">Role</th>${SEVERITIES.map((s) => html`<th scope="col">${s}</th>`)}${waives && html`<th scope="col">waived</th>`}<th scope="col" class="text">Documented connections</th></tr></thead>
<tbody>${hosts.map((host) => hostRow(host, waives))}</tbody></table></div>`;
}

function hostRow(host: HostReport, waives: boolean): Html {
  const open = host.findings.filter(isOpen);
  const cells = SEVERITIES.map((s) => number(open.filter(({ severity }) => severity === s).length));
  const waived = waives && number(host.findings.length - open.length);
  const states = STATE_ORDER.flatMap((status) => {
    const n = host.connections.filter((connection) => connection.status === status).length;
    return n === 0 ? [] : [html`${thousands(n)} ${stateMark(status)} `];
  });
  return html`<tr><th scope="row">${host.name}</th><td class="text">${host.role}</td>${cells}${waived}<td class="text">${states}</td></tr>
`;
}
