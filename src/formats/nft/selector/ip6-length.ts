import { intersection, type Ranges } from '../../../packet/ranges.ts';
import { allOf, anyOf, type Condition } from '../../../rule/condition.ts';
import type { MakeOpaque } from '../lower/context.ts';
import { TYPES } from '../types/datatypes.ts';
import { between, derived, type Leaf, numeric } from './leaf.ts';

/** Bytes of IPv6's header, and from which length on those behind it make more than a packet's description has room for. */
const HEADER = 40n;
const LONGEST = 0xffffn - HEADER;

/** What is behind the header (RFC 8200, 3). A whole packet may be longer than 16 bits say: 65535 stands for all such lengths. */
export function lengthBehindHeader(guard: Condition, open: MakeOpaque): Leaf {
  const whole = numeric('length', TYPES.short, guard);
  const exact = derived(whole, TYPES.short, ([lo, hi]) => [lo + HEADER, hi + HEADER]);
  const member = (values: Ranges<bigint>): Condition => {
    const below = exact.member(intersection(values, [0n, LONGEST - 1n]));
    const beyond = intersection(values, [LONGEST, 0xffffn]);
    if (beyond.length === 0) return below;
    const long = between('length', 0xffff);
    const isWhole = beyond[0] === LONGEST && beyond[1] === 0xffffn;
    return anyOf([below, isWhole ? long : allOf([long, open(false)])]);
  };
  return { ...exact, member };
}
