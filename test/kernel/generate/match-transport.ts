import { type Chance, happens, pick, some, weighted } from './chance.ts';
import { not, spec, type Surroundings } from './match-spec.ts';
import type { Aim, MatchSpec } from './spec.ts';

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

/** `-p`, alone or with a match of its protocol. */
export function protocolMatches(chance: Chance, around: Surroundings): MatchSpec[] {
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

/** A port or a range of ports as written, with the ports at its edges. */
export function portRange(chance: Chance): { text: string; edges: number[] } {
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
