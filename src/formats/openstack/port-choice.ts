import { complement, intersection, union } from '../../packet/ranges.ts';
import { allOf, type Condition } from '../../rule/condition.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';
import { addressIs, EVERYBODY } from '../exports/addresses.ts';

/** Ports of one kind: where several kinds are of one instance, addresses tell whose a packet is. */
export interface Choosable {
  /** Their fixed addresses; undefined where the exports show none of a port of theirs. */
  readonly fixed: GroupMembers | undefined;
  /** These, and what else they may use. */
  readonly all: GroupMembers | undefined;
  readonly span: Span;
  /** What to call them. */
  readonly name: string;
}

/** By which port a packet passes that asks the next question: `of` is the kind's place among all. */
export interface Choice {
  readonly of: number;
  readonly match: Condition;
  /** Where the kind is shown. */
  readonly span: Span;
  /** Several kinds may have the address: which of them has is left open. */
  readonly shared: boolean;
}

const NOBODY: GroupMembers = { ipv4: [], ipv6: [] };
const ANY: GroupMembers = { ipv4: EVERYBODY[4].ipv4, ipv6: EVERYBODY[6].ipv6 };

const combined = (
  a: GroupMembers,
  b: GroupMembers,
  how: <T extends number | bigint>(x: readonly T[], y: readonly T[]) => readonly T[],
): GroupMembers => ({ ipv4: how(a.ipv4, b.ipv4), ipv6: how(a.ipv6, b.ipv6) });

const isEmpty = ({ ipv4, ipv6 }: GroupMembers): boolean => ipv4.length + ipv6.length === 0;

/**
 * How a packet is told to be of a kind of port, asked in this order. A fixed address is its own port's, whoever else may use it by an allowed
 * address pair; any other is of each port that may use it, and of those whose addresses nobody knows.
 */
export function choices(kinds: readonly Choosable[], field: 'src' | 'dst'): Choice[] {
  const wide = kinds.map(({ all = ANY }) => all);
  if (shares(wide).every(isEmpty)) return tier(kinds, wide, field);
  const fixed = kinds.map((kind) => kind.fixed ?? NOBODY);
  const others = without(fixed.reduce((a, b) => combined(a, b, union), NOBODY));
  return [
    ...tier(kinds, fixed, field),
    ...tier(
      kinds,
      wide.map((one) => combined(one, others, intersection)),
      field,
    ),
  ];
}

/** All other addresses. */
const without = ({ ipv4, ipv6 }: GroupMembers): GroupMembers => ({
  ipv4: complement(ipv4, 0, 0xffffffff),
  ipv6: complement(ipv6, 0n, (1n << 128n) - 1n),
});

/** Of each set what a later one has too. */
function shares(sets: readonly GroupMembers[]): GroupMembers[] {
  let later = NOBODY;
  return sets
    .toReversed()
    .map((one) => {
      const shared = combined(one, later, intersection);
      later = combined(one, later, union);
      return shared;
    })
    .reverse();
}

function tier(kinds: readonly Choosable[], sets: readonly GroupMembers[], field: 'src' | 'dst'): Choice[] {
  const shared = shares(sets);
  const open = kinds.flatMap(({ name, span }, of): Choice[] => {
    const addresses = shared[of] as GroupMembers;
    if (isEmpty(addresses)) return [];
    const text = `${name} has the address`;
    const which: Condition = { kind: 'opaque', text, stateful: false, span };
    return [{ of, match: allOf([addressIs(field, addresses), which]), span, shared: true }];
  });
  const rest = kinds.map(({ span }, of): Choice => {
    const alone = combined(sets[of] as GroupMembers, without(shared[of] as GroupMembers), intersection);
    return { of, match: addressIs(field, alone), span, shared: false };
  });
  return [...open, ...rest];
}
