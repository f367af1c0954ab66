import type { CoverageLine, HostReport, Report, RuleUse, RuleUseStatus } from '../../finding/report.ts';
import { describeBox } from '../describe.ts';
import { placeNames } from '../places.ts';
import { Budget, fitting } from './budget.ts';
import { html, type Html } from './template.ts';
import { ALONE, count, thousands } from './words.ts';

const ROOM = 800_000;
/** Characters of a rule's text. */
const TEXT = 300;

const USE: Readonly<
  Record<RuleUseStatus, { readonly sign: string; readonly word: string; readonly tone: string }>
> = {
  used: { sign: '✓', word: 'in use', tone: 'good' },
  shadowed: { sign: '▨', word: 'shadowed', tone: 'warn' },
  unmatched: { sign: '∅', word: 'matches nothing', tone: 'warn' },
  uncalled: { sign: '–', word: 'never called', tone: 'warn' },
  'not-examined': { sign: '?', word: 'not examined', tone: 'quiet' },
};
const USES = Object.keys(USE) as readonly RuleUseStatus[];

/** Every rule of every config and what became of it. */
export function inventory(report: Report): Html {
  const hosts = report.hosts.filter((host) => host.inventory !== undefined);
  return html`<section id="inventory" aria-labelledby="inventory-title">
<h2 id="inventory-title">Rule inventory</h2>
${hosts.length === 0 ? html`<p>This report was made without it.</p>` : content(report, hosts)}
</section>`;
}

function content(report: Report, hosts: readonly HostReport[]): Html {
  const page = pageOf(report, hosts);
  const budget = new Budget(ROOM);
  const { shown, rest } = fitting(hosts, (host) => hostPart(host, page, hosts.length === 1), budget);
  const left = rest.map(
    (host) => html`<li><b>${host.name}</b>: ${counts(host.inventory ?? [])}</li>
`,
  );
  return html`<p>A rule is <em>in use</em> where some packet of any kind reaches it and can match, <em>shadowed</em> where other rules decide
all that it would match before it is asked; it <em>matches nothing</em> where its chain is called for other packets only. What a
rule <em>opens</em> is for new connections.</p>
${shown}
${rest.length > 0 && html`<h3>${count(rest.length, 'more host')}</h3><p>Their rules are counted here. ${ALONE}</p><ul>${left}</ul>`}`;
}

interface Page {
  readonly name: (rule: RuleUse) => string;
  /** What coverage says of the rule, where it is about that rule and no other on its line. */
  readonly status: (rule: RuleUse) => CoverageLine['status'] | undefined;
}

function pageOf(report: Report, hosts: readonly HostReport[]): Page {
  const name = placeNames(hosts.flatMap(({ inventory: rules }) => rules ?? []));
  const byLine = new Map(report.coverage.map((line) => [`${line.file}:${line.line}`, line]));
  const byText = new Map(
    report.coverage.map((line) => [`${line.file}:${line.line} ${line.text.trim()}`, line]),
  );
  return {
    name,
    status: (rule) => {
      const line = `${rule.file}:${rule.line}`;
      return (name(rule) === line ? byLine.get(line) : byText.get(`${line} ${rule.text}`))?.status;
    },
  };
}

function hostPart(host: HostReport, page: Page, open: boolean): Html {
  const rules = host.inventory ?? [];
  const idle = rules.filter(({ status }) => status !== 'used');
  const used = rules.filter(({ status }) => status === 'used');
  return html`<h3>${host.name}</h3>
<p>${counts(rules)}</p>
${idle.length > 0 && table(idle, page, `Rules of ${host.name} that are not in use`)}
${used.length > 0 && html`<details${open && html` open`}><summary>${count(used.length, 'rule')} in use</summary>${table(used, page, `Rules of ${host.name} in use`)}</details>`}
`;
}

function counts(rules: readonly RuleUse[]): string {
  const parts = USES.flatMap((status) => {
    const n = rules.filter((rule) => rule.status === status).length;
    return n === 0 ? [] : [`${thousands(n)} ${USE[status].word}`];
  });
  return `${count(rules.length, 'rule')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`;
}

function table(rules: readonly RuleUse[], page: Page, label: string): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table class="rules"><thead><tr><th scope="col">Place</th><th scope="col">Rule</th><th scope="col">State</th><th scope="col">Opens</th></tr></thead>
<tbody>${rules.map((rule) => row(rule, page))}</tbody></table></div>`;
}

function row(rule: RuleUse, page: Page): Html {
  const { sign, word, tone } = USE[rule.status];
  const told = page.status(rule);
  const place = page.name(rule).slice(rule.file.length);
  const rest = rule.text.length - TEXT;
  const text = rest > 0 ? `${rule.text.slice(0, TEXT)}… (${thousands(rest)} more characters)` : rule.text;
  return html`<tr><th scope="row"><span class="path">${rule.file}</span>${place}<small>${rule.table} ${rule.chain}</small></th>
<td><code>${text}</code></td>
<td><span class="state ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>${told !== undefined && html`<small>${told}</small>`}</td>
<td>${opens(rule)}</td></tr>
`;
}

function opens({ openings, opens: boxes = [], status }: RuleUse): Html | string {
  if (openings === undefined) return status === 'not-examined' ? 'not examined' : '';
  if (openings === 0) return html`<span class="none">nothing</span>`;
  const rest = openings - boxes.length;
  return html`${boxes.map(({ hook, certainty, box }) => html`<small>${hook}${certainty === 'possible' && ', possibly'}: ${describeBox(box)}</small>`)}${rest > 0 && html`<small>and ${count(rest, 'more set')} of packets: postern openings</small>`}`;
}
