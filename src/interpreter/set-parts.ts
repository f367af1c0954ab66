import type { NamedSet, SetDimension, SetPart } from '../rule/named-set.ts';
import { type AddressDomain, type Domain, known, lies, onlyValue } from './domain.ts';
import { visibleNames } from './interfaces.ts';
import { bitwiseAnd } from './masks.ts';
import type { Walk } from './walk.ts';

/** Whether an element's part holds what was read; `maybe` where an open field decides. */
export type Held = 'yes' | 'no' | 'maybe';

/** What a dimension of a set reads from the packet. */
export type Reading =
  | { readonly kind: 'address'; readonly family: 4 | 6; readonly domain: AddressDomain }
  | { readonly kind: 'port'; readonly protocol: number; readonly domain: Domain }
  | { readonly kind: 'mac'; readonly domain: Domain }
  | { readonly kind: 'mark'; readonly domain: Domain }
  | { readonly kind: 'iface'; readonly names: readonly string[] };

/** TCP, UDP, SCTP and UDP-Lite: the protocols whose ports ipset reads (`ip_set_getport.c`, get_port). */
const SET_PORT_PROTOCOLS: readonly number[] = [6, 17, 132, 136];

/** Headers that ipv6_skip_exthdr() passes over or gives up at: no IPv6 packet has them for ipset. */
const SKIPPED_IN_IPV6: readonly number[] = [0, 43, 44, 51, 59, 60];

/** What the set reads in one dimension; undefined where the packet has no such thing, so that no element matches. */
export function readDimension(
  walk: Walk,
  set: NamedSet,
  dimension: SetDimension,
  direction: 'src' | 'dst',
): Reading | undefined {
  switch (dimension) {
    case 'ip':
    case 'net':
      return { kind: 'address', family: walk.setting.packet.family, domain: walk.addresses[direction] };
    case 'port':
      return readPort(walk, set, direction);
    case 'mac':
      return readMac(walk, direction);
    case 'mark':
      return { kind: 'mark', domain: walk.fields.mark };
    case 'iface':
      return readInterface(walk, direction);
    case 'set':
      return undefined;
  }
}

/**
 * Ports of TCP, UDP, UDP-Lite and SCTP, type and code of ICMP, 0 with every other protocol. A later fragment has none:
 * in IPv6 then nothing matches, in IPv4 the other protocols still do (`ip_set_getport.c`). `bitmap:port` takes TCP
 * and UDP only (ip_set_get_ip_port).
 */
function readPort(walk: Walk, set: NamedSet, direction: 'src' | 'dst'): Reading | undefined {
  const { protocol, family, fragment } = walk.setting.packet;
  const hasPorts = SET_PORT_PROTOCOLS.includes(protocol);
  const isIcmp = protocol === (family === 4 ? 1 : 58);
  if (set.type === 'bitmap:port' && protocol !== 6 && protocol !== 17) return undefined;
  if (fragment === 'later' && (family === 6 || hasPorts || isIcmp)) return undefined;
  if (family === 6 ? SKIPPED_IN_IPV6.includes(protocol) : protocol === 0) return undefined;
  const ports = walk.fields[direction === 'src' ? 'sport' : 'dport'];
  if (hasPorts) return { kind: 'port', protocol, domain: ports };
  return { kind: 'port', protocol, domain: isIcmp ? typeAndCode(walk) : known(0) };
}

function typeAndCode(walk: Walk): Domain {
  const types = walk.fields.icmpType;
  const codes = walk.fields.icmpCode;
  const out: number[] = [];
  for (let i = 0; i < types.length; i += 2)
    for (let type = types[i] as number; type <= (types[i + 1] as number); type++)
      for (let j = 0; j < codes.length; j += 2)
        out.push(type * 256 + (codes[j] as number), type * 256 + (codes[j + 1] as number));
  return out;
}

/** Only the source MAC is a field; a destination MAC may be any. A packet without one has no MAC to look up. */
function readMac(walk: Walk, direction: 'src' | 'dst'): Reading | undefined {
  if (direction === 'dst') return { kind: 'mac', domain: [1, 2 ** 48 - 1] };
  return onlyValue(walk.fields.mac) === 0 ? undefined : { kind: 'mac', domain: walk.fields.mac };
}

function readInterface(walk: Walk, direction: 'src' | 'dst'): Reading | undefined {
  const names = visibleNames(walk, direction === 'src' ? 'in' : 'out').filter((name) => name !== '');
  return names.length === 0 ? undefined : { kind: 'iface', names };
}

/** Whether the part of an element holds what was read. */
export function partHolds(part: SetPart, reading: Reading): Held {
  if (part.kind !== reading.kind) return 'no';
  switch (part.kind) {
    case 'address':
      return addressHolds(part, reading as Reading & { kind: 'address' });
    case 'port':
      return portHolds(part, reading as Reading & { kind: 'port' });
    case 'mac':
      return part.mac === undefined
        ? 'yes'
        : within((reading as { domain: Domain }).domain, part.mac, part.mac);
    case 'mark':
      return markHolds(part, (reading as { domain: Domain }).domain);
    case 'iface':
      return interfaceHolds(part, (reading as { names: readonly string[] }).names);
  }
}

function addressHolds(part: SetPart & { kind: 'address' }, reading: Reading & { kind: 'address' }): Held {
  if (part.family !== reading.family) return 'no';
  const { mask } = part;
  if (mask !== undefined) {
    const address = onlyValue(reading.domain as Domain<bigint>);
    if (address === undefined) return 'maybe';
    return (BigInt(address) & mask) === part.lo ? 'yes' : 'no';
  }
  if (part.family === 4) return within(reading.domain as Domain, Number(part.lo), Number(part.hi));
  return within(reading.domain as Domain<bigint>, part.lo, part.hi);
}

function portHolds(part: SetPart & { kind: 'port' }, reading: Reading & { kind: 'port' }): Held {
  if (part.protocol !== undefined && part.protocol !== reading.protocol) return 'no';
  return within(reading.domain, part.lo, part.hi);
}

function markHolds(part: SetPart & { kind: 'mark' }, domain: Domain): Held {
  const value = onlyValue(domain);
  if (value === undefined) return 'maybe';
  return bitwiseAnd(value, part.mask) === part.value ? 'yes' : 'no';
}

/** A `physdev:` element is about bridge ports, of which a packet here says nothing. */
function interfaceHolds(part: SetPart & { kind: 'iface' }, names: readonly string[]): Held {
  if (part.physdev) return 'maybe';
  const matching = names.filter((name) => (part.wildcard ? name.startsWith(part.name) : name === part.name));
  if (matching.length === 0) return 'no';
  return matching.length === names.length ? 'yes' : 'maybe';
}

function within<T extends number | bigint>(domain: Domain<T>, lo: T, hi: T): Held {
  const how = lies(domain, [lo, hi]);
  if (how === 'both') return 'maybe';
  return how === 'inside' ? 'yes' : 'no';
}
