import type { AddressType, AddressTypeCondition } from '../rule/condition.ts';
import type { HostFacts } from '../rule/ruleset.ts';
import { type AddressDomain, ofValues } from './domain.ts';
import { visibleNames } from './interfaces.ts';
import { addressIsIn, whichInterface, yesOrNo } from './narrow.ts';
import type { Pending, Truth } from './question.ts';
import type { Walk } from './walk.ts';

/** Types that only special routes give; nothing that postern reads tells of them. */
const SPECIAL: readonly AddressType[] = [
  'anycast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
];

/** Addresses whose type no route decides, `net/ipv4/fib_frontend.c` (__inet_dev_addr_type), ipv6_addr_type. */
const FIXED: Record<4 | 6, readonly { type: AddressType; addresses: AddressDomain }[]> = {
  4: [
    { type: 'broadcast', addresses: [0, 0x00ffffff, 0xffffffff, 0xffffffff] },
    { type: 'multicast', addresses: [0xe0000000, 0xefffffff] },
  ],
  6: [
    { type: 'unspec', addresses: [0n, 0n] },
    { type: 'multicast', addresses: [0xffn << 120n, (1n << 128n) - 1n] },
  ],
};

/**
 * Whether the routing table calls the address one of the types. An address has one type. It is decided by the
 * address itself (multicast, limited broadcast), by where routing has sent the packet (docs/pipeline.md), by the
 * host's addresses where they are given, and is asked otherwise.
 */
export function addressTypeIs(walk: Walk, condition: AddressTypeCondition): Truth {
  const device = deviceOf(walk, condition.limit);
  if (typeof device !== 'string') return device;
  const types = possibleTypes(walk, condition.field, device);
  if ('question' in types) return types;
  // What has been answered before, as far as it still can be: routing may have decided otherwise since.
  const answered = walk.types.get(typeKey(walk, condition.field, device)) ?? types;
  const narrowed = types.filter((type) => answered.includes(type));
  return typesMeet(walk, condition, narrowed.length > 0 ? narrowed : types, device);
}

/** The interface that the address must be of, or the empty string; asked for where there are several. */
function deviceOf(walk: Walk, limit: 'in' | 'out' | undefined): string | Pending {
  if (limit === undefined) return '';
  const names = visibleNames(walk, limit);
  return names.length === 1 ? (names[0] as string) : whichInterface(names, limit);
}

function typesMeet(
  walk: Walk,
  { field, types }: AddressTypeCondition,
  possible: readonly AddressType[],
  device: string,
): Truth {
  const text = `-m addrtype --${field}-type ${types.map((t) => t.toUpperCase()).join(',')}`;
  const special = types.filter((type) => SPECIAL.includes(type) && !possible.includes(type));
  if (special.length > 0 && possible.includes('unicast') && !types.includes('unicast')) {
    const key = `${typeKey(walk, field, device)} is ${special.join(' ')}`;
    const before = walk.remembered.get(key);
    if (before === true) return true;
    // An address with such a route is neither local nor a broadcast one.
    if (before === undefined)
      return yesOrNo({ kind: 'address-type', key, text }, (w, yes) => {
        w.remembered.set(key, yes);
        if (yes) w.types.set(typeKey(w, field, device), ['unicast']);
      });
  }
  const inside = possible.filter((type) => types.includes(type));
  if (inside.length === 0) return false;
  if (inside.length === possible.length) return true;
  const key = typeKey(walk, field, device);
  return yesOrNo({ kind: 'address-type', key: `${key} in ${inside}`, text }, (w, yes) =>
    w.types.set(key, yes ? inside : possible.filter((type) => !inside.includes(type))),
  );
}

/**
 * The kernel looks a type up by the address alone (`net/netfilter/xt_addrtype.c`): what else changes of the packet, its TTL for
 * instance, gives it no other.
 */
function typeKey(walk: Walk, field: 'src' | 'dst', device: string): string {
  return `${field} ${walk.translated[field].changed} ${walk.unknownWrites[field] ?? 0} ${device}`;
}

/** The types that the address can have, or the question into which class of addresses it falls. */
function possibleTypes(walk: Walk, field: 'src' | 'dst', device: string): readonly AddressType[] | Pending {
  const { family } = walk.setting.packet;
  for (const { type, addresses } of FIXED[family]) {
    const truth = falls(walk, field, addresses);
    if (truth === true) return [type];
    if (truth !== false) return truth;
  }
  const routed = device === '' && field === 'dst' ? routedType(walk) : undefined;
  const { host } = walk.setting.ruleset;
  if (host !== undefined)
    return orAnycast(walk, field, host, device, factType(walk, field, host, device, routed));
  if (routed !== undefined) return routed;
  if (device === '' && walk.translated[field].toHost) return ['local'];
  return unknownTypes(family);
}

function unknownTypes(family: 4 | 6): readonly AddressType[] {
  return family === 4 ? ['unicast', 'local', 'broadcast'] : ['unicast', 'local'];
}

function falls(walk: Walk, field: 'src' | 'dst', addresses: AddressDomain): Truth {
  return addressIsIn(walk, field, addresses, { kind: 'address-type', text: `the ${field} address` });
}

/** Where what is forwarded has been routed: nothing translates its destination from there on (net/netfilter/nf_nat_core.c). */
const ROUTED: readonly Walk['hook'][] = ['forward', 'postrouting', 'egress', 'cloud-egress'];

/**
 * What the packet's being here says of its destination: at input it is the host's, at forward it is not, at output it
 * is exactly where the packet leaves by the loopback interface. Undefined before routing, and at output after a
 * translation, whose new route is taken only later.
 */
function routedType(walk: Walk): readonly AddressType[] | undefined {
  switch (walk.destination) {
    case 'input':
      return walk.hook === 'input' ? ['local'] : undefined;
    case 'forward':
      return ROUTED.includes(walk.hook) ? ['unicast'] : undefined;
    case 'output':
      return walk.translated.dst.done ? undefined : leavingType(walk);
    default:
      return undefined;
  }
}

function leavingType(walk: Walk): readonly AddressType[] | undefined {
  const loops = walk.names.out.filter(walk.setting.isLoopback).length;
  if (loops === walk.names.out.length) return ['local'];
  if (loops > 0) return undefined;
  return unknownTypes(walk.setting.packet.family).filter((type) => type !== 'local');
}

/**
 * The type by the host's addresses. Every address is local, and so is the whole network of a loopback interface's;
 * each IPv4 network has its broadcast addresses (`net/ipv4/fib_frontend.c`, fib_add_ifaddr). What routing has
 * decided goes first: a route may make more local than the addresses tell.
 */
function factType(
  walk: Walk,
  field: 'src' | 'dst',
  host: HostFacts,
  device: string,
  routed: readonly AddressType[] | undefined,
): readonly AddressType[] | Pending {
  const { family } = walk.setting.packet;
  const broadcast = falls(walk, field, broadcastAddresses(host, family, device));
  const isLocal = falls(walk, field, localAddresses(host, family, device));
  if (routed !== undefined && !routed.includes('broadcast')) {
    if (routed[0] !== 'local' || broadcast === false) return routed;
    return broadcast === true ? ['broadcast'] : broadcast;
  }
  if (broadcast === true) return ['broadcast'];
  if (broadcast !== false) return broadcast;
  if (isLocal === true) return routed === undefined ? ['local'] : ['unicast'];
  return isLocal === false ? ['unicast'] : isLocal;
}

/**
 * The first address of an IPv6 network of the host's is its routers' anycast address (RFC 4291, 2.6.1). A kernel that
 * forwards has it so; of another one it depends on the route (`include/net/ip6_route.h`, ipv6_anycast_destination).
 * Whether the host forwards is not known.
 */
function orAnycast(
  walk: Walk,
  field: 'src' | 'dst',
  host: HostFacts,
  device: string,
  types: readonly AddressType[] | Pending,
): readonly AddressType[] | Pending {
  const { family } = walk.setting.packet;
  if (family === 4 || 'question' in types) return types;
  const first = falls(walk, field, routerAddresses(host, device));
  if (typeof first === 'object') return first;
  return first ? [...types, 'anycast'] : types;
}

/** The first addresses of the host's IPv6 networks, all or those of one interface; none of /127 and /128 (addrconf_join_anycast). */
export function routerAddresses(host: HostFacts, device = ''): AddressDomain {
  const firsts = host.addresses
    .filter((a) => a.family === 6 && a.prefixLength < 127 && (device === '' || a.interface === device))
    .map((a) => a.address & ~((1n << BigInt(128 - a.prefixLength)) - 1n));
  return merge(
    firsts.map((first) => [first, first]),
    6,
  );
}

/** Addresses that are the host's own, all or those of one interface. */
export function localAddresses(host: HostFacts, family: 4 | 6, device = ''): AddressDomain {
  const ranges = host.addresses
    .filter((a) => a.family === family && (device === '' || a.interface === device))
    .map((a): [bigint, bigint] => {
      if (family === 6 || !a.loopback || a.secondary) return [a.address, a.address];
      const rest = (1n << BigInt(32 - a.prefixLength)) - 1n;
      return [a.address & ~rest, a.address | rest];
    });
  return merge(ranges, family);
}

/** The broadcast addresses of the host's networks, all or those of one interface. */
export function broadcastAddresses(host: HostFacts, family: 4 | 6, device: string): AddressDomain {
  if (family === 6) return [];
  const found: number[] = [];
  for (const a of host.addresses) {
    if (a.family !== 4 || (device !== '' && a.interface !== device)) continue;
    if (a.broadcast !== undefined && a.broadcast !== 0xffffffffn) found.push(Number(a.broadcast));
    const rest = (1n << BigInt(32 - a.prefixLength)) - 1n;
    if (!a.secondary && a.prefixLength < 31) found.push(Number(a.address | rest));
  }
  return ofValues(found);
}

function merge(ranges: readonly [bigint, bigint][], family: 4 | 6): AddressDomain {
  const out: bigint[] = [];
  for (const [lo, hi] of [...ranges].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const last = out[out.length - 1];
    if (last === undefined || lo > last + 1n) out.push(lo, hi);
    else if (hi > last) out[out.length - 1] = hi;
  }
  return family === 4 ? out.map(Number) : out;
}
