import type { Party, ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { intersection, normalise, type Ranges } from '../../packet/ranges.ts';
import { hostAddresses } from '../rows/parties.ts';
import type { FamilyView } from '../view/view.ts';

const network4 = (a: number, b: number, c: number, length: number): readonly [number, number] => {
  const lo = ((a * 256 + b) * 256 + c) * 256;
  return [lo, lo + 2 ** (32 - length) - 1];
};
const network6 = (head: bigint, length: number): readonly [bigint, bigint] => {
  const lo = head << 96n;
  return [lo, lo | ((1n << BigInt(128 - length)) - 1n)];
};

/** For documentation: RFC 5737, RFC 3849. Examples use them as addresses of the Internet. */
const DOCUMENTATION = {
  4: normalise([network4(192, 0, 2, 24), network4(198, 51, 100, 24), network4(203, 0, 113, 24)]),
  6: normalise([network6(0x2001_0db8n, 32)]),
} as const;

/**
 * All that the registries of special addresses (RFC 6890) call not globally reachable among those that look as if they were: these, protocol
 * assignments (RFC 6890), relays of 6to4 (RFC 7526), benchmarks (RFC 2544, RFC 5180), ORCHID (RFC 4843), and the newer ones for documentation (RFC 9637).
 */
const SPECIAL = {
  4: normalise([
    ...[network4(192, 0, 0, 24), network4(192, 0, 2, 24), network4(192, 88, 99, 24)],
    ...[network4(198, 18, 0, 15), network4(198, 51, 100, 24), network4(203, 0, 113, 24)],
  ]),
  6: normalise([
    [0x2001_0002n << 96n, (0x2001_0002n << 96n) | ((1n << 80n) - 1n)] as const,
    ...[network6(0x2001_0010n, 28), network6(0x2001_0db8n, 32), network6(0x3fff_0000n, 20)],
  ]),
} as const;

/**
 * Whether what cannot pass of a need is needed by nobody: a rule set that drops addresses which nobody on the Internet has, and nothing
 * else, closes nothing to everybody there. Where it drops all that are for documentation it means them so; where it drops some of them, or
 * the host itself has a special address, they stand for others.
 *
 * @param lacking what of the need cannot pass
 */
export function isNobodys(
  view: FamilyView,
  host: ResolvedHost,
  row: ResolvedRow,
  needed: Node,
  lacking: Node,
): boolean {
  const { diagram, family, ruleset } = view;
  const own = hostAddresses(ruleset, host.own, family) ?? [];
  const special = SPECIAL[family] as Ranges<bigint>;
  if (intersection(own as Ranges<bigint>, special).length > 0) return false;
  return (['src', 'dst'] as const).some((field) => {
    if (!isEverybody(field === 'src' ? row.source : row.destination)) return false;
    if (diagram.difference(lacking, view.field(field, special)) !== NONE) return false;
    const examples = view.field(field, DOCUMENTATION[family]);
    const isNamed = diagram.and(lacking, examples) !== NONE;
    return !isNamed || diagram.difference(diagram.and(needed, examples), lacking) === NONE;
  });
}

const isEverybody = ({ binding }: Party): boolean => binding === 'any' || binding === 'internet';
