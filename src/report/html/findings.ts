import type { FindingCode, Report } from '../../finding/report.ts';
import { Budget, fitting } from './budget.ts';
import { FindingCards } from './finding-card.ts';
import { group } from './grouping.ts';
import { kindOf, titleOf } from './links.ts';
import type { Numbered } from './numbered.ts';
import { html, type Html } from './template.ts';
import { count, FAMILY, severityMark, subject, thousands, WHOLE } from './words.ts';

/** Characters for the cards of all findings together, and for their index. */
const CARDS = 2_000_000;
const INDEX = 450_000;
/** Cards of a section that stand open; a browser lays out what is folded only when it is unfolded. */
const OPEN_CARDS = 60;
/** Index rows that stand open. */
const OPEN_ROWS = 60;

/** The three sections of findings: an index of all with the missing ones, then what is excessive, then contradictions. */
export function findingSections(report: Report, findings: readonly Numbered[]): Html[] {
  const cards = new FindingCards(report);
  const budget = new Budget(CARDS);
  // The worst first, whatever their section, so that what has no room is the least of all.
  const withCard = new Map(
    fitting(findings, (one) => cards.card(one), budget).shown.map((card, i) => [i + 1, card]),
  );
  const part = (code: FindingCode): Html => section(findings, code, withCard);
  return [
    html`<section id="findings" aria-labelledby="findings-title">
<h2 id="findings-title">Findings</h2>
${index(findings, withCard)}
<h3>Missing connections</h3>
<p>A document needs these, and the configs do not let them through.</p>
${part('missing')}
</section>`,
    html`<section id="excessive" aria-labelledby="excessive-title">
<h2 id="excessive-title">Excessive openings</h2>
<p>The configs let these through, and no row documents them.</p>
${part('excessive')}
</section>`,
    html`<section id="conflicts" aria-labelledby="conflicts-title">
<h2 id="conflicts-title">Conflicts</h2>
<p>Rules, address families, layers or documents that contradict each other.</p>
${part('conflicting')}
</section>`,
  ];
}

function section(
  findings: readonly Numbered[],
  code: FindingCode,
  withCard: ReadonlyMap<number, Html>,
): Html {
  const own = findings.filter(({ finding }) => finding.code === code);
  if (own.length === 0) return html`<p>There are none.</p>`;
  const cards = own.flatMap(({ number }) => withCard.get(number) ?? []);
  const rest = own.filter(({ number }) => !withCard.has(number));
  const more = cards.slice(OPEN_CARDS);
  return html`${cards.slice(0, OPEN_CARDS)}
${
  more.length > 0 &&
  html`<details><summary>${count(more.length, 'more finding')} with evidence, less severe or as severe</summary>
${more}</details>`
}${rest.length > 0 && beyond(rest)}`;
}

/** Findings for whose evidence there is no room, by host and rule. */
function beyond(rest: readonly Numbered[]): Html {
  const groups = group(rest, ({ host, finding }) => JSON.stringify([host, finding.rule, finding.severity]));
  const { shown, rest: more } = fitting(
    groups,
    ([, own]) => {
      const [first] = own as [Numbered];
      return html`<tr><th scope="row">${first.host}</th><td>${kindOf(first)}</td><td>${severityMark(first.finding.severity)}</td><td>${thousands(own.length)}</td></tr>
`;
    },
    new Budget(120_000),
  );
  return html`<h3>Without evidence here: ${count(rest.length, 'finding')}</h3>
<p>This page shows the evidence of the worst findings only, so that it opens at once. ${WHOLE}</p>
<table><thead><tr><th scope="col">Host</th><th scope="col">Kind</th><th scope="col">Severity</th><th scope="col">Findings</th></tr></thead><tbody>${shown}</tbody></table>
${
  more.length > 0 &&
  html`<p>And ${count(
    more.reduce((sum, [, own]) => sum + own.length, 0),
    'more finding',
  )} of ${count(more.length, 'other kind or host', 'other kinds or hosts')}.</p>`
}`;
}

function index(findings: readonly Numbered[], withCard: ReadonlyMap<number, Html>): Html {
  if (findings.length === 0) return html`<p>There are none.</p>`;
  const { shown, rest } = fitting(
    findings,
    (one) => indexRow(one, withCard.has(one.number)),
    new Budget(INDEX),
  );
  const more = shown.slice(OPEN_ROWS);
  return html`<p>${count(findings.length, 'finding')}, the worst first. <em>Definite</em> holds whatever the matches do that postern does not
model; <em>possible</em> depends on one. A waived finding stays in the list.</p>
${indexTable(shown.slice(0, OPEN_ROWS))}
${more.length > 0 && html`<details><summary>${count(more.length, 'more finding')}</summary>${indexTable(more)}</details>`}
${rest.length > 0 && html`<p>And ${count(rest.length, 'more finding')}, the least severe. ${WHOLE}</p>`}`;
}

function indexTable(rows: readonly Html[]): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Index of findings"><table class="index"><thead><tr><th scope="col">No.</th><th scope="col">Severity</th><th scope="col">Finding</th><th scope="col">Host</th><th scope="col">Row</th><th scope="col">Where</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function indexRow(one: Numbered, hasCard: boolean): Html {
  const { number, finding, host } = one;
  const id = hasCard ? '' : html` id="f${number}"`;
  const no = hasCard ? html`<a href="#f${number}">F${number}</a>` : `F${number}`;
  const waived = finding.waived !== undefined && html` <span class="tag">waived</span>`;
  return html`<tr${id}><th scope="row">${no}</th><td>${severityMark(finding.severity)}</td><td>${titleOf(one)}${waived}</td><td>${host}</td><td>${subject(finding)}</td><td>${FAMILY[finding.family]} ${finding.hook}, ${finding.certainty}</td></tr>
`;
}
