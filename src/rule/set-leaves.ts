import { normalise, type Ranges, union } from '../packet/ranges.ts';
import type { Span } from '../text/source.ts';
import { ALWAYS, allOf, anyOf, type Condition, NEVER } from './condition.ts';
import type { NamedSet, SetPart } from './named-set.ts';

/** What the parts of one lookup have in common. */
export interface LookupContext {
  readonly set: NamedSet;
  readonly directions: readonly ('src' | 'dst')[];
  /** The lookup as `-m set` would write it; texts of opaque leaves begin with it. */
  readonly text: string;
  readonly span: Span;
}

type PartOf<K extends SetPart['kind']> = Extract<SetPart, { kind: K }>;

/** Protocols whose ports the kernel reads (net/netfilter/ipset/ip_set_getport.c, get_port). */
const WITH_PORTS: readonly number[] = [6, 17, 132, 136];
/** Headers that ipv6_skip_exthdr() passes over or gives up at: no IPv6 packet is found to have them as protocol. */
const SKIPPED_IN_IPV6: readonly number[] = [0, 43, 44, 51, 59, 60];
const LARGEST_MAC = 2 ** 48 - 1;

/**
 * The condition that a packet's field of one dimension is one of the parts, which are all of that dimension.
 * @param dimension its place in the set's dimensions; the direction of that place says which field is read
 */
export function leafCondition(
  parts: readonly SetPart[],
  dimension: number,
  context: LookupContext,
): Condition {
  const direction = context.directions[dimension] as 'src' | 'dst';
  switch (context.set.dimensions[dimension]) {
    case 'ip':
    case 'net':
      return addresses(parts as readonly PartOf<'address'>[], direction);
    case 'port':
      return ports(parts as readonly PartOf<'port'>[], direction, context.set.family);
    case 'mac':
      return macs(parts as readonly PartOf<'mac'>[], direction, context);
    case 'mark':
      return anyOf((parts as readonly PartOf<'mark'>[]).map(mark));
    case 'iface':
      return interfaces(parts as readonly PartOf<'iface'>[], direction, context);
    default:
      return NEVER;
  }
}

/** Addresses as one condition for each family with merged ranges; masks with holes one by one. */
function addresses(parts: readonly PartOf<'address'>[], field: 'src' | 'dst'): Condition {
  const four: PartOf<'address'>[] = [];
  const six: [bigint, bigint][] = [];
  const conditions: Condition[] = [];
  for (const part of parts) {
    const { family, lo, hi, mask } = part;
    if (mask !== undefined) conditions.push({ kind: 'address-mask', family, field, mask, value: lo });
    else if (family === 4) four.push(part);
    else six.push([lo, hi]);
  }
  if (four.length > 0) conditions.push({ kind: 'address', family: 4, field, values: mergeIPv4(four) });
  if (six.length > 0) conditions.push({ kind: 'address', family: 6, field, values: normalise(six) });
  return anyOf(conditions);
}

/**
 * The ranges merged. There may be a million of them, so networks, whose size is a power of two, are sorted as plain
 * numbers: the first address times 64 plus the size's exponent.
 */
function mergeIPv4(parts: readonly PartOf<'address'>[]): Ranges {
  const networks = new Float64Array(parts.length);
  const others: [number, number][] = [];
  let count = 0;
  for (const { lo, hi } of parts) {
    const first = Number(lo);
    const size = Number(hi) - first + 1;
    const exponent = 31 - Math.clz32(size);
    if (size === 2 ** exponent) networks[count++] = first * 64 + exponent;
    else others.push([first, Number(hi)]);
  }
  const merged: number[] = [];
  for (const code of networks.subarray(0, count).sort()) {
    const first = Math.floor(code / 64);
    const last = first + 2 ** (code % 64) - 1;
    const end = merged[merged.length - 1];
    if (end === undefined || first > end + 1) merged.push(first, last);
    else if (last > end) merged[merged.length - 1] = last;
  }
  return others.length === 0 ? merged : union(merged, normalise(others));
}

function ports(
  parts: readonly PartOf<'port'>[],
  direction: 'src' | 'dst',
  family: 4 | 6 | undefined,
): Condition {
  const byProtocol = new Map<number | undefined, [number, number][]>();
  for (const { protocol, lo, hi } of parts) {
    const known = byProtocol.get(protocol);
    if (known === undefined) byProtocol.set(protocol, [[lo, hi]]);
    else known.push([lo, hi]);
  }
  const field = direction === 'src' ? 'sport' : 'dport';
  return anyOf(
    [...byProtocol].map(([protocol, pairs]) => {
      const values = normalise(pairs);
      // bitmap:port holds bare numbers, which are TCP's and UDP's (ip_set_bitmap_port.c, ip_set_get_ip_port).
      if (protocol === undefined) return allOf([oneOf('protocol', [6, 6, 17, 17]), oneOf(field, values)]);
      const ofProtocol = oneOf('protocol', [protocol, protocol]);
      if (WITH_PORTS.includes(protocol)) return allOf([ofProtocol, oneOf(field, values)]);
      if (protocol === 1 || protocol === 58) return allOf([ofProtocol, icmp(values)]);
      return contains0(values) ? withoutPorts(protocol, family) : NEVER;
    }),
  );
}

function contains0(values: Ranges): boolean {
  return values[0] === 0;
}

/** Any other protocol is stored with pseudo port 0. IPv6 fragments but the first are never found. */
function withoutPorts(protocol: number, family: 4 | 6 | undefined): Condition {
  const ofProtocol = oneOf('protocol', [protocol, protocol]);
  if (family !== 6) return ofProtocol;
  return SKIPPED_IN_IPV6.includes(protocol) ? NEVER : allOf([ofProtocol, oneOf('fragment', [0, 1])]);
}

/** `type * 256 + code`, cut into types with their ranges of codes. */
function icmp(values: Ranges): Condition {
  const out: Condition[] = [];
  for (let at = 0; at < values.length; at += 2) {
    const [lo, hi] = [values[at] as number, values[at + 1] as number];
    for (let type = lo >> 8; type <= hi >> 8; type++) {
      const codes = [Math.max(lo, type * 256) & 255, Math.min(hi, type * 256 + 255) & 255];
      out.push(allOf([oneOf('icmpType', [type, type]), oneOf('icmpCode', codes)]));
    }
  }
  return anyOf(out);
}

/** The zero MAC address is never found, as no packet has it for the kernel (ip_set_hash_mac.c, hash_mac4_kadt). */
function macs(parts: readonly PartOf<'mac'>[], direction: 'src' | 'dst', context: LookupContext): Condition {
  if (direction === 'dst') return opaque(context, 'destination MAC');
  const pairs = parts.map(({ mac }): [number, number] => (mac === undefined ? [1, LARGEST_MAC] : [mac, mac]));
  const values = normalise(pairs.filter(([lo]) => lo > 0));
  return values.length === 0 ? NEVER : oneOf('mac', values);
}

function mark({ value, mask }: PartOf<'mark'>): Condition {
  if (mask === 0xffff_ffff) return oneOf('mark', [value, value]);
  return mask === 0 ? ALWAYS : { kind: 'masked', field: 'mark', mask, value };
}

/** Interface names; bridge ports (`physdev:`) are not modelled. */
function interfaces(
  parts: readonly PartOf<'iface'>[],
  direction: 'src' | 'dst',
  context: LookupContext,
): Condition {
  const field = direction === 'src' ? 'in' : 'out';
  const names = parts
    .filter((part) => !part.physdev)
    .map(({ name, wildcard }) => ({ name, prefix: wildcard }));
  const unknown = parts
    .filter((part) => part.physdev)
    .map(({ name, wildcard }) => opaque(context, `physdev:${name}${wildcard ? '+' : ''}`));
  return anyOf([...(names.length === 0 ? [] : [{ kind: 'interface', field, names } as const]), ...unknown]);
}

/** A stateless predicate of this lookup that postern does not model. */
export function opaque(context: LookupContext, what: string): Condition {
  return { kind: 'opaque', text: `${context.text} (${what})`, stateful: false, span: context.span };
}

function oneOf(
  field: 'protocol' | 'sport' | 'dport' | 'icmpType' | 'icmpCode' | 'mac' | 'mark' | 'fragment',
  values: Ranges,
): Condition {
  return { kind: 'field', field, values };
}
