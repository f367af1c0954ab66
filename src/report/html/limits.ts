import type { ConnectionReport, CoverageLine, HostReport, Report } from '../../finding/report.ts';
import { directionWords, OPEN_DIRECTION } from '../directions.ts';
import { unreviewedBaselines } from '../not-looked-at.ts';
import { numberRanges } from '../text-coverage.ts';
import { Budget, fitting } from './budget.ts';
import { group, hostNames } from './grouping.ts';
import { html, type Html } from './template.ts';
import { count, FAMILY, thousands, WHOLE } from './words.ts';

const ROOM = 300_000;
/** Files that a group names before it counts them. */
const NAMED = 12;
/** Config lines that a group quotes; the others are named by number. */
const QUOTED = 3;
/** Characters of a quoted line. */
const QUOTED_LENGTH = 300;

/** What this report does not say, or says less than exactly. It stands before the results on purpose. */
export function limits(report: Report): Html {
  const parts = [
    ...drafts(report),
    ...notAssessed(report.hosts),
    ...openDirections(report.hosts),
    ...unbound(report.hosts),
    ...undetermined(report.hosts),
    ...coverage(report.coverage),
  ];
  return html`<section id="limits" aria-labelledby="limits-title">
<h2 id="limits-title">Limits</h2>
<p>What follows was not judged, or less than exactly. A finding that depends on it is called <em>possible</em>, and names what it depends on.</p>
${parts.length > 0 ? parts : html`<p>There are none: every line was taken as written, every role is bound, everything was assessed.</p>`}
</section>`;
}

function drafts(report: Report): Html[] {
  const lines = unreviewedBaselines(report).map(
    (text) => html`<li>${text}.</li>
`,
  );
  return lines.length === 0 ? [] : [html`<h3>Baselines</h3><ul>${lines}</ul>`];
}

function notAssessed(hosts: readonly HostReport[]): Html[] {
  const lines = (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const some = hosts.filter((host) => host.families[family] === 'not-assessed');
    return some.length === 0
      ? []
      : [
          html`<li><b>${FAMILY[family]}</b> was not assessed on ${hostNames(some.map((h) => h.name))}: no config was given for it, so it is neither open nor closed there.</li>
`,
        ];
  });
  return lines.length === 0 ? [] : [html`<h3>Address families</h3><ul>${lines}</ul>`];
}

function openDirections(hosts: readonly HostReport[]): Html[] {
  const byDirection = group(
    hosts.flatMap((host) => (directionWords(host)?.open ?? []).map((words) => ({ words, host: host.name }))),
    ({ words }) => words,
  );
  if (byDirection.length === 0) return [];
  const lines = byDirection.map(
    ([words, some]) => html`<li><b>${words}</b>, on ${hostNames(some.map(({ host }) => host))}</li>
`,
  );
  return [
    html`<h3>Open directions</h3>
<p>Excess was not looked for in these directions. ${OPEN_DIRECTION}.</p>
<ul>${lines}</ul>`,
  ];
}

function unbound(hosts: readonly HostReport[]): Html[] {
  const byRole = group(
    hosts.flatMap((host) => host.unbound.map((role) => ({ role, host: host.name }))),
    ({ role }) => role,
  );
  if (byRole.length === 0) return [];
  const lines = byRole.map(
    ([role, some]) => html`<li><b>${role}</b>, on ${hostNames(some.map(({ host }) => host))}</li>
`,
  );
  return [
    html`<h3>Roles not bound</h3>
<p>Nobody has said which addresses stand behind these roles. A row with such a party is missing only where no address at all gets through, and openings towards it could not be judged.</p>
<ul>${lines}</ul>`,
  ];
}

function undetermined(hosts: readonly HostReport[]): Html[] {
  const all = hosts.flatMap((host) =>
    host.connections
      .filter(({ status }) => status === 'undetermined')
      .map((connection) => ({ host: host.name, connection })),
  );
  const rows = group(all, ({ connection: c }) => JSON.stringify([c.baseline, c.id, c.direction, c.reason]));
  if (rows.length === 0) return [];
  const { shown, rest } = fitting(rows, ([, some]) => undeterminedLine(some), new Budget(ROOM));
  return [
    html`<h3>Undetermined connections</h3>
<ul>${shown}</ul>
${rest.length > 0 && html`<p>And ${count(rest.length, 'more row')}. ${WHOLE}</p>`}`,
  ];
}

function undeterminedLine(some: readonly { host: string; connection: ConnectionReport }[]): Html {
  const { connection } = some[0] as { connection: ConnectionReport };
  return html`<li><b>${connection.baseline}: ${connection.id}</b> (${connection.direction}), on ${hostNames(some.map(({ host }) => host))}: ${connection.reason ?? 'possible findings say on what it depends'}</li>
`;
}

function coverage(lines: readonly CoverageLine[]): Html[] {
  if (lines.length === 0) return [];
  const groups = group(lines, (line) => JSON.stringify([line.status, line.reason]));
  const { shown, rest } = fitting(groups, ([, some]) => coverageGroup(some), new Budget(ROOM));
  const left = rest.reduce((sum, [, some]) => sum + some.length, 0);
  return [
    html`<h3>Config lines not taken exactly as written</h3>
<p>${count(lines.length, 'line')}, by reason. None is left out of the analysis without being told here.</p>
${shown}
${left > 0 && html`<p>And ${count(left, 'more line')} for ${count(rest.length, 'other reason')}. ${WHOLE}</p>`}`,
  ];
}

function coverageGroup(some: readonly CoverageLine[]): Html {
  const { status, reason } = some[0] as CoverageLine;
  const files = group(some, ({ file }) => file);
  const places = files.slice(0, NAMED).map(
    ([
      file,
      own,
    ]) => html`<li><span class="path">${file}</span>, ${own.length === 1 ? 'line' : 'lines'} ${short(numberRanges(own.map(({ line }) => line)))}</li>
`,
  );
  const quotes = some.slice(0, QUOTED).map(
    ({ line, text }) => html`<span class="n">${line}</span> ${short(text)}
`,
  );
  return html`<div class="group"><p><span class="tag">${status}</span> ${count(some.length, 'line')}: ${reason}</p>
<pre>${quotes}</pre>
<ul class="places">${places}${files.length > NAMED && html`<li>and ${count(files.length - NAMED, 'more file')}. ${WHOLE}</li>`}</ul></div>
`;
}

function short(text: string): string {
  const rest = text.length - QUOTED_LENGTH;
  return rest > 0 ? `${text.slice(0, QUOTED_LENGTH)}… (${thousands(rest)} more characters)` : text;
}
