import type { InlineUse, Report, WaiverReport } from '../../finding/report.ts';
import { Budget, fitting } from './budget.ts';
import { describeBox } from '../describe.ts';
import { numberLinks } from './links.ts';
import type { Numbered } from './numbered.ts';
import { html, type Html } from './template.ts';
import { count, thousands, WHOLE } from './words.ts';

const ROOM = 250_000;
/** Findings of one waiver that are named. */
const NAMED = 20;
/** Sets of packets of one waiver that are shown. */
const SHOWN = 4;

const STATUS: Readonly<Record<WaiverReport['status'], { readonly sign: string; readonly tone: string }>> = {
  active: { sign: '✓', tone: 'good' },
  expiring: { sign: '◷', tone: 'warn' },
  expired: { sign: '✕', tone: 'bad' },
  unused: { sign: '∅', tone: 'quiet' },
};

/** Who accepted which finding, until when. */
export function waivers(report: Report, findings: readonly Numbered[]): Html {
  return html`<section id="waivers" aria-labelledby="waivers-title">
<h2 id="waivers-title">Waivers</h2>
${content(report, findings)}
${inline(report.inline)}${known(report.known)}
</section>`;
}

function content(report: Report, findings: readonly Numbered[]): Html {
  if (report.waivers === undefined) return html`<p>No waiver file was given.</p>`;
  if (report.waivers.length === 0) return html`<p>The waiver file has no waiver.</p>`;
  const byPrint = new Map(findings.map((one) => [one.finding.fingerprint, one]));
  const { shown, rest } = fitting(report.waivers, (waiver) => row(waiver, byPrint), new Budget(ROOM));
  return html`<p>A waived finding stays a finding; what is beyond a waiver's packets is not waived. Days are counted to ${report.asOf === undefined ? 'no day: none was given' : `the last one, from ${report.asOf}`}.</p>
<table class="stack"><thead><tr><th scope="col">Waiver</th><th scope="col">State</th><th scope="col">Days left</th><th scope="col">Covers</th><th scope="col">Owner, approver</th><th scope="col">Reason</th></tr></thead>
<tbody>${shown}</tbody></table>
${rest.length > 0 && html`<p>And ${count(rest.length, 'more waiver')}. ${WHOLE}</p>`}`;
}

/** Comments and stale entries that are listed. */
const LISTED = 200;

function inline(uses: Report['inline']): Html | false {
  if (uses === undefined) return false;
  const more = uses.length - LISTED;
  return html`<h3>Comments in configs</h3>
${uses.length === 0 ? html`<p>No comment speaks to postern.</p>` : html`<ul>${uses.slice(0, LISTED).map(useItem)}</ul>`}${more > 0 && html`<p>And ${count(more, 'more comment')}. ${WHOLE}</p>`}`;
}

function useItem(use: InlineUse): Html {
  const why = [use.reason, use.problem].filter((text) => text !== undefined).join('; ');
  return html`<li><span class="path">${use.file}:${use.line}</span>: <code>postern:${use.kind === 'unreadable' ? '' : `${use.kind} ${use.rule ?? use.connection ?? ''}`}</code>, <b>${use.status}</b> on ${use.host}${why !== '' && `: ${why}`}</li>`;
}

function known(file: Report['known']): Html | false {
  if (file === undefined) return false;
  const { path, matched, stale } = file;
  const more = stale.length - LISTED;
  return html`<h3>Known findings</h3>
<p>${count(matched, 'finding')} of this report ${matched === 1 ? 'is' : 'are'} known by <span class="path">${path}</span>; ${thousands(stale.length)} of the file ${stale.length === 1 ? 'is' : 'are'} no longer there.</p>
${stale.length > 0 && html`<ul>${stale.slice(0, LISTED).map((one) => html`<li><code>${one.fingerprint.slice(0, 12)}</code> ${one.rule} on ${one.host}: ${one.message}</li>`)}</ul>`}${more > 0 && html`<p>And ${thousands(more)} more. ${WHOLE}</p>`}`;
}

function row(waiver: WaiverReport, findings: ReadonlyMap<string, Numbered>): Html {
  const { sign, tone } = STATUS[waiver.status];
  return html`<tr><th scope="row"><code>${waiver.id}</code>${waiver.ticket !== undefined && html`<br><small>${waiver.ticket}</small>`}</th>
<td><span class="state ${tone}"><span aria-hidden="true">${sign}</span> ${waiver.status}</span>${waiver.problem !== undefined && html`<small>${waiver.problem}</small>`}</td>
<td>${daysLeft(waiver)}<small>${waiver.created} to ${waiver.expires}</small></td>
<td>${covers(waiver, findings)}</td>
<td>${waiver.owner}<small>approved by ${waiver.approver}</small></td>
<td>${waiver.reason}${waiver.compensating !== undefined && html`<small>instead: ${waiver.compensating}</small>`}</td></tr>
`;
}

function daysLeft({ daysLeft: days }: WaiverReport): Html {
  if (days === undefined) return html`unknown`;
  return days < 0 ? html`<b>expired ${count(-days, 'day')} ago</b>` : html`<b>${count(days, 'day')}</b>`;
}

function covers(waiver: WaiverReport, findings: ReadonlyMap<string, Numbered>): Html {
  const known = waiver.findings.flatMap((print) => findings.get(print) ?? []);
  const about = [waiver.rule, waiver.connection, waiver.host].filter((text) => text !== undefined).join(', ');
  const boxes = waiver.covers ?? [];
  const more = boxes.length - SHOWN;
  const rest = known.length - NAMED;
  return html`${about === '' ? 'any' : about}
${boxes.slice(0, SHOWN).map((box) => html`<small>${describeBox(box)}</small>`)}${more > 0 && html`<small>and ${count(more, 'more set')} of packets. ${WHOLE}</small>`}
${known.length > 0 ? html`<small>findings ${numberLinks(known.slice(0, NAMED))}${rest > 0 && ` and ${thousands(rest)} more`}</small>` : html`<small>no finding</small>`}`;
}
