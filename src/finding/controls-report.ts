import type {
  ControlsReport,
  EvidenceStrength,
  RequirementEvidence,
  SatisfiedState,
} from './control-types.ts';
import {
  type ControlReference,
  controlsOfRule,
  controlsOfState,
  FRAMEWORKS,
  STRENGTHS,
  stateOf,
  wayOf,
} from './controls.ts';
import type { Direction, Finding, HostReport } from './report.ts';

/** The controls of a report over these hosts: each requirement with what evidences it. */
export function controlsReport(
  hosts: readonly {
    readonly connections: HostReport['connections'];
    readonly findings: readonly Pick<Finding, 'rule' | 'hook' | 'waived'>[];
  }[],
): ControlsReport {
  const rules = new Map<string, { findings: number; waived: number }>();
  const states = new Map<string, { connections: number }>();
  for (const host of hosts) {
    for (const finding of host.findings) {
      const key = countKey(finding.rule, wayOf(finding));
      const count = rules.get(key) ?? { findings: 0, waived: 0 };
      if (finding.waived === undefined) count.findings++;
      else count.waived++;
      rules.set(key, count);
    }
    for (const connection of host.connections) {
      const state = stateOf(connection);
      if (state === undefined) continue;
      const key = countKey(state, connection.direction);
      states.set(key, { connections: (states.get(key)?.connections ?? 0) + 1 });
    }
  }
  return controlsOf({ rules, states });
}

/** Under what findings of a rule, or rows in a state, are counted that go one way. */
export function countKey(kind: string, way: Direction): string {
  return `${kind} ${way}`;
}

type Counts<F extends string> = ReadonlyMap<string, Readonly<Record<F, number>>>;

/** What evidences requirements, counted, each under its {@link countKey}. */
export interface ControlCounts {
  readonly rules: Counts<'findings' | 'waived'>;
  readonly states: Counts<'connections'>;
}

/** The controls of a report that has so many findings and rows. */
export function controlsOf({ rules, states }: ControlCounts): ControlsReport {
  return {
    frameworks: FRAMEWORKS.map((framework) => ({
      ...framework,
      requirements: framework.requirements.map((requirement): RequirementEvidence => {
        const strength = (list: readonly ControlReference[]): EvidenceStrength | undefined =>
          list.find((r) => r.framework === framework.id && r.requirement === requirement.id)?.strength;
        const against = evidenceOn(rules, (rule, way) => strength(controlsOfRule(rule, way)));
        const satisfied = evidenceOn<SatisfiedState, 'connections'>(states, (state, way) =>
          strength(controlsOfState(state, way)),
        );
        return {
          ...requirement,
          against: against.map(({ kind, strength: how, counts }) => ({
            rule: kind,
            strength: how,
            ...counts,
          })),
          for: satisfied.map(({ kind, strength: how, counts }) => ({
            state: kind,
            strength: how,
            ...counts,
          })),
        };
      }),
    })),
  };
}

interface Evidenced<K extends string, F extends string> {
  readonly kind: K;
  readonly strength: EvidenceStrength;
  readonly counts: Readonly<Record<F, number>>;
}

/** What bears on a requirement, each kind once, whichever way it goes: the most direct first, then by name. */
function evidenceOn<K extends string, F extends string>(
  counted: Counts<F>,
  strengthOf: (kind: K, way: Direction) => EvidenceStrength | undefined,
): Evidenced<K, F>[] {
  const found = new Map<K, Evidenced<K, F>>();
  for (const [key, counts] of counted) {
    const [kind, way] = key.split(' ') as [K, Direction];
    const strength = strengthOf(kind, way);
    if (strength === undefined) continue;
    const known = found.get(kind);
    found.set(kind, { kind, strength, counts: known === undefined ? counts : sum(known.counts, counts) });
  }
  const rank = (item: Evidenced<K, F>): number => STRENGTHS.indexOf(item.strength);
  return [...found.values()].sort((a, b) => rank(a) - rank(b) || (a.kind < b.kind ? -1 : 1));
}

function sum<F extends string>(
  a: Readonly<Record<F, number>>,
  b: Readonly<Record<F, number>>,
): Record<F, number> {
  return Object.fromEntries((Object.keys(a) as F[]).map((key) => [key, a[key] + b[key]])) as Record<
    F,
    number
  >;
}
