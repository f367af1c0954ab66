import { parsePrefix } from '../../packet/address.ts';
import { normalise, pairsOf } from '../../packet/ranges.ts';
import { anyOf, type Condition, NEVER } from '../../rule/condition.ts';
import type { CoverageEntry, GroupMembers } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';

/** Every address of a family. */
export const EVERYBODY: Readonly<Record<4 | 6, GroupMembers>> = {
  4: { ipv4: [0, 0xffffffff], ipv6: [] },
  6: { ipv4: [], ipv6: [0n, (1n << 128n) - 1n] },
};

/** Gathers addresses and networks of both families. */
export class AddressGatherer {
  private readonly four: [number, number][] = [];
  private readonly six: [bigint, bigint][] = [];

  /**
   * Adds an address or a network in CIDR notation; bits beyond the prefix are dropped, as every provider does.
   * @returns whether it was one
   */
  add(text: string): boolean {
    const prefix = parsePrefix(text);
    if (prefix === undefined) return false;
    this.addRange(prefix.family, prefix.lo, prefix.hi);
    return true;
  }

  /** Adds a range of one family. */
  addRange(family: 4 | 6, lo: bigint, hi: bigint): void {
    if (family === 4) this.four.push([Number(lo), Number(hi)]);
    else this.six.push([lo, hi]);
  }

  /** Adds what others have gathered. */
  addAll({ ipv4, ipv6 }: GroupMembers): void {
    // One by one: a list of many thousands is more than a call takes.
    for (const pair of pairsOf(ipv4)) this.four.push(pair);
    for (const pair of pairsOf(ipv6)) this.six.push(pair);
  }

  get members(): GroupMembers {
    return { ipv4: normalise(this.four), ipv6: normalise(this.six) };
  }
}

/** The packet's source or destination is one of the addresses; never, where there are none. */
export function addressIs(field: 'src' | 'dst', { ipv4, ipv6 }: GroupMembers): Condition {
  const four: Condition = ipv4.length === 0 ? NEVER : { kind: 'address', family: 4, field, values: ipv4 };
  const six: Condition = ipv6.length === 0 ? NEVER : { kind: 'address', family: 6, field, values: ipv6 };
  return anyOf([four, six]);
}

/** The one family that all of these networks are of; undefined where they are of both, there is none, or one is no network. */
function familyOf(texts: readonly string[]): 4 | 6 | undefined {
  const gathered = new AddressGatherer();
  if (texts.length === 0 || !texts.every((text) => gathered.add(text))) return undefined;
  const { ipv4, ipv6 } = gathered.members;
  if (ipv6.length === 0) return 4;
  return ipv4.length === 0 ? 6 : undefined;
}

/** Of a rule whose ends are networks of different families, which providers do not take: it matches nothing, and that is told. */
export function endsApart(
  source: readonly string[],
  destination: readonly string[],
  span: Span,
): CoverageEntry[] {
  const [from, to] = [familyOf(source), familyOf(destination)];
  if (from === undefined || to === undefined || from === to) return [];
  const reason = `the source is of IPv${from} and the destination of IPv${to}: the rule matches nothing`;
  return [{ span, status: 'ignored', reason }];
}
