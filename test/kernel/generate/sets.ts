import { LINKS } from '../topology.ts';
import { formatAddress } from '../wire/address.ts';
import { address, edges, network } from './addresses.ts';
import { type Chance, happens, pick, weighted } from './chance.ts';
import type { Surroundings } from './match-spec.ts';
import type { Aim } from './spec.ts';

type GeneratedSet = Surroundings['sets'][number];

/** One part of an element: its text, and packets that carry it (or just do not) as source and as destination. */
interface Part {
  readonly text: string;
  readonly aims: readonly Aim[];
}

type PartMaker = (chance: Chance, family: 4 | 6) => Part;

/** Both directions, since a set does not say by which it will be read. */
function bothEnds(values: readonly bigint[]): Aim[] {
  return values.flatMap((value) => [{ src: value }, { dst: value }, { src: value, dst: value }]);
}

const ip: PartMaker = (chance, family) => {
  const value = address(chance, family);
  return { text: formatAddress(family, value), aims: bothEnds(edges(value, value)) };
};

const net: PartMaker = (chance, family) => {
  const { text, lo, hi } = network(chance, family);
  return { text, aims: bothEnds(edges(lo, hi)) };
};

const PORT_PROTOCOLS: readonly (readonly [string, number])[] = [
  ['tcp', 6],
  ['tcp', 6],
  ['udp', 17],
  ['sctp', 132],
  ['udplite', 136],
];

const port: PartMaker = (chance, family) => {
  if (happens(chance, 10)) return icmpPort(chance, family);
  if (happens(chance, 5)) return { text: '47:0', aims: [{ protocol: 47 }, { protocol: 89 }] };
  const [name, protocol] = pick(chance, PORT_PROTOCOLS);
  const lo = pick(chance, [0, 22, 80, 443, 1024, 40000, 65000]);
  const hi = happens(chance, 70) ? lo : lo + chance.integer(1, 300);
  const near = [lo - 1, lo, hi, hi + 1].filter((n) => n >= 0 && n < 65536);
  const aims = near.flatMap((n) => [
    { protocol, sport: n },
    { protocol, dport: n },
    { protocol, sport: n, dport: n },
  ]);
  return { text: `${name}:${lo === hi ? lo : `${lo}-${hi}`}`, aims };
};

function icmpPort(chance: Chance, family: 4 | 6): Part {
  const type = family === 4 ? 8 : 128;
  const code = chance.integer(0, 2);
  const protocol = family === 4 ? 1 : 58;
  const name = family === 4 ? 'icmp' : 'icmpv6';
  return {
    text: `${name}:${type}/${code}`,
    aims: [code, code + 1].map((c) => ({ protocol, icmpType: type, icmpCode: c })),
  };
}

const markPart: PartMaker = (chance) => {
  const value = pick(chance, [1, 2, 0xff, 0x100, 0xffffffff]);
  return { text: `0x${value.toString(16)}`, aims: [{ mark: value }, { mark: (value ^ 1) >>> 0 }] };
};

const iface: PartMaker = (chance) => {
  const name = pick(chance, LINKS).name;
  return { text: name, aims: [{ in: name }, {}] };
};

const macPart: PartMaker = (chance) => {
  const value = pick(chance, [0x020000000001, 0x020000000002, 0xa4badb000000]);
  const text = value.toString(16).padStart(12, '0').match(/../g)?.join(':') ?? '';
  return { text, aims: [{ mac: value }, { mac: value + 1 }] };
};

/** The last five are rare because few kernels have all of them, and a rule set with one that is missing is lost. */
const HASHES: readonly (readonly [number, string, readonly PartMaker[]])[] = [
  [20, 'hash:ip', [ip]],
  [25, 'hash:net', [net]],
  [15, 'hash:ip,port', [ip, port]],
  [15, 'hash:net,port', [net, port]],
  [8, 'hash:ip,port,ip', [ip, port, ip]],
  [8, 'hash:ip,port,net', [ip, port, net]],
  [6, 'hash:net,iface', [net, iface]],
  [1, 'hash:net,net', [net, net]],
  [1, 'hash:net,port,net', [net, port, net]],
  [1, 'hash:ip,mark', [ip, markPart]],
  [1, 'hash:mac', [macPart]],
  [1, 'hash:ip,mac', [ip, macPart]],
];

/** A set of one of ipset's types, as `ipset save` prints it. */
export function generateSet(chance: Chance, family: 4 | 6, name: string): GeneratedSet {
  if (happens(chance, 15)) return bitmapPort(chance, name);
  if (family === 4 && happens(chance, 10)) return bitmapIp(chance, name);
  const [type, makers] = weighted(
    chance,
    HASHES.map(([weight, kind, parts]) => [weight, [kind, parts] as const] as const),
  );
  const inet = type === 'hash:mac' ? '' : ` family ${family === 4 ? 'inet' : 'inet6'}`;
  const lines = [`create ${name} ${type}${inet} hashsize 64 maxelem 65536`];
  const aims: Aim[] = [];
  const seen = new Set<string>();
  const nets = type.includes('net');
  for (let i = chance.integer(0, 6); i > 0; i--) {
    const parts = makers.map((make) => make(chance, family));
    const text = parts.map((part) => part.text).join(',');
    if (seen.has(text)) continue;
    seen.add(text);
    lines.push(`add -exist ${name} ${text}${nets && happens(chance, 25) ? ' nomatch' : ''}`);
    for (let k = 0; k < 12; k++) aims.push(merge(parts.map((part) => pick(chance, part.aims))));
  }
  return { name, lines, dimensions: makers.length, aims };
}

function merge(aims: readonly Aim[]): Aim {
  return Object.assign({}, ...aims) as Aim;
}

function bitmapPort(chance: Chance, name: string): GeneratedSet {
  const lo = pick(chance, [0, 20, 1000]);
  const hi = lo + chance.integer(1, 500);
  const lines = [`create ${name} bitmap:port range ${lo}-${hi}`];
  const near = [lo - 1, lo, hi, hi + 1];
  for (let i = chance.integer(0, 5); i > 0; i--) {
    const value = chance.integer(lo, hi);
    lines.push(`add -exist ${name} ${value}`);
    near.push(value, value + 1);
  }
  const aims = near
    .filter((n) => n >= 0)
    .flatMap((n) => [6, 17, 132].map((protocol) => ({ protocol, sport: n, dport: n })));
  return { name, lines, dimensions: 1, aims };
}

function bitmapIp(chance: Chance, name: string): GeneratedSet {
  const lo = (address(chance, 4) >> 8n) << 8n;
  const lines = [`create ${name} bitmap:ip range ${formatAddress(4, lo)}-${formatAddress(4, lo + 255n)}`];
  const values = [lo - 1n, lo, lo + 255n, lo + 256n];
  for (let i = chance.integer(0, 5); i > 0; i--) {
    const value = lo + BigInt(chance.integer(0, 255));
    lines.push(`add -exist ${name} ${formatAddress(4, value)}`);
    values.push(value, value + 1n);
  }
  return { name, lines, dimensions: 1, aims: bothEnds(values) };
}
