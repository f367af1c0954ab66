import { LINKS } from '../../topology.ts';
import type { Aim } from '../spec.ts';
import { addressPieces, namedPieces, numberPieces, type Readable } from './value.ts';

const PORTS: readonly number[] = [0, 1, 22, 53, 80, 443, 1023, 1024, 5432, 8080, 32768, 65534, 65535];
const MARKS: readonly number[] = [0, 1, 2, 0x10, 0xff, 0x100, 0xffff];
const PORTED = { tcp: 6, udp: 17, sctp: 132, dccp: 33, udplite: 136 } as const;
const hex = (value: number): string => `0x${value.toString(16)}`;
const number = (value: bigint): number => Number(value);

/** `ip saddr` and `ip6 daddr`. */
export function addressOf(family: 4 | 6, field: 'src' | 'dst'): Readable {
  const protocol = family === 4 ? 'ip' : 'ip6';
  const words = `${protocol} ${field === 'src' ? 'saddr' : 'daddr'}`;
  const type = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  return {
    words,
    construct: words,
    type,
    pieces: addressPieces(family),
    aims: (value) => [{ [field]: value }],
  };
}

/** `tcp dport`. */
export function portOf(name: keyof typeof PORTED, field: 'sport' | 'dport'): Readable {
  const aims = (value: bigint): Aim[] =>
    value < 65536n ? [{ protocol: PORTED[name], [field]: number(value) }] : [];
  const words = `${name} ${field}`;
  return { words, construct: words, type: 'inet_service', pieces: numberPieces(65535, PORTS), aims };
}

/** `meta mark` and `ct mark`. */
export function markOf(which: 'meta' | 'ct'): Readable {
  const aims = (value: bigint): Aim[] => {
    if (value >= 1n << 32n) return [];
    return which === 'meta' ? [{ mark: number(value) }] : [{ ctmark: number(value), state: 'established' }];
  };
  const words = `${which} mark`;
  return { words, construct: words, type: 'mark', pieces: numberPieces(0xffff_ffff, MARKS, hex), aims };
}

export function byteOf(
  words: string,
  field: 'ttl' | 'length' | 'protocol',
  usual: readonly number[],
  most: number,
): Readable {
  const aims = (value: bigint): Aim[] =>
    value > 0n && value <= BigInt(most) ? [{ [field]: number(value) }] : [];
  const type = field === 'protocol' ? 'inet_proto' : 'integer';
  return { words, construct: words, type, pieces: numberPieces(most, usual), aims };
}

const NAMES: readonly string[] = [...LINKS.map(({ name }) => name), 'br-lan', 'lo'];

/** `iifname` and `oifname`; of `iif` and `oif` only names that there are. */
export function interfaceOf(field: 'in' | 'out', byIndex: boolean): Readable {
  const words = `${field === 'in' ? 'i' : 'o'}if${byIndex ? '' : 'name'}`;
  const names = byIndex ? [...LINKS.map(({ name }) => name), 'lo'] : NAMES;
  const pieces = namedPieces(names.map((name, at) => [`"${name}"`, at] as const));
  const aims = (): Aim[] => (field === 'in' ? LINKS.map(({ name }) => ({ in: name })) : []);
  return { words, construct: words, type: byIndex ? 'iface_index' : 'ifname', pieces, aims, discrete: true };
}

/** `icmp type` and `icmp code`, or those of ICMPv6. */
export function icmpOf(family: 4 | 6, field: 'type' | 'code'): Readable {
  const protocol = family === 4 ? 1 : 58;
  const requests = family === 4 ? [8, 13, 15, 17] : [128, 139];
  const words = `icmp${family === 4 ? '' : 'v6'} ${field}`;
  const aims = (value: bigint): Aim[] => {
    if (value > 255n) return [];
    const icmpType = field === 'type' ? number(value) : requests[0];
    const icmpCode = field === 'code' ? number(value) : 0;
    const state = requests.includes(icmpType as number) ? {} : { state: 'invalid' as const };
    return [{ protocol, icmpType: icmpType as number, icmpCode, ...state }];
  };
  const usual =
    field === 'code' ? [0, 1, 3, 10] : family === 4 ? [0, 3, 5, 8, 11, 13] : [1, 2, 128, 129, 133, 135, 136];
  const type = `icmp${family === 4 ? '' : 'v6'}_${field}`;
  return { words, construct: words, type, pieces: numberPieces(255, usual), aims };
}

/** `ip dscp` and its like. */
export function dscpOf(family: 4 | 6): Readable {
  const words = `${family === 4 ? 'ip' : 'ip6'} dscp`;
  const aims = (value: bigint): Aim[] =>
    value < 64n ? [{ tos: number(value) << 2 }, { tos: (number(value) << 2) | 1 }] : [];
  const usual = numberPieces(63, [0, 1, 10, 46, 63], hex);
  const pieces: Readable['pieces'] = (chance, count) => usual(chance, count, true);
  return {
    words,
    construct: words,
    type: 'dscp',
    pieces,
    aims,
    narrow: true,
    ...(family === 6 && { alone: true }),
  };
}

export function ecnOf(family: 4 | 6): Readable {
  const words = `${family === 4 ? 'ip' : 'ip6'} ecn`;
  const pieces = namedPieces([
    ['not-ect', 0],
    ['ect1', 1],
    ['ect0', 2],
    ['ce', 3],
  ]);
  return {
    words,
    construct: words,
    type: 'ecn',
    pieces,
    narrow: true,
    ...(family === 6 && { alone: true }),
    aims: (value) => [{ tos: number(value) & 3 }, { tos: (number(value) & 3) | 0xb8 }],
  };
}

const protocolsOf = (family: 4 | 6): readonly number[] => [
  family === 4 ? 1 : 58,
  ...[6, 17, 33, 47, 89, 132, 136, 253],
];

/** IPv6's extension headers, and the header that says that nothing follows: no packet's protocol to conntrack. */
const EXTENSIONS: readonly number[] = [0, 43, 44, 51, 59, 60, 135, 139, 140];

/** No packet of the family is of the protocol and new: it is the other family's ICMP, or no protocol at all. */
function isForeign(family: 4 | 6, value: bigint): boolean {
  return value === (family === 4 ? 58n : 1n) || (family === 6 && EXTENSIONS.includes(number(value)));
}

/** An IP protocol by number. */
export function protocolOf(words: string, family: 4 | 6): Readable {
  const plain = byteOf(words, 'protocol', protocolsOf(family), 255);
  return { ...plain, aims: (value) => (isForeign(family, value) ? [] : plain.aims(value)) };
}

export function pkttype(): Readable {
  const kinds = ['unicast', 'broadcast', 'multicast'] as const;
  const pieces = namedPieces(kinds.map((kind, at) => [kind === 'unicast' ? 'host' : kind, at] as const));
  const aims = (): Aim[] => kinds.map((kind) => ({ pkttype: kind }));
  return { words: 'meta pkttype', construct: 'meta pkttype', type: 'pkt_type', pieces, aims, discrete: true };
}

export function few(
  words: string,
  type: string,
  values: readonly (readonly [string, number])[],
  aims: readonly Aim[] = [],
): Readable {
  return {
    words,
    construct: words,
    type,
    pieces: namedPieces(values),
    aims: () => [...aims],
    discrete: true,
  };
}

/** `th dport` behind the protocols that have ports, so that no other bytes are read. */
export function transportOf(field: 'sport' | 'dport'): Readable {
  const aims = (value: bigint): Aim[] =>
    value < 65536n ? [6, 17, 132].map((protocol) => ({ protocol, [field]: number(value) })) : [];
  const words = `th ${field}`;
  return { words, construct: words, type: 'inet_service', pieces: numberPieces(65535, PORTS), aims };
}

export function originalOf(family: 4 | 6, field: 'src' | 'dst', direction: 'original' | 'reply'): Readable {
  const seen = direction === 'original' ? field : field === 'src' ? 'dst' : 'src';
  const words = `ct ${direction} ${family === 4 ? 'ip' : 'ip6'} ${field === 'src' ? 'saddr' : 'daddr'}`;
  const base = addressOf(family, seen);
  return { ...base, words, construct: `ct ${direction} ${field === 'src' ? 'saddr' : 'daddr'}` };
}

export function originalPortOf(field: 'sport' | 'dport', direction: 'original' | 'reply'): Readable {
  const seen = direction === 'original' ? field : field === 'sport' ? 'dport' : 'sport';
  const construct = `ct ${direction} proto-${field === 'sport' ? 'src' : 'dst'}`;
  return { ...portOf('tcp', seen), words: `meta l4proto tcp ${construct}`, construct, alone: true };
}

const STATES = [
  ['new', 8],
  ['established', 2],
  ['related', 4],
  ['invalid', 1],
  ['untracked', 64],
] as const;

/** `ct state`. */
export function stateOf(): Readable {
  return few(
    'ct state',
    'ct_state',
    STATES,
    STATES.map(([state]) => ({ state })),
  );
}
