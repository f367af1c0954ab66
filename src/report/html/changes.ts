import type { PreviousReport } from '../../finding/report.ts';
import { numberLinks } from './links.ts';
import type { Numbered } from './numbered.ts';
import { html, type Html } from './template.ts';
import { count, severityMark, thousands, WHOLE } from './words.ts';

/** Findings that are named; the others are counted. */
const NAMED = 100;

/** What is different from an earlier report. */
export function changes(previous: PreviousReport | undefined, findings: readonly Numbered[]): Html {
  if (previous === undefined)
    return html`<h3>What changed</h3><p class="quiet">No earlier report was given to compare with.</p>`;
  const fresh = new Set(previous.new);
  const news = findings.filter(({ finding }) => fresh.has(finding.fingerprint));
  const gone = previous.gone.slice(0, NAMED);
  return html`<h3>What changed</h3>
<ul>
<li><b>${thousands(previous.new.length)} new</b>${news.length > 0 && html`: ${numberLinks(news.slice(0, NAMED))}${more(news.length)}`}</li>
<li><b>${thousands(previous.gone.length)} gone</b>${previous.gone.length > NAMED && html`, of which ${NAMED} are below. ${WHOLE}`}</li>
<li><b>${thousands(previous.unchanged)} unchanged</b></li>
</ul>
${
  gone.length > 0 &&
  html`<details><summary>${count(gone.length, 'finding')} that the earlier report has and this one has not</summary>
<ul>${gone.map(
    (
      g,
    ) => html`<li>${severityMark(g.severity)} <b>${g.rule}</b> on ${g.host}${g.connection !== undefined && html`, row <code>${g.connection}</code>`}: ${g.message}</li>
`,
  )}</ul></details>`
}`;
}

function more(n: number): string {
  return n > NAMED ? ` and ${thousands(n - NAMED)} more` : '';
}
