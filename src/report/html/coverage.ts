import type { ConnectionReport, ConnectionStatus, Evidence, Report } from '../../finding/report.ts';
import { placeNames } from '../places.ts';
import { numberRanges } from '../text-coverage.ts';
import { Budget, fitting } from './budget.ts';
import { group, hostNames } from './grouping.ts';
import { readingText } from './reading.ts';
import { numberLinks } from './links.ts';
import type { Numbered } from './numbered.ts';
import { html, type Html } from './template.ts';
import { ALONE, count, STATE_ORDER, stateMark, thousands, WHOLE } from './words.ts';

const ROOM = 1_100_000;
/** Hosts of one state whose config lines are listed before the others are counted. */
const LISTED_HOSTS = 300;
/** Hosts whose lines stand open. */
const OPEN_HOSTS = 4;

/** Findings of one row that it links to. */
const LINKS = 6;

interface Page {
  readonly budget: Budget;
  /** Findings by host, baseline and connection. */
  readonly about: ReadonlyMap<string, readonly Numbered[]>;
  /** How a config line is named, told from the other rules on it. */
  readonly name: (place: Evidence) => string;
}

interface Judged {
  readonly host: string;
  readonly connection: ConnectionReport;
}

/** Row by row what the documents ask for, how it is read here, and the lines that give it. */
export function coverage(report: Report, findings: readonly Numbered[]): Html {
  const all = report.hosts.flatMap((host) =>
    host.connections.map((connection) => ({ host: host.name, connection })),
  );
  const about = new Map(
    group(findings, ({ host, finding }) => JSON.stringify([host, finding.baseline, finding.connection])),
  );
  const titles = new Map(report.baselines.map(({ id, title }) => [id, title]));
  const name = placeNames(report.hosts.flatMap(({ inventory }) => inventory ?? []));
  const budget = new Budget(ROOM);
  const parts = group(all, ({ connection }) => connection.baseline).map(([baseline, judged]) =>
    baselinePart(baseline, titles.get(baseline) ?? baseline, judged, { budget, about, name }),
  );
  return html`<section id="coverage" aria-labelledby="coverage-title">
<h2 id="coverage-title">Port coverage</h2>
<p>Each row of each document as it is written, how it is read at this site, its state, and the config lines that let it
through. An optional row is never missing.</p>
${parts.length > 0 ? parts : html`<p>No row of a document concerns these hosts.</p>`}
</section>`;
}

function baselinePart(id: string, title: string, judged: readonly Judged[], page: Page): Html {
  const { budget } = page;
  const rows = group(judged, ({ connection: c }) => JSON.stringify([c.id, c.direction]));
  const applies = ([, some]: [string, Judged[]]): boolean =>
    some.some(({ connection }) => connection.status !== 'not-applicable');
  const used = fitting(rows.filter(applies), ([, some]) => row(some, page), budget);
  const idle = fitting(
    rows.filter((one) => !applies(one)),
    ([, some]) => row(some, page),
    budget,
  );
  const rest = used.rest.length + idle.rest.length;
  return html`<h3>${title} <code>${id}</code></h3>
${used.shown.length > 0 && table(used.shown)}
${idle.shown.length > 0 && html`<details><summary>${count(idle.shown.length, 'row')} that ${idle.shown.length === 1 ? 'does' : 'do'} not apply here, and why</summary>${table(idle.shown)}</details>`}
${rest > 0 && html`<p>And ${count(rest, 'more row')}. ${WHOLE}</p>`}`;
}

function table(rows: readonly Html[]): Html {
  return html`<table class="stack coverage"><thead><tr><th scope="col">Row as written</th><th scope="col">Read as</th><th scope="col">State and config lines</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

function row(some: readonly Judged[], page: Page): Html {
  const { connection } = some[0] as Judged;
  const { document, id, direction, level } = connection;
  return html`<tr><th scope="row"><span class="cells">${document.text}</span><small>${document.row}. <code>${id}</code>, ${direction}, ${level}</small></th>
<td>${readings(some)}</td>
<td>${states(some, page)}</td></tr>
`;
}

/** How the row is read: once where all hosts read it alike. */
function readings(some: readonly Judged[]): Html[] {
  const kinds = group(some, ({ connection: { reading } }) =>
    reading === undefined ? '' : readingText(reading) + (reading.because ?? ''),
  );
  return kinds
    .slice(0, OPEN_HOSTS)
    .map(([, own]) => {
      const { reading } = (own[0] as Judged).connection;
      const where = kinds.length > 1 && html`<small>${hostNames(own.map(({ host }) => host))}</small>`;
      if (reading === undefined) return html`<p>This report was made without it.</p>`;
      const because = reading.because !== undefined && html` <em>${reading.because}</em>`;
      return html`<p>${readingText(reading)}${because} ${where}</p>`;
    })
    .concat(
      kinds.length > OPEN_HOSTS
        ? [html`<p>and in ${count(kinds.length - OPEN_HOSTS, 'more way')} on other hosts. ${ALONE}</p>`]
        : [],
    );
}

function states(some: readonly Judged[], page: Page): Html[] {
  return STATE_ORDER.flatMap((status) => {
    const own = some.filter(({ connection }) => connection.status === status);
    return own.length === 0 ? [] : [state(status, own, some.length, page)];
  });
}

function state(status: ConnectionStatus, own: readonly Judged[], all: number, page: Page): Html {
  const alone = all === 1;
  const where = alone
    ? ''
    : ` on ${own.length === all ? `all ${thousands(all)} hosts` : count(own.length, 'host')}`;
  const optional = status === 'satisfied' && own.every(({ connection }) => connection.level === 'optional');
  const told = status === 'not-applicable' ? [] : own;
  return html`<div class="of">${stateMark(status)}${where}${optional && html` <small>optional</small>`}
${reasons(own)}${places(told, alone, page)}${!alone && told.length === 0 && html`<p><small>${hostNames(own.map(({ host }) => host))}</small></p>`}</div>
`;
}

function reasons(own: readonly Judged[]): Html[] {
  const distinct = [...new Set(own.flatMap(({ connection }) => connection.reason ?? []))];
  return distinct.slice(0, OPEN_HOSTS).map((reason) => html`<p class="quiet">${reason}</p>`);
}

/** Each host's lines; many hosts stand folded. */
function places(own: readonly Judged[], alone: boolean, { about, name }: Page): Html | false {
  const listed = own.slice(0, LISTED_HOSTS).map(({ host, connection }) => {
    const key = JSON.stringify([host, connection.baseline, connection.id]);
    const known = about.get(key) ?? [];
    const links = known.length > 0 && html` ${numberLinks(known.slice(0, LINKS))}`;
    const lines = html`${lineList(linesOf(connection, known), connection.status, name)}${links}`;
    return alone
      ? html`<p class="lines">${lines}</p>`
      : html`<li><b>${host}</b> ${lines}</li>
`;
  });
  if (listed.length === 0) return false;
  if (alone) return html`${listed}`;
  const rest = own.length - listed.length;
  const list = html`<ul class="lines">${listed}${rest > 0 && html`<li>and ${count(rest, 'more host')}. ${ALONE}</li>`}</ul>`;
  return own.length <= OPEN_HOSTS
    ? list
    : html`<details><summary>which, and the lines</summary>${list}</details>`;
}

/** The lines that let the row through; what a row forbids is opened by the lines of its findings. */
function linesOf({ openedBy, level }: ConnectionReport, known: readonly Numbered[]): readonly Evidence[] {
  if (level !== 'prohibited') return openedBy ?? [];
  return known.flatMap(({ finding }) => (finding.rule === 'prohibited-open' ? finding.evidence : []));
}

/** States of which it says nothing that no line lets the row through. */
const UNTOLD: ReadonlySet<ConnectionStatus> = new Set(['undetermined', 'waived']);

/** Lines by file and what they do: `rules.v4:12, 14-15`; `all.json:1:688` where several rules share a line. */
function lineList(lines: readonly Evidence[], status: ConnectionStatus, name: Page['name']): Html | false {
  if (lines.length === 0) return !UNTOLD.has(status) && html`<span class="quiet">no config line</span>`;
  const parts = group(lines, ({ file, note }) => JSON.stringify([file, note]));
  return html`${parts.map(([, own], i) => {
    const { file, note } = own[0] as Evidence;
    const numbers = numbersOf(own, name);
    return html`${i > 0 && '; '}<code>${file}:${numbers}</code>${note !== undefined && note !== 'opens' && html` <small>${note}</small>`}`;
  })}`;
}

function numbersOf(places: readonly Evidence[], name: Page['name']): string {
  const [whole, parts] = [true, false].map((alone) =>
    places.filter((place) => (name(place) === `${place.file}:${place.line}`) === alone),
  ) as [Evidence[], Evidence[]];
  const columns = parts.map(({ line, column }) => `${line}:${column}`);
  return [...(whole.length > 0 ? [numberRanges(whole.map(({ line }) => line))] : []), ...columns].join(', ');
}
