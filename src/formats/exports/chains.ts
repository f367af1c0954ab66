import type { Condition } from '../../rule/condition.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';

/** The two ways of a packet past an instance's groups, and at which end of it the peer is. */
export const DIRECTIONS = ['ingress', 'egress'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The end of the packet that the peer is at. */
export const peerField = (direction: Direction): 'src' | 'dst' => (direction === 'ingress' ? 'src' : 'dst');
/** The end of the packet that the instance is at. */
export const ownField = (direction: Direction): 'src' | 'dst' => (direction === 'ingress' ? 'dst' : 'src');

/** What a base chain of a cloud is made of. */
export interface CloudChain {
  readonly name: string;
  /** `security-group` for what rules of groups say, another name for other layers. */
  readonly table: string;
  /** The layer's name in findings. */
  readonly layer: string;
  readonly direction: Direction;
  /** Layers farther from the instance have lower numbers, for packets to it as for packets from it. */
  readonly distance: number;
  readonly rules: readonly Rule[];
  readonly policy: 'accept' | 'drop';
  readonly origin: Span;
}

/**
 * A base chain of a cloud. Packets to the instance meet the farthest layer first, packets from it the nearest.
 */
export function cloudChain(given: CloudChain): Chain {
  const { name, table, layer, direction, distance, rules, policy, origin } = given;
  return {
    id: `${layer} ${direction} ${name}`,
    name,
    table,
    families: [4, 6],
    layer,
    rules,
    base: {
      hook: direction === 'ingress' ? 'cloud-ingress' : 'cloud-egress',
      priority: direction === 'ingress' ? distance : -distance,
      type: 'filter',
      policy,
      sequence: 0,
    },
    origin,
  };
}

/** A rule with a verdict. */
export function verdictRule(
  match: Condition,
  verdict: 'accept' | 'drop',
  origin: Span,
  implied?: string,
): Rule {
  const rule = { match, actions: [{ kind: 'verdict', verdict }], origin } as const;
  return implied === undefined ? rule : { ...rule, implied };
}

/** Connections that were let in are let out again, and errors about them: conntrack's index of `established` and `related`. */
export function statefulRule(origin: Span): Rule {
  const match: Condition = { kind: 'field', field: 'state', values: [1, 2] };
  return verdictRule(match, 'accept', origin, 'replies to connections that were let through pass');
}

/** Whether a condition depends on what no export says. */
export function isOpen(condition: Condition): boolean {
  if (condition.kind === 'and' || condition.kind === 'or') return condition.of.some(isOpen);
  return condition.kind === 'not' ? isOpen(condition.of) : condition.kind === 'opaque';
}
