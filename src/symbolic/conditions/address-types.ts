import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { nameRanges } from '../../packet/interface-names.ts';
import { rangesNode } from '../../packet/literals.ts';
import { normalise, type Ranges } from '../../packet/ranges.ts';
import type { AddressType, AddressTypeCondition } from '../../rule/condition.ts';
import type { HostFacts } from '../../rule/ruleset.ts';
import type { Place, Scope, Surroundings } from '../scope.ts';

/** Types that only special routes give; nothing that postern reads tells of them. */
const SPECIAL: ReadonlySet<AddressType> = new Set([
  'anycast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
]);

/** The packets for which an address is of a type, and those for which nobody knows between the open types. */
export interface TypeSets {
  /** Disjoint sets of packets, by the type that their address is known to have. */
  readonly known: ReadonlyMap<AddressType, Node>;
  /** Packets whose address has one of `types`. */
  readonly open: Node;
  readonly types: readonly AddressType[];
  /** Packets whose address may be an anycast one, whatever else is said of them. */
  readonly anycast: Node;
}

/** The types that a condition asks for and only special routes give. */
export function specialOf({ types }: AddressTypeCondition): AddressType[] {
  return types.filter((type) => SPECIAL.has(type));
}

/** Whether the condition asks for a type that an ordinary address may have by a special route. */
export function asksSpecial({ types }: AddressTypeCondition): boolean {
  return types.some((type) => SPECIAL.has(type)) && !types.includes('unicast');
}

/**
 * What is known of an address's type (net/ipv4/fib_frontend.c, __inet_dev_addr_type; ipv6_addr_type): some addresses have theirs
 * by themselves; routing has told of a destination once the packet is at input, forward or output; the host's addresses tell of
 * the rest, where they are given.
 */
export function addressTypeSets(
  diagram: Diagram,
  field: 'src' | 'dst',
  device: string | undefined,
  scope: Scope,
  place: Place,
  surroundings: Surroundings,
): TypeSets {
  const { family } = scope;
  const width = family === 4 ? 4 : 16;
  const node = (values: Ranges<number> | Ranges<bigint>): Node =>
    rangesNode(diagram, field, values, ALL, width);
  const known = new Map<AddressType, Node>(fixedTypes(family).map(([type, values]) => [type, node(values)]));
  let rest = diagram.not(diagram.orAll([...known.values()]));
  const add = (type: AddressType, set: Node): void => {
    const inside = diagram.and(rest, set);
    known.set(type, diagram.or(known.get(type) ?? NONE, inside));
    rest = diagram.difference(rest, inside);
  };
  const { host } = surroundings;
  const broadcast = host === undefined ? NONE : node(broadcastAddresses(host, family, device));
  const local = host === undefined ? NONE : node(ownAddresses(host, family, device));
  const anycast = host === undefined || family === 4 ? NONE : node(routerAddresses(host, device));
  const routed =
    device === undefined && field === 'dst'
      ? routedDestination(diagram, scope, place, surroundings)
      : undefined;
  if (routed !== undefined) {
    add('local', host === undefined ? routed.local : diagram.difference(routed.local, broadcast));
    if (host !== undefined) add('broadcast', routed.local);
    add('unicast', routed.unicast);
    if (host !== undefined) {
      add('broadcast', broadcast);
      add('unicast', ALL);
    }
    return { known, open: rest, types: family === 4 ? ['unicast', 'broadcast'] : ['unicast'], anycast };
  }
  if (host !== undefined) {
    add('broadcast', broadcast);
    add('local', local);
    add('unicast', ALL);
  } else if (device === undefined && field === 'dst' && place.translated.toHost) add('local', ALL);
  return {
    known,
    open: rest,
    types: family === 4 ? ['unicast', 'local', 'broadcast'] : ['unicast', 'local'],
    anycast,
  };
}

/**
 * What the packet's being here says of its destination: at input it is the host's, at forward it is not, at output it is
 * exactly where the packet leaves by the loopback interface. Undefined before routing, and at output after a translation.
 */
function routedDestination(
  diagram: Diagram,
  scope: Scope,
  place: Place,
  surroundings: Surroundings,
): { local: Node; unicast: Node } | undefined {
  if (place.hook === 'prerouting' || place.hook === 'ingress' || place.hook === 'cloud-ingress')
    return undefined;
  // By the place, and not by the scope: chains of both hooks may be summarized for either's packets (chains/common.ts).
  if (place.hook === 'input') return { local: ALL, unicast: NONE };
  if (scope.hook !== 'output') return { local: NONE, unicast: ALL };
  if (place.translated.destination || place.translated.destinationPort) return undefined;
  const local = rangesNode(diagram, 'out', nameRanges(surroundings.loopbacks), ALL);
  return { local, unicast: scope.family === 6 ? diagram.not(local) : NONE };
}

function fixedTypes(family: 4 | 6): [AddressType, Ranges<number> | Ranges<bigint>][] {
  if (family === 4)
    return [
      ['broadcast', [0, 0x00ffffff, 0xffffffff, 0xffffffff]],
      ['multicast', [0xe0000000, 0xefffffff]],
    ];
  return [
    ['unspec', [0n, 0n]],
    ['multicast', [0xffn << 120n, (1n << 128n) - 1n]],
  ];
}

/** The host's own addresses, all or those of one interface; on a loopback interface the whole network is local (`ip-address(8)`). */
export function ownAddresses(
  facts: HostFacts,
  family: 4 | 6,
  device?: string,
): Ranges<number> | Ranges<bigint> {
  const pairs = facts.addresses
    .filter((own) => own.family === family && (device === undefined || own.interface === device))
    .map(({ address, loopback, prefixLength, secondary }): [bigint, bigint] => {
      if (!loopback || secondary || family === 6) return [address, address];
      const hostBits = (1n << BigInt(32 - prefixLength)) - 1n;
      return [address & ~hostBits, address | hostBits];
    });
  return family === 6
    ? normalise(pairs)
    : normalise(pairs.map(([lo, hi]) => [Number(lo), Number(hi)] as const));
}

/**
 * The first addresses of the host's IPv6 networks. A host that forwards answers to them as one of the network's routers
 * (RFC 4291, 2.6.1; net/ipv6/addrconf.c, addrconf_join_anycast); whether this one does is not known.
 */
export function routerAddresses(facts: HostFacts, device?: string): Ranges<bigint> {
  const networks = facts.addresses.filter(
    ({ family, prefixLength, interface: name }) =>
      family === 6 && prefixLength < 127 && (device === undefined || name === device),
  );
  return normalise(
    networks.map(({ address, prefixLength }): [bigint, bigint] => {
      const hostBits = BigInt(128 - prefixLength);
      const first = (address >> hostBits) << hostBits;
      return [first, first];
    }),
  );
}

/** The broadcast addresses of the host's networks (net/ipv4/fib_frontend.c, fib_add_ifaddr). */
export function broadcastAddresses(
  facts: HostFacts,
  family: 4 | 6,
  device?: string,
): Ranges<number> | Ranges<bigint> {
  const pairs: [number, number][] = [];
  for (const own of facts.addresses) {
    if (own.family !== 4 || family !== 4 || (device !== undefined && own.interface !== device)) continue;
    if (own.broadcast !== undefined && own.broadcast !== 0xffffffffn)
      pairs.push([Number(own.broadcast), Number(own.broadcast)]);
    if (own.secondary || own.prefixLength >= 31) continue;
    const last = Number(own.address | ((1n << BigInt(32 - own.prefixLength)) - 1n));
    pairs.push([last, last]);
  }
  return normalise(pairs);
}
