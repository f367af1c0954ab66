import type { Evidence, Finding, Report } from '../../finding/report.ts';
import { mendOf } from '../../finding/mend.ts';
import { describeBox, describeTranslated } from '../describe.ts';
import { witnessShape } from '../json.ts';
import { titleOf } from './links.ts';
import type { Numbered } from './numbered.ts';
import { prose } from './prose.ts';
import { html, type Html, type Value } from './template.ts';
import { count, FAMILY, severityMark, thousands, WHOLE } from './words.ts';

const SHOWN_BOXES = 6;
const SHOWN_EVIDENCE = 8;
const SHOWN_PATH = 24;
/** Characters of a config line; a hostile line of a million is not repeated. */
const LINE = 600;
/** Config lines before and after. */
const AROUND = 2;

/** Makes the cards of findings: what is wrong, the proof, and what to do. */
export class FindingCards {
  private readonly lines: ReadonlyMap<string, ReadonlyMap<number, string>>;
  private readonly fresh: ReadonlySet<string>;

  constructor(report: Report) {
    this.lines = new Map(
      (report.excerpts ?? []).map(({ file, lines }) => [
        file,
        new Map(lines.map(({ line, text }) => [line, text])),
      ]),
    );
    this.fresh = new Set(report.previous?.new ?? []);
  }

  /** One finding. */
  card(one: Numbered): Html {
    const { number, host, finding } = one;
    const fresh = this.fresh.has(finding.fingerprint) && html` <span class="tag">new</span>`;
    const waived =
      (finding.waived !== undefined && html` <span class="tag">waived: ${finding.waived}</span>`) ||
      (finding.known === true && html` <span class="tag">known</span>`);
    return html`<article class="finding ${finding.severity}" id="f${number}" aria-labelledby="t${number}">
<h3 id="t${number}"><span class="no">F${number}</span> ${severityMark(finding.severity)} ${titleOf(one)}${fresh}${waived}</h3>
<p class="where">${host} · ${FAMILY[finding.family]} · ${finding.hook} · ${finding.certainty} · <code>${finding.rule}</code></p>
<p>${finding.message}</p>
<dl>
${row(finding)}${packets(finding)}${list('Depends on', finding.dependsOn)}
${term('Evidence', this.evidence(finding.evidence))}
${path(finding)}${term('Witness packet', html`<code>${JSON.stringify(witnessShape(finding.witness))}</code>`)}
${term('What to do', prose(mendOf(finding) ?? 'See the documentation of the rule.'))}
${term('Fingerprint', html`<code class="digest">${finding.fingerprint}</code>`)}
</dl></article>
`;
  }

  private evidence(evidence: readonly Evidence[]): Html {
    const rest = evidence.length - SHOWN_EVIDENCE;
    return html`${evidence.slice(0, SHOWN_EVIDENCE).map((place) => this.place(place))}${rest > 0 && html`<p>And ${count(rest, 'more line')}. ${WHOLE}</p>`}`;
  }

  private place(place: Evidence): Html {
    const { file, line, column, text, note } = place;
    const around = this.lines.get(file);
    const before = [line - 2, line - 1].flatMap((at) => contextLine(around, at));
    const after = [line + 1, line + AROUND].flatMap((at) => contextLine(around, at));
    return html`<figure class="excerpt"><figcaption><span class="path">${file}</span>:${line}:${column}${note !== undefined && html` <b>${note}</b>`}</figcaption>
<pre>${before}<mark><span class="n">${line}</span> ${cut(text)}</mark>
${after}</pre></figure>`;
  }
}

function contextLine(lines: ReadonlyMap<number, string> | undefined, at: number): Html[] {
  const text = lines?.get(at);
  return text === undefined
    ? []
    : [
        html`<span class="n">${at}</span> ${cut(text)}
`,
      ];
}

function cut(text: string): string {
  const rest = text.length - LINE;
  return rest > 0 ? `${text.slice(0, LINE)}… (${thousands(rest)} more characters)` : text;
}

function term(name: string, value: Value): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function list(name: string, values: readonly string[] | undefined): Html | false {
  if (values === undefined || values.length === 0) return false;
  return term(name, html`<ul>${values.map((value) => html`<li><code>${cut(value)}</code></li>`)}</ul>`);
}

function row({ baseline, connection, document }: Finding): Html | false {
  if (connection === undefined && document === undefined) return false;
  const name =
    connection !== undefined && html`<code>${baseline !== undefined && `${baseline}: `}${connection}</code> `;
  const cells = document !== undefined && html`${document.row}: <q class="cells">${document.text}</q>`;
  return term('Row', html`${name}${cells}`);
}

function packets({ packets: boxes, translated }: Finding): Html {
  const rest = boxes.length - SHOWN_BOXES;
  const shown = boxes.slice(0, SHOWN_BOXES).map((box) => html`<li>${describeBox(box)}</li>`);
  const more = rest > 0 && html`<li>and ${count(rest, 'more set')} of packets. ${WHOLE}</li>`;
  const to = translated !== undefined && html`<p>translated to ${describeTranslated(translated)}</p>`;
  return term('Packets', html`<ul>${shown}${more}</ul>${to}`);
}

/** The witness's way. It is told only where it says more than the evidence does. */
function path({ path: steps, evidence }: Finding): Html | false {
  if (steps === undefined || steps.length === 0) return false;
  const quoted = new Set(evidence.map(({ file, line, text }) => `${line} ${text.trim()} ${file}`));
  const told = steps.slice(0, SHOWN_PATH).map(({ file, line, text }) => {
    const known = quoted.has(`${line} ${text.trim()} ${file}`);
    return html`<li><span class="path">${file}</span>:${line}${known ? html` <span class="quiet">as above</span>` : html` <code>${cut(text)}</code>`}</li>`;
  });
  const rest = steps.length - SHOWN_PATH;
  return term(
    'Path of rules',
    html`<ol>${told}${rest > 0 && html`<li>and ${count(rest, 'more line')}; postern trace tells all</li>`}</ol>`,
  );
}
