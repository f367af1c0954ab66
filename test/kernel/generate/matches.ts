import type { ConnectionState } from '../../../src/packet/packet.ts';
import { LINKS } from '../topology.ts';
import { formatAddress } from '../wire/address.ts';
import { address, edges, network } from './addresses.ts';
import { type Chance, happens, pick, some, weighted } from './chance.ts';
import type { Aim, MatchSpec, SetSpec } from './spec.ts';

/** Where a rule stands, as far as that decides which matches may stand there. */
export interface Surroundings {
  readonly family: 4 | 6;
  readonly table: string;
  /** The base chains that lead here. */
  readonly bases: readonly string[];
  readonly sets: readonly (SetSpec & { readonly dimensions: number; readonly aims: readonly Aim[] })[];
}

type Generator = (chance: Chance, around: Surroundings) => MatchSpec;

const not = (chance: Chance, percent = 20) => (happens(chance, percent) ? '! ' : '');
const spec = (construct: string, words: string, aims: readonly Aim[] = []): MatchSpec => ({
  construct,
  words,
  aims,
});

/** A match, or several that go together (`-p tcp -m tcp --dport 22`). */
export function matches(chance: Chance, around: Surroundings): MatchSpec[] {
  const list: MatchSpec[] = [];
  if (happens(chance, 35)) list.push(addressMatch('src')(chance, around));
  if (happens(chance, 30)) list.push(addressMatch('dst')(chance, around));
  if (happens(chance, 20)) list.push(...interfaceMatches(chance, around));
  if (happens(chance, 55)) list.push(...protocolMatches(chance, around));
  const more = weighted(chance, [
    [40, 0],
    [40, 1],
    [15, 2],
    [5, 3],
  ]);
  for (let i = 0; i < more; i++) {
    const match = pick(chance, modules(around))(chance, around);
    // Some modules may stand only once in a rule.
    if (!list.some(({ construct }) => construct === match.construct)) list.push(match);
  }
  return list;
}

function modules(around: Surroundings): readonly Generator[] {
  const always = [
    conntrack,
    conntrack,
    state,
    mark,
    connmark,
    length,
    dscp,
    tos,
    pkttype,
    iprange,
    addrtype,
    comment,
  ];
  if (around.family === 4) always.push(ttl, fragment);
  else always.push(hopLimit, ipv6Header);
  if (around.bases.every((base) => ['PREROUTING', 'INPUT', 'FORWARD'].includes(base))) always.push(mac);
  if (around.sets.length > 0) always.push(set, set);
  return always;
}

function addressMatch(field: 'src' | 'dst'): Generator {
  return (chance, { family }) => {
    const option = field === 'src' ? '-s' : '-d';
    if (family === 4 && happens(chance, 5)) {
      const base = address(chance, 4);
      const masked = base & 0xff00ff00n;
      const aims = [base, masked, masked | 0x00ff00ffn, masked ^ 0x01000000n].map((value) => ({
        [field]: value,
      }));
      return spec(option, `${not(chance)}${option} ${formatAddress(4, masked)}/255.0.255.0`, aims);
    }
    const { text, lo, hi } = network(chance, family);
    const aims = edges(lo, hi).map((value) => ({ [field]: value }));
    return spec(option, `${not(chance)}${option} ${text}`, aims);
  };
}

const NAMES: readonly string[] = [
  'eth0',
  'eth1',
  'eth10',
  'eth+',
  'eth1+',
  'ppp+',
  'docker0',
  'docker0+',
  'br-lan',
  'lo',
];

function interfaceMatches(chance: Chance, { bases }: Surroundings): MatchSpec[] {
  const list: MatchSpec[] = [];
  const incoming = bases.every((base) => ['PREROUTING', 'INPUT', 'FORWARD'].includes(base));
  const outgoing = bases.every((base) => ['FORWARD', 'OUTPUT', 'POSTROUTING'].includes(base));
  const make = (option: '-i' | '-o') => {
    const name = pick(chance, NAMES);
    const aims: Aim[] = option === '-i' ? LINKS.map((link) => ({ in: link.name })) : [];
    return spec(option, `${not(chance)}${option} ${name}`, aims);
  };
  if (incoming && happens(chance, 75)) list.push(make('-i'));
  if (outgoing && happens(chance, 75)) list.push(make('-o'));
  return list;
}

const PORTED: readonly (readonly [string, number])[] = [
  ['tcp', 6],
  ['tcp', 6],
  ['tcp', 6],
  ['udp', 17],
  ['udp', 17],
  ['sctp', 132],
  ['dccp', 33],
  ['udplite', 136],
];
const BARE: Record<4 | 6, readonly string[]> = {
  4: ['gre', '89', 'esp', 'ah', '112', '253'],
  6: ['gre', '89', '112', '253'],
};
const NUMBERS: Record<string, number> = { gre: 47, esp: 50, ah: 51 };

function protocolMatches(chance: Chance, around: Surroundings): MatchSpec[] {
  return weighted<(c: Chance, a: Surroundings) => MatchSpec[]>(chance, [
    [70, portedProtocol],
    [15, (c, a) => [icmp(c, a)]],
    [10, bareProtocol],
    [5, negatedProtocol],
  ])(chance, around);
}

function bareProtocol(chance: Chance, { family }: Surroundings): MatchSpec[] {
  const name = pick(chance, BARE[family]);
  const number = NUMBERS[name] ?? Number(name);
  return [spec('-p number', `-p ${name}`, [{ protocol: number }, { protocol: number + 1 }])];
}

function negatedProtocol(chance: Chance): MatchSpec[] {
  const [name, number] = pick(chance, PORTED);
  return [spec('-p', `! -p ${name}`, [{ protocol: number }, { protocol: 47 }])];
}

function portedProtocol(chance: Chance): MatchSpec[] {
  const [name, number] = pick(chance, PORTED);
  const list = [spec('-p', `-p ${name}`, [{ protocol: number }, { protocol: number }, { protocol: 17 }])];
  if (happens(chance, 12)) return list;
  if (name === 'udplite' || happens(chance, 30)) list.push(multiport(chance));
  else if (name === 'tcp' && happens(chance, 20)) list.push(tcpFlags(chance));
  else list.push(ports(chance, name));
  return list;
}

const PORTS: readonly number[] = [0, 1, 22, 53, 80, 443, 1023, 1024, 5432, 8080, 32767, 32768, 65534, 65535];

function portRange(chance: Chance): { text: string; edges: number[] } {
  const lo = happens(chance, 70) ? pick(chance, PORTS) : chance.integer(0, 65535);
  const hi = happens(chance, 70) ? lo : chance.integer(lo, 65535);
  const near = [lo - 1, lo, hi, hi + 1].filter((port) => port >= 0 && port <= 65535);
  if (lo === hi) return { text: String(lo), edges: near };
  const open = happens(chance, 15) ? pick(chance, ['lo', 'hi']) : '';
  if (open === 'lo') return { text: `:${hi}`, edges: [0, hi, Math.min(hi + 1, 65535)] };
  if (open === 'hi') return { text: `${lo}:`, edges: [Math.max(lo - 1, 0), lo, 65535] };
  return { text: `${lo}:${hi}`, edges: near };
}

function ports(chance: Chance, module: string): MatchSpec {
  const options: string[] = [];
  let aims: Aim[] = [{}];
  const add = (field: 'sport' | 'dport') => {
    const { text, edges: near } = portRange(chance);
    options.push(`${not(chance, 12)}--${field} ${text}`);
    aims = aims.flatMap((aim) => near.map((port) => ({ ...aim, [field]: port })));
  };
  const which = weighted(chance, [
    [70, 'dport'],
    [15, 'sport'],
    [15, 'both'],
  ]);
  if (which !== 'dport') add('sport');
  if (which !== 'sport') add('dport');
  return spec(`-m ${module}`, `-m ${module} ${options.join(' ')}`, aims);
}

function multiport(chance: Chance): MatchSpec {
  const option = pick(chance, ['--dports', '--dports', '--sports', '--ports']);
  const texts: string[] = [];
  const near: number[] = [];
  let room = chance.integer(1, 15); // a range takes two of fifteen places
  while (room > 0) {
    const lo = happens(chance, 60) ? pick(chance, PORTS) : chance.integer(0, 65535);
    const hi = room > 1 && lo < 65535 && happens(chance, 40) ? chance.integer(lo + 1, 65535) : lo;
    texts.push(lo === hi ? String(lo) : `${lo}:${hi}`);
    near.push(...[lo - 1, lo, hi, hi + 1].filter((port) => port >= 0 && port <= 65535));
    room -= lo === hi ? 1 : 2;
  }
  const fields =
    option === '--ports' ? (['sport', 'dport'] as const) : [option === '--sports' ? 'sport' : 'dport'];
  const aims = near.map((port) => ({ [pick(chance, fields)]: port }));
  return spec('-m multiport', `-m multiport ${not(chance, 15)}${option} ${texts.join(',')}`, aims);
}

const FLAG_NAMES: readonly string[] = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

function tcpFlags(chance: Chance): MatchSpec {
  const aims = [2, 16, 18, 4, 17, 24, 0, 41, 63].map((flags) => ({
    tcpFlags: flags,
    ...(flags === 2 ? {} : { state: 'invalid' as const }),
  }));
  if (happens(chance, 40)) return spec('--syn', `-m tcp ${not(chance)}--syn`, aims);
  const mask = some(chance, FLAG_NAMES, 1, 6);
  const set = some(chance, mask, 0, mask.length);
  const words = `${mask.length === 6 ? 'ALL' : mask.join(',')} ${set.length === 0 ? 'NONE' : set.join(',')}`;
  return spec('--tcp-flags', `-m tcp ${not(chance)}--tcp-flags ${words}`, aims);
}

function icmp(chance: Chance, { family }: Surroundings): MatchSpec {
  const [name, option] = family === 4 ? ['icmp', '--icmp-type'] : ['ipv6-icmp', '--icmpv6-type'];
  const module = family === 4 ? 'icmp' : 'icmp6';
  const protocol = family === 4 ? 1 : 58;
  const types = family === 4 ? [0, 3, 5, 8, 11, 13] : [1, 2, 3, 128, 129, 133, 135, 136, 143];
  const type = happens(chance, 85) ? pick(chance, types) : chance.integer(0, 254);
  const code = happens(chance, 50) ? chance.integer(0, 5) : undefined;
  const words = `-p ${name} -m ${module} ${not(chance)}${option} ${type}${code === undefined ? '' : `/${code}`}`;
  const near = [type, type, type + 1, Math.max(0, type - 1)];
  const aims = near.flatMap((t) => [code ?? 0, (code ?? 0) + 1].map((c) => icmpAim(protocol, t & 255, c)));
  return spec(`-m ${module}`, words, aims);
}

function icmpAim(protocol: number, icmpType: number, icmpCode: number): Aim {
  const requests = protocol === 1 ? [8, 13, 15, 17] : [128, 139];
  return {
    protocol,
    icmpType,
    icmpCode,
    ...(requests.includes(icmpType) ? {} : { state: 'invalid' as const }),
  };
}

const STATES: readonly (readonly [string, ConnectionState])[] = [
  ['NEW', 'new'],
  ['ESTABLISHED', 'established'],
  ['RELATED', 'related'],
  ['INVALID', 'invalid'],
  ['UNTRACKED', 'untracked'],
];
const STATE_AIMS: readonly Aim[] = STATES.map(([, value]) => ({ state: value }));

function state(chance: Chance): MatchSpec {
  const names = some(chance, STATES, 1, 3).map(([name]) => name);
  return spec('-m state', `-m state ${not(chance)}--state ${names.join(',')}`, STATE_AIMS);
}

function conntrack(chance: Chance, around: Surroundings): MatchSpec {
  const options: string[] = [];
  let construct = '--ctstate';
  const aims: Aim[] = [...STATE_AIMS];
  if (happens(chance, 75)) {
    const names = some(chance, STATES, 1, 3).map(([name]) => name);
    if (happens(chance, 12)) names.push(pick(chance, ['DNAT', 'SNAT']));
    options.push(`${not(chance)}--ctstate ${names.join(',')}`);
  }
  if (options.length === 0 || happens(chance, 12)) {
    const [name, words, more] = pick(chance, [original, originalPort, protocolOf])(chance, around);
    construct = name;
    options.push(words);
    aims.push(...more);
  }
  return spec(construct, `-m conntrack ${options.join(' ')}`, aims);
}

type Option = readonly [string, string, readonly Aim[]];

function original(chance: Chance, { family }: Surroundings): Option {
  const field = pick(chance, ['src', 'dst'] as const);
  const { text, lo, hi } = network(chance, family);
  const aims = edges(lo, hi).map((value) => ({ [field]: value }));
  return [`--ctorig${field}`, `${not(chance)}--ctorig${field} ${text}`, aims];
}

function originalPort(chance: Chance): Option {
  const field = pick(chance, ['src', 'dst'] as const);
  const { text, edges: near } = portRange(chance);
  const closed = text.startsWith(':') ? `0${text}` : text.endsWith(':') ? `${text}65535` : text;
  const aims = near.map((port) => ({ protocol: 6, [field === 'src' ? 'sport' : 'dport']: port }));
  return [`--ctorig${field}port`, `${not(chance)}--ctorig${field}port ${closed}`, aims];
}

function protocolOf(chance: Chance): Option {
  const [name, number] = pick(chance, [
    ['tcp', 6],
    ['udp', 17],
    ['47', 47],
  ] as const);
  return ['--ctproto', `${not(chance)}--ctproto ${name}`, [{ protocol: number }]];
}

function mark(chance: Chance): MatchSpec {
  const { words, aims } = markWords(chance, 'mark');
  return spec('-m mark', `-m mark ${not(chance)}--mark ${words}`, aims);
}

function connmark(chance: Chance): MatchSpec {
  const { words, aims } = markWords(chance, 'ctmark');
  const known = aims.map((aim) => ({ ...aim, state: 'established' as const }));
  return spec('-m connmark', `-m connmark ${not(chance)}--mark ${words}`, [...known, { state: 'invalid' }]);
}

const MARKS: readonly number[] = [0, 1, 2, 0x10, 0xff, 0x100, 0xffff, 0x80000000, 0xffffffff];

function markWords(chance: Chance, field: 'mark' | 'ctmark'): { words: string; aims: Aim[] } {
  const value = pick(chance, MARKS);
  const mask = happens(chance, 35) ? pick(chance, [0xff, 0xf, 0x100, 0xffff0000, 0x80000000]) : undefined;
  const hex = (number: number) => `0x${number.toString(16)}`;
  const aims = [value, (value ^ 1) >>> 0, (value ^ 0x100) >>> 0, 0].map((near) => ({ [field]: near }));
  return { words: mask === undefined ? hex(value) : `${hex(value)}/${hex(mask)}`, aims };
}

function length(chance: Chance): MatchSpec {
  const lo = pick(chance, [0, 40, 60, 100, 128, 576, 1500]);
  const hi = happens(chance, 50) ? lo : chance.integer(lo, 9000);
  const aims = [lo - 1, lo, hi, hi + 1].filter((n) => n >= 0).map((n) => ({ length: n }));
  return spec('-m length', `-m length ${not(chance)}--length ${lo === hi ? lo : `${lo}:${hi}`}`, aims);
}

function ttl(chance: Chance): MatchSpec {
  const value = pick(chance, [1, 2, 32, 63, 64, 128, 254, 255]);
  const option = pick(chance, [`${not(chance)}--ttl-eq`, '--ttl-lt', '--ttl-gt']);
  return spec('-m ttl', `-m ttl ${option} ${value}`, ttlAims(value));
}

function hopLimit(chance: Chance): MatchSpec {
  const value = pick(chance, [1, 2, 32, 63, 64, 128, 254, 255]);
  const option = pick(chance, [`${not(chance)}--hl-eq`, '--hl-lt', '--hl-gt']);
  return spec('-m hl', `-m hl ${option} ${value}`, ttlAims(value));
}

function ttlAims(value: number): Aim[] {
  return [value - 1, value, value + 1, value + 2].filter((n) => n > 0 && n < 256).map((n) => ({ ttl: n }));
}

function dscp(chance: Chance): MatchSpec {
  const value = pick(chance, [0, 1, 10, 46, 63]);
  const aims = [value << 2, (value << 2) | 3, ((value ^ 1) << 2) & 255].map((tos_) => ({ tos: tos_ }));
  return spec('-m dscp', `-m dscp ${not(chance)}--dscp 0x${value.toString(16)}`, aims);
}

function tos(chance: Chance): MatchSpec {
  const value = pick(chance, [0, 2, 8, 0x10, 0xb8, 0xff]);
  const mask = pick(chance, [0xff, 0x3f, 0xfc, 0x10]);
  const aims = [value, value ^ 1, value ^ 0x10, value ^ 0x80].map((near) => ({ tos: near }));
  return spec('-m tos', `-m tos ${not(chance)}--tos 0x${value.toString(16)}/0x${mask.toString(16)}`, aims);
}

function pkttype(chance: Chance): MatchSpec {
  const kind = pick(chance, ['unicast', 'broadcast', 'multicast']);
  const aims = (['unicast', 'broadcast', 'multicast'] as const).map((one) => ({ pkttype: one }));
  return spec('-m pkttype', `-m pkttype ${not(chance)}--pkt-type ${kind}`, aims);
}

function iprange(chance: Chance, { family }: Surroundings): MatchSpec {
  const field = pick(chance, ['src', 'dst'] as const);
  const lo = address(chance, family);
  const hi = lo + BigInt(chance.integer(0, 1000));
  const aims = edges(lo, hi).map((value) => ({ [field]: value }));
  const range = `${formatAddress(family, lo)}-${formatAddress(family, hi)}`;
  return spec('-m iprange', `-m iprange ${not(chance)}--${field}-range ${range}`, aims);
}

function addrtype(chance: Chance, { family }: Surroundings): MatchSpec {
  // The kernel takes no BROADCAST in IPv6 (net/netfilter/xt_addrtype.c, addrtype_mt_checkentry_v1).
  const type = pick(chance, ['LOCAL', 'UNICAST', 'MULTICAST', ...(family === 4 ? ['BROADCAST'] : [])]);
  return spec('-m addrtype', `-m addrtype ${not(chance)}--dst-type ${type}`);
}

function comment(chance: Chance): MatchSpec {
  return spec(
    '-m comment',
    `-m comment --comment "${pick(chance, ['x', 'a \\"quoted\\" word', '-j DROP', "it's"])}"`,
  );
}

function fragment(chance: Chance): MatchSpec {
  return spec('-f', `${not(chance, 60)}-f`);
}

const HEADERS: readonly (readonly [string, number])[] = [
  ['hop', 1],
  ['dst', 2],
  ['route', 4],
  ['frag', 8],
  ['auth', 16],
];

function ipv6Header(chance: Chance): MatchSpec {
  const chosen = some(chance, HEADERS, 1, 2);
  const soft = happens(chance, 60) ? ' --soft' : '';
  const bit = chosen.reduce((sum, [, value]) => sum | value, 0);
  const aims = [0, bit, bit | 1, bit & ~1].map((extensionHeaders) => ({ extensionHeaders }));
  const names = chosen.map(([name]) => name).join(',');
  return spec('-m ipv6header', `-m ipv6header ${not(chance)}--header ${names}${soft}`, aims);
}

const MACS: readonly number[] = [0x020000000001, 0x020000000002, 0xa4badb000000, 0xfefffffffffe];

function mac(chance: Chance): MatchSpec {
  const value = pick(chance, MACS);
  const text = value.toString(16).padStart(12, '0').match(/../g)?.join(':');
  const aims = [value, value, value + 1, value].map((near) => ({ mac: near }));
  return spec('-m mac', `-m mac ${not(chance)}--mac-source ${text}`, aims);
}

function set(chance: Chance, { sets }: Surroundings): MatchSpec {
  const chosen = pick(chance, sets);
  const directions = Array.from({ length: chosen.dimensions }, () => pick(chance, ['src', 'dst']));
  const nomatch = happens(chance, 15) ? ' --return-nomatch' : '';
  const words = `-m set ${not(chance)}--match-set ${chosen.name} ${directions.join(',')}${nomatch}`;
  return spec('-m set', words, chosen.aims);
}
