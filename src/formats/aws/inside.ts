import { formatAddress } from '../../packet/address.ts';
import { pairsOf } from '../../packet/ranges.ts';
import { allOf, type Condition, NEVER } from '../../rule/condition.ts';
import type { CoverageEntry, GroupMembers, Rule } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer, addressIs, EVERYBODY } from '../exports/addresses.ts';
import { type Direction, peerField, verdictRule } from '../exports/chains.ts';
import type { Subnet } from './content.ts';
import { subnetNetworks } from './reserved.ts';

/**
 * How large a subnet's network is: "between a /28 netmask and /16 netmask", in IPv6 "between /44 and /64".
 * (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html)
 */
const SIZES = { 4: { least: 28, most: 16 }, 6: { least: 64, most: 44 } } as const;

/** Peers inside of a subnet, whose traffic passes no network ACL. */
export interface Inside {
  readonly sure: GroupMembers;
  /** Where no export has its network of a family: those that may be inside of it. */
  readonly perhaps: GroupMembers;
}

/** Interfaces of one subnet: their addresses, and the families in which they may have others. */
interface Neighbours {
  readonly addresses: GroupMembers;
  readonly unsaid: readonly (4 | 6)[];
}

/**
 * Who is inside of the subnet of these interfaces: what its export says. Where that does not say it of a family (no export of subnets,
 * or a query left it out), its network is around the interfaces' addresses, of which size nobody knows.
 */
export function insideOfSubnet(subnet: Subnet | undefined, { addresses, unsaid }: Neighbours): Inside {
  const said = subnet === undefined ? { ipv4: [], ipv6: [] } : subnetNetworks(subnet);
  const sure = new AddressGatherer();
  const perhaps = new AddressGatherer();
  sure.addAll(said);
  for (const family of [4, 6] as const) {
    const name = family === 4 ? 'ipv4' : 'ipv6';
    if (said[name].length > 0) continue;
    if (unsaid.includes(family)) perhaps.addAll(EVERYBODY[family]);
    for (const [lo, hi] of pairsOf<number | bigint>(addresses[name])) {
      addAround(sure, family, [BigInt(lo), BigInt(hi)], SIZES[family].least);
      addAround(perhaps, family, [BigInt(lo), BigInt(hi)], SIZES[family].most);
    }
  }
  return { sure: sure.members, perhaps: perhaps.members };
}

/** The networks of both ends: a delegated prefix lies in one. */
function addAround(into: AddressGatherer, family: 4 | 6, ends: readonly bigint[], prefix: number): void {
  for (const end of ends) into.add(`${formatAddress(family, end)}/${prefix}`);
}

/** What is inside of the subnet passes no ACL. */
export function insideRules(
  { sure, perhaps }: Inside,
  direction: Direction,
  subnet: string,
  origin: Span,
): Rule[] {
  const why = 'traffic inside a subnet passes no network ACL';
  const field = peerField(direction);
  const text = `the peer is inside of ${subnet}, whose network no export has`;
  const unknown: Condition = { kind: 'opaque', text, stateful: false, span: origin };
  const conditions = [addressIs(field, sure), allOf([addressIs(field, perhaps), unknown])];
  return conditions.flatMap((one) => (one === NEVER ? [] : [verdictRule(one, 'accept', origin, why)]));
}

/** That nobody knows who is inside of a subnet. */
export function tellInside(subnet: string, { perhaps }: Inside, span: Span, coverage: CoverageEntry[]): void {
  if (perhaps.ipv4.length + perhaps.ipv6.length === 0) return;
  const reason = `no export has the network of \`${subnet}\` (\`aws ec2 describe-subnets\`): traffic inside of it passes no network ACL, and who is there is left open, among peers near its interfaces`;
  coverage.push({ span, status: 'approximated', reason });
}
