import type { ConnectionState } from '../../../src/packet/packet.ts';
import { edges, network } from './addresses.ts';
import { type Chance, happens, pick, some } from './chance.ts';
import { not, spec, type Surroundings } from './match-spec.ts';
import { portRange } from './match-transport.ts';
import type { Aim, MatchSpec } from './spec.ts';

const STATES: readonly (readonly [string, ConnectionState])[] = [
  ['NEW', 'new'],
  ['ESTABLISHED', 'established'],
  ['RELATED', 'related'],
  ['INVALID', 'invalid'],
  ['UNTRACKED', 'untracked'],
];

const STATE_AIMS: readonly Aim[] = STATES.map(([, value]) => ({ state: value }));

/** `-m state`. */
export function state(chance: Chance): MatchSpec {
  const names = some(chance, STATES, 1, 3).map(([name]) => name);
  return spec('-m state', `-m state ${not(chance)}--state ${names.join(',')}`, STATE_AIMS);
}

/** `-m conntrack`: states, or the connection’s first packet, or both. */
export function conntrack(chance: Chance, around: Surroundings): MatchSpec {
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

/** `-m mark`. */
export function mark(chance: Chance): MatchSpec {
  const { words, aims } = markWords(chance, 'mark');
  return spec('-m mark', `-m mark ${not(chance)}--mark ${words}`, aims);
}

/** `-m connmark`. */
export function connmark(chance: Chance): MatchSpec {
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
