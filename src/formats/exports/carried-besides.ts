import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';

/** An interface, or what else carries groups, as messages call it. */
export interface Carrying {
  readonly name: string;
  readonly groups: readonly string[];
}

/**
 * What is told of a host that is named by groups where no exported interface has just these: the interface that is meant may have
 * others, and what they let through (or, where all must allow, close) is not looked at.
 */
export function carriedBesides(
  named: readonly string[],
  interfaces: readonly Carrying[],
  span: Span,
): CoverageEntry[] {
  const having = interfaces.filter(({ groups }) => named.every((one) => groups.includes(one)));
  if (having.some(({ groups }) => groups.every((one) => named.includes(one)))) return [];
  const [first] = having;
  const told = (reason: string): CoverageEntry[] => [{ span, status: 'approximated', reason }];
  if (first !== undefined) {
    const others = first.groups.filter((one) => !named.includes(one)).map((one) => `\`${one}\``);
    return told(
      `no exported interface has just the groups by which the host is named: \`${first.name}\` has ${others.join(', ')} besides, which are not applied to the host (name it by \`instance:\`, or by all of its groups)`,
    );
  }
  const carried = new Set(interfaces.flatMap(({ groups }) => groups));
  return named.length > 1 && named.every((one) => carried.has(one))
    ? told('no exported interface has all of the groups by which the host is named')
    : [];
}
