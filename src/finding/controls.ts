import type {
  ControlReference,
  ControlsReport,
  EvidenceStrength,
  Framework,
  RequirementEvidence,
  SatisfiedState,
} from './control-types.ts';
import data from './controls.json' with { type: 'json' };
import type { ConnectionReport, Finding, HostReport } from './report.ts';

export type * from './control-types.ts';

/** The frameworks that postern maps its findings to, in the order of reports (data: controls.json). */
export const FRAMEWORKS: readonly Framework[] = data.frameworks;

/** From the most direct to the least. */
export const STRENGTHS: readonly EvidenceStrength[] = ['supports', 'partially', 'indirectly'];

const byRule = new Map<string, readonly ControlReference[]>();
const byState = new Map<string, readonly ControlReference[]>();
for (const entry of data.evidence) {
  if ('rule' in entry) byRule.set(entry.rule, references(entry.requirements));
  else byState.set(entry.state, references(entry.requirements));
}

/** The requirements on which a finding of this rule is evidence, in the frameworks' order; empty for an unknown rule. */
export function controlsOfRule(rule: string): readonly ControlReference[] {
  return byRule.get(rule) ?? [];
}

/** The requirements on which a satisfied row is evidence. */
export function controlsOfState(state: SatisfiedState): readonly ControlReference[] {
  return byState.get(state) ?? [];
}

/**
 * What a row's status evidences: only a satisfied one says anything by itself, and what is wrong with the others is told
 * by findings. A satisfied optional row is no evidence: it is satisfied whether it is open or closed.
 */
export function stateOf(connection: Pick<ConnectionReport, 'status' | 'level'>): SatisfiedState | undefined {
  if (connection.status !== 'satisfied' || connection.level === 'optional') return undefined;
  return connection.level === 'prohibited' ? 'prohibited-closed' : 'needed-open';
}

/** A short name that is the same everywhere, for tags: `pci-dss:1.2.5`, `nist-800-53:SC-7(5)`. */
export function controlTag(reference: ControlReference): string {
  return `${reference.framework}:${reference.requirement}`;
}

/** The controls of a report over these hosts: each requirement with what evidences it. */
export function controlsReport(
  hosts: readonly {
    readonly connections: HostReport['connections'];
    readonly findings: readonly Pick<Finding, 'rule' | 'waived'>[];
  }[],
): ControlsReport {
  const rules: ControlCounts['rules'] = new Map();
  const states: ControlCounts['states'] = new Map();
  for (const host of hosts) {
    for (const { rule, waived } of host.findings) {
      const count = rules.get(rule) ?? { findings: 0, waived: 0 };
      if (waived === undefined) count.findings++;
      else count.waived++;
      rules.set(rule, count);
    }
    for (const connection of host.connections) {
      const state = stateOf(connection);
      if (state !== undefined) states.set(state, (states.get(state) ?? 0) + 1);
    }
  }
  return controlsOf({ rules, states });
}

/** What evidences requirements, counted. */
export interface ControlCounts {
  /** Findings by rule. */
  readonly rules: Map<string, { findings: number; waived: number }>;
  /** Rows by what they show. */
  readonly states: Map<SatisfiedState, number>;
}

/** The controls of a report that has so many findings and rows. */
export function controlsOf({ rules, states }: ControlCounts): ControlsReport {
  return {
    frameworks: FRAMEWORKS.map((framework) => ({
      ...framework,
      requirements: framework.requirements.map((requirement): RequirementEvidence => {
        const strength = (list: readonly ControlReference[]): EvidenceStrength | undefined =>
          list.find((r) => r.framework === framework.id && r.requirement === requirement.id)?.strength;
        const against = [...rules].flatMap(([rule, counts]) => {
          const how = strength(controlsOfRule(rule));
          return how === undefined ? [] : [{ rule, strength: how, ...counts }];
        });
        const satisfied = [...states].flatMap(([state, connections]) => {
          const how = strength(controlsOfState(state));
          return how === undefined ? [] : [{ state, strength: how, connections }];
        });
        return { ...requirement, against: sorted(against, 'rule'), for: sorted(satisfied, 'state') };
      }),
    })),
  };
}

/** The most direct evidence first, then by name. */
function sorted<K extends 'rule' | 'state', T extends { strength: EvidenceStrength } & Record<K, string>>(
  list: readonly T[],
  key: K,
): T[] {
  const rank = (item: T): number => STRENGTHS.indexOf(item.strength);
  return [...list].sort((a, b) => rank(a) - rank(b) || (a[key] < b[key] ? -1 : 1));
}

type Named = Readonly<Record<string, readonly string[] | undefined>>;

function references(
  requirements: {
    readonly [strength in EvidenceStrength]?: Named;
  },
): readonly ControlReference[] {
  return FRAMEWORKS.flatMap((framework) =>
    framework.requirements.flatMap(({ id }) =>
      STRENGTHS.filter((strength) => requirements[strength]?.[framework.id]?.includes(id)).map(
        (strength) => ({
          framework: framework.id,
          requirement: id,
          strength,
        }),
      ),
    ),
  );
}
