import type {
  ControlReference,
  EvidenceStrength,
  Framework,
  Requirement,
  SatisfiedState,
} from './control-types.ts';
import data from './controls.json' with { type: 'json' };
import type { ConnectionReport, Direction, Finding } from './report.ts';

export type * from './control-types.ts';

/** The frameworks that postern maps its findings to, in the order of reports (data: controls.json). */
export const FRAMEWORKS = data.frameworks as readonly Framework[];

/** From the most direct to the least. */
export const STRENGTHS: readonly EvidenceStrength[] = ['supports', 'partially', 'indirectly'];

const byRule = new Map<string, readonly ControlReference[]>();
const byState = new Map<string, readonly ControlReference[]>();
for (const entry of data.evidence) {
  if ('rule' in entry) byRule.set(entry.rule, references(entry.requirements));
  else byState.set(entry.state, references(entry.requirements));
}

/**
 * The requirements on which a finding of this rule is evidence, in the frameworks' order; empty for an unknown rule.
 * @param way where it was found: without those that are about the other direction alone. Absent: all of the rule
 */
export function controlsOfRule(rule: string, way?: Direction): readonly ControlReference[] {
  return bearing(byRule.get(rule) ?? [], way);
}

/** The requirements on which a satisfied row is evidence, in its direction if one is given. */
export function controlsOfState(state: SatisfiedState, way?: Direction): readonly ControlReference[] {
  return bearing(byState.get(state) ?? [], way);
}

/** Which way the packets of a finding go, as rows have it. */
export function wayOf({ hook }: Pick<Finding, 'hook'>): Direction {
  if (hook === 'forward') return 'forward';
  return hook === 'output' || hook === 'egress' ? 'out' : 'in';
}

const directed: ReadonlyMap<string, Requirement['direction']> = new Map(
  FRAMEWORKS.flatMap((framework) =>
    framework.requirements.flatMap(({ id, direction }) =>
      direction === undefined ? [] : [[`${framework.id}:${id}`, direction] as const],
    ),
  ),
);

function bearing(
  references: readonly ControlReference[],
  way: Direction | undefined,
): readonly ControlReference[] {
  if (way === undefined || way === 'forward') return references;
  return references.filter((one) => isOfWay(directed.get(controlTag(one)), way));
}

/** Whether a requirement of a direction is about what goes this way: what a firewall forwards goes in and out. */
export function isOfWay(direction: Requirement['direction'], way: Direction): boolean {
  return direction === undefined || way === 'forward' || way === direction;
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
