import type { Relation } from './relations.ts';
import { html, type Html } from './template.ts';
import { count } from './words.ts';

/** A greater matrix says nothing to the eye, and a page of squares costs its square. */
const MOST_ROLES = 40;

/** Role to role: what is documented between them, and what of it is open, missing or too much. */
export function matrix(relations: readonly Relation[] | undefined, picture: Html | undefined): Html {
  return html`<section id="matrix" aria-labelledby="matrix-title">
<h2 id="matrix-title">Role to role</h2>
${relations === undefined ? html`<p>This report was made without the detail that tells which roles a row is between.</p>` : content(relations, picture)}
</section>`;
}

function content(relations: readonly Relation[], picture: Html | undefined): Html {
  if (relations.length === 0)
    return html`<p>No row between roles applies here, and nothing is open beyond.</p>`;
  const roles = (end: 'from' | 'to'): string[] =>
    [...new Set(relations.map((relation) => relation[end]))].sort();
  const [from, to] = [roles('from'), roles('to')];
  const large = from.length > MOST_ROLES || to.length > MOST_ROLES;
  return html`<p>Each square counts the documented connections from the role on the left to the role above, one for each host that
was judged, and what became of them. Connections on the loopback interface are left out here; they stand in the port coverage.</p>
<p class="legend">${LEGEND.map(([key, word]) => html`<span class="mark ${key}">${SIGNS[key]} ${word}</span> `)}</p>
${large ? html`<p>${count(from.length, 'role')} by ${count(to.length, 'role')} are too many for a square table; the same is listed below.</p>` : table(relations, from, to)}
${picture ?? html`<p>There is nothing between roles to draw, or too much for a drawing to be read.</p>`}
<details${large && html` open`}><summary>The same as a list (${count(relations.length, 'pair')})</summary>${list(relations)}</details>`;
}

type Key = 'open' | 'missing' | 'excessive' | 'prohibited' | 'undetermined' | 'waived';

const SIGNS: Readonly<Record<Key, string>> = {
  open: '✓',
  missing: '✕',
  excessive: '▲',
  prohibited: '‼',
  undetermined: '?',
  waived: '∅',
};
const LEGEND: readonly (readonly [Key, string])[] = [
  ['open', 'documented and open'],
  ['missing', 'documented, and missing or partly open'],
  ['excessive', 'open and not documented'],
  ['prohibited', 'prohibited and open'],
  ['undetermined', 'undetermined'],
  ['waived', 'waived'],
];

function table(relations: readonly Relation[], from: readonly string[], to: readonly string[]): Html {
  const at = new Map(relations.map((relation) => [JSON.stringify([relation.from, relation.to]), relation]));
  const rows = from.map(
    (
      one,
    ) => html`<tr><th scope="row">${one}</th>${to.map((other) => cell(at.get(JSON.stringify([one, other]))))}</tr>
`,
  );
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Role to role matrix"><table class="matrix">
<caption>From the role on the left to the role above</caption>
<thead><tr><td></td>${to.map((role) => html`<th scope="col"><span>${role}</span></th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function cell(relation: Relation | undefined): Html {
  if (relation === undefined) return html`<td></td>`;
  return html`<td class="${heat(relation)}">${marks(relation)}</td>`;
}

/** The worst of a square gives it its colour, and how much of it its strength. */
function heat(relation: Relation): string {
  const { prohibited, missing, excessive, undetermined, waived, documented } = relation;
  if (prohibited > 0) return 'prohibited';
  if (missing > 0) return missing === documented ? 'missing all' : 'missing';
  if (excessive > 0) return 'excessive';
  if (undetermined > 0) return 'undetermined';
  return waived > 0 ? 'waived' : 'open';
}

function marks(relation: Relation): Html[] {
  return LEGEND.flatMap(([key, word]) =>
    relation[key] === 0
      ? []
      : [
          html`<span class="mark ${key}"><span aria-hidden="true">${SIGNS[key]}</span>${relation[key]}<span class="hidden"> ${word}</span></span> `,
        ],
  );
}

function list(relations: readonly Relation[]): Html {
  const rows = relations.map(
    (
      relation,
    ) => html`<tr><th scope="row">${relation.from}</th><td>${relation.to}</td><td>${relation.documented}</td><td>${marks(relation)}</td><td>${traffic(relation)}</td></tr>
`,
  );
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Pairs of roles"><table><thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">Documented</th><th scope="col">State</th><th scope="col">Traffic</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function traffic(relation: Relation): Html[] {
  return (['prohibited', 'open', 'missing', 'excessive'] as const).flatMap((key) =>
    relation.traffic[key].length === 0
      ? []
      : [
          html`<span class="pair"><b>${key}</b> ${relation.traffic[key].slice(0, 12).join('; ')}${relation.traffic[key].length > 12 && ` and ${relation.traffic[key].length - 12} more`}</span> `,
        ],
  );
}
