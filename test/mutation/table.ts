import { type Kind, type Plan, planOf } from './mutants.ts';
import { IDS, siteOf } from './site.ts';

/** A baseline with the plans of its hosts. */
export interface Campaign {
  readonly id: string;
  readonly plans: readonly Plan[];
}

/** Everything that is mutated, in the order of the baselines. */
export function campaigns(): Campaign[] {
  return IDS.map((id) => ({ id, plans: siteOf(id).hosts.map(planOf) }));
}

const KINDS: readonly (readonly [Kind, string])[] = [
  ['removed', 'row closed'],
  ['prohibited-row', 'row forbidden'],
  ['dropped-row', 'row forgotten'],
  ['undocumented', 'undocumented'],
  ['prohibited', 'prohibited'],
  ['masked', 'masked'],
];

/** The table of docs/mutation.md: for each host the mutants by kind, and how many were caught. */
export function table(all: readonly Campaign[], caught: (plan: Plan) => number): string {
  const rows = all.flatMap(({ id, plans }) => [
    ...plans.map((plan) => cells(id, plan.host.name, [plan], caught(plan))),
    cells(
      id,
      '**all**',
      plans,
      plans.reduce((sum, plan) => sum + caught(plan), 0),
    ),
  ]);
  const every = all.flatMap(({ plans }) => plans);
  const total = every.reduce((sum, plan) => sum + caught(plan), 0);
  const lines = [
    ['baseline', 'host', ...KINDS.map(([, title]) => title), 'mutants', 'caught', 'equivalent'],
    ['---', '---', ...KINDS.map(() => '--:'), '--:', '--:', '--:'],
    ...rows,
    cells('**five**', '', every, total),
  ];
  return lines.map((line) => `| ${line.join(' | ')} |\n`).join('');
}

function cells(id: string, host: string, plans: readonly Plan[], caught: number): string[] {
  const mutants = plans.flatMap((plan) => plan.mutants);
  const equivalent = plans.reduce((sum, plan) => sum + plan.equivalent.length, 0);
  const counts = KINDS.map(([kind]) => mutants.filter((mutant) => mutant.kind === kind).length);
  return [id, host, ...[...counts, mutants.length, caught, equivalent].map(String)];
}
