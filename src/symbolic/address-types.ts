import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { rangesNode } from '../packet/literals.ts';
import { nameRanges } from '../packet/interface-names.ts';
import { normalise, type Ranges, union } from '../packet/ranges.ts';
import type { AddressTypeCondition } from '../rule/condition.ts';
import type { HostFacts } from '../rule/ruleset.ts';
import type { Place, Scope } from './scope.ts';

/** What is known of a condition on an address's type: where it holds, and where it is unknown. */
export interface TypeAnswer {
  readonly yes: Node;
  readonly unknown: Node;
}

/**
 * The addresses of a type, as far as the address alone or the host's facts decide it (kernel: inet_addr_type() and
 * ipv6_addr_type(); `ip-route(8)`, table local). IPv4: 127.0.0.0/8 is local, 224.0.0.0/4 multicast, 0.0.0.0/8 and
 * 255.255.255.255 broadcast, with facts every own address local and every subnet's broadcast address broadcast, and the
 * rest unicast. IPv6: ::1 local, ff00::/8 multicast; the rest depends on routes that no facts tell, but for own addresses.
 */
export function addressTypeAnswer(
  diagram: Diagram,
  condition: AddressTypeCondition,
  scope: Scope,
  place: Place,
  facts: HostFacts | undefined,
): TypeAnswer {
  const { field, types } = condition;
  const { family } = scope;
  const width = family === 4 ? 4 : 16;
  const node = (values: Ranges<number> | Ranges<bigint>): Node =>
    rangesNode(diagram, field, values, ALL, width);
  const wants = (type: string): boolean => (types as readonly string[]).includes(type);
  const fixed = fixedTypes(family);
  const multicast = node(fixed.multicast);
  const loopback = node(fixed.local);
  const broadcast = node([...fixed.broadcast, ...[]] as Ranges<number>);
  const known = diagram.or(diagram.or(multicast, loopback), broadcast);
  let yes: Node = NONE;
  if (wants('multicast')) yes = diagram.or(yes, multicast);
  if (wants('local')) yes = diagram.or(yes, loopback);
  if (wants('broadcast')) yes = diagram.or(yes, broadcast);
  const rest = diagram.not(known);
  if (facts !== undefined) return withFacts(diagram, condition, family, facts, { yes, rest, node, wants });
  const decided = condition.limit === undefined ? routedType(diagram, field, scope, place) : undefined;
  if (decided === undefined) return { yes, unknown: rest };
  const { local } = decided;
  if (wants('local')) yes = diagram.or(yes, diagram.and(rest, local));
  if (wants('unicast')) yes = diagram.or(yes, diagram.difference(rest, local));
  return { yes, unknown: NONE };
}

/**
 * Once routing has decided, a destination that is neither multicast nor broadcast by itself is local exactly where the
 * packet goes to this host. Undefined where nothing is decided yet.
 */
function routedType(
  diagram: Diagram,
  field: 'src' | 'dst',
  scope: Scope,
  place: Place,
): { local: Node } | undefined {
  if (field === 'src' || place.hook === 'prerouting') return undefined;
  if (scope.hook === 'input') return { local: ALL };
  if (scope.hook === 'forward') return { local: NONE };
  return { local: rangesNode(diagram, 'out', nameRanges([{ name: 'lo', prefix: false }]), ALL) };
}

interface Known {
  readonly yes: Node;
  readonly rest: Node;
  readonly node: (values: Ranges<number> | Ranges<bigint>) => Node;
  readonly wants: (type: string) => boolean;
}

function withFacts(
  diagram: Diagram,
  condition: AddressTypeCondition,
  family: 4 | 6,
  facts: HostFacts,
  { yes, rest, node, wants }: Known,
): TypeAnswer {
  if (condition.limit !== undefined) return { yes, unknown: rest };
  const own = diagram.and(rest, node(ownAddresses(facts, family)));
  const broadcasts = diagram.difference(diagram.and(rest, node(broadcastAddresses(facts, family))), own);
  const others = diagram.difference(diagram.difference(rest, own), broadcasts);
  let result = yes;
  if (wants('local')) result = diagram.or(result, own);
  if (wants('broadcast')) result = diagram.or(result, broadcasts);
  if (family === 4) {
    if (wants('unicast')) result = diagram.or(result, others);
    return { yes: result, unknown: NONE };
  }
  const rare = ['unicast', 'anycast', 'unreachable', 'prohibit', 'blackhole'].some(wants);
  return { yes: result, unknown: rare ? others : NONE };
}

function fixedTypes(family: 4 | 6): {
  local: Ranges<number> | Ranges<bigint>;
  multicast: Ranges<number> | Ranges<bigint>;
  broadcast: Ranges<number> | Ranges<bigint>;
} {
  if (family === 6) return { local: [1n, 1n], multicast: [0xffn << 120n, (1n << 128n) - 1n], broadcast: [] };
  return {
    local: [0x7f000000, 0x7fffffff],
    multicast: [0xe0000000, 0xefffffff],
    broadcast: [0, 0x00ffffff, 0xffffffff, 0xffffffff],
  };
}

/** The host's own addresses; on a loopback interface the whole network is local (`ip-address(8)`). */
export function ownAddresses(facts: HostFacts, family: 4 | 6): Ranges<number> | Ranges<bigint> {
  const pairs = facts.addresses
    .filter((address) => address.family === family)
    .map(({ address, loopback, prefixLength }): [bigint, bigint] => {
      if (!loopback || family === 6) return [address, address];
      const hostBits = BigInt(32 - prefixLength);
      const lo = (address >> hostBits) << hostBits;
      return [lo, lo + (1n << hostBits) - 1n];
    });
  return family === 6
    ? normalise(pairs)
    : normalise(pairs.map(([lo, hi]) => [Number(lo), Number(hi)] as const));
}

function broadcastAddresses(facts: HostFacts, family: 4 | 6): Ranges<number> {
  if (family === 6) return [];
  const pairs: [number, number][] = [];
  for (const { family: own, address, broadcast, prefixLength, loopback } of facts.addresses) {
    if (own !== 4 || loopback) continue;
    if (broadcast !== undefined) pairs.push([Number(broadcast), Number(broadcast)]);
    if (prefixLength < 31) {
      const last = Number(address | ((1n << BigInt(32 - prefixLength)) - 1n));
      pairs.push([last, last]);
    }
  }
  return normalise(pairs);
}

/** Every address that routing delivers to the host: its own and the loopback network. */
export function localAddresses(facts: HostFacts, family: 4 | 6): Ranges<number> | Ranges<bigint> {
  const own = ownAddresses(facts, family) as Ranges<bigint>;
  return union(own, fixedTypes(family).local as Ranges<bigint>);
}
