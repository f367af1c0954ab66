import { LINKS } from '../../topology.ts';
import { type Chance, happens, pick, some, weighted } from '../chance.ts';
import { spec } from '../match-spec.ts';
import type { Aim, MatchSpec } from '../spec.ts';
import type { NftPlace } from './place.ts';
import { interfaceOf, portOf, stateOf, transportOf } from './fields.ts';
import { joined } from './joined.ts';
import { raw } from './raw.ts';
import { readablePart, readables } from './readables.ts';
import { declareSet } from './sets.ts';
import { aimsAt, type Piece, type Readable } from './value.ts';

/** One condition, or two that go together. */
export function nftMatch(chance: Chance, place: NftPlace): MatchSpec {
  const special = weighted<(c: Chance, p: NftPlace) => MatchSpec | undefined>(chance, [
    [70, comparison],
    [9, concatenation],
    [7, masked],
    [5, flags],
    [4, transport],
    [3, wildcard],
    [2, states],
    [2, extension],
    [2, interfaceType],
    [4, raw],
    [3, joined],
    [2, wildcards],
  ]);
  return special(chance, place) ?? comparison(chance, place);
}

const OPERATORS = ['', '', '', '!= ', '== '] as const;

function comparison(chance: Chance, place: NftPlace): MatchSpec {
  const what = weighted(chance, readables(place));
  return compare(chance, place, what);
}

/** An expression against one value, a range, an order, or a set. */
export function compare(chance: Chance, place: NftPlace, what: Readable): MatchSpec {
  const way = weighted(chance, [
    [45, 'one'],
    [what.discrete ? 0 : 12, 'order'],
    [what.alone ? 0 : 25, 'anonymous'],
    [what.alone ? 0 : 15, 'named'],
  ] as const);
  const operator = pick(chance, ['', '', '', '!= ']);
  if (way === 'one') {
    const pieces = what.pieces(chance, 1, false);
    return spec(
      what.construct,
      `${what.words} ${pick(chance, OPERATORS)}${textOf(pieces)}`,
      aimsAt(what, pieces),
    );
  }
  if (way === 'order') {
    const pieces = what.pieces(chance, 1, true);
    const sign = pick(chance, ['<', '>', '<=', '>=']);
    return spec(`${sign}`, `${what.words} ${sign} ${textOf(pieces)}`, aimsAt(what, pieces));
  }
  const pieces = what.pieces(chance, chance.integer(1, 5), false);
  const aims = aimsAt(what, pieces);
  if (way === 'anonymous')
    return spec(
      'anonymous set',
      `${what.words} ${operator}{ ${pieces.map(({ text }) => text).join(', ')} }`,
      aims,
    );
  const name = declareSet(
    chance,
    place,
    [what],
    pieces.map(({ text }) => text),
  );
  return spec('named set', `${what.words} ${operator}@${name}`, aims);
}

const textOf = (pieces: readonly Piece[]): string => pieces[0]?.text ?? '0';

/** The parts of a concatenation with their elements, and packets at the elements. */
export interface Concatenation {
  readonly parts: readonly Readable[];
  readonly rows: readonly string[];
  readonly aims: readonly Aim[];
}

/** Two or three expressions, with elements that do not overlap: their first parts do not. */
export function concatenated(chance: Chance, place: NftPlace): Concatenation {
  const parts = [readablePart(chance, place), portOf(pick(chance, ['tcp', 'udp']), 'dport')];
  if (happens(chance, 25)) {
    const more = readablePart(chance, place);
    if (parts.every(({ words }) => words !== more.words)) parts.unshift(more);
  }
  if (happens(chance, 30)) parts.reverse();
  const [first, ...rest] = parts as [Readable, ...Readable[]];
  const aims: Aim[] = [];
  const rows = first.pieces(chance, chance.integer(1, 4), false).map((piece) => {
    const others = rest.map((part) => [part, part.pieces(chance, 1, false)] as const);
    let near: Aim[] = aimsAt(first, [piece]);
    for (const [part, pieces] of others) {
      const more = aimsAt(part, pieces);
      near = near.map((aim) => (more.length === 0 ? aim : { ...aim, ...pick(chance, more) }));
    }
    aims.push(...near);
    return [piece.text, ...others.map(([, pieces]) => textOf(pieces))].join(' . ');
  });
  return { parts, rows, aims };
}

function concatenation(chance: Chance, place: NftPlace): MatchSpec {
  const { parts, rows, aims } = concatenated(chance, place);
  const words = parts.map((part) => part.words).join(' . ');
  const operator = pick(chance, ['', '', '!= ']);
  if (happens(chance, 50)) return spec('concatenation', `${words} ${operator}{ ${rows.join(', ')} }`, aims);
  return spec('concatenation, named', `${words} ${operator}@${declareSet(chance, place, parts, rows)}`, aims);
}

/** Bits of an address or a mark. */
function masked(chance: Chance, { family, tracked, bare }: NftPlace): MatchSpec {
  const mark = (which: 'meta' | 'ct'): MatchSpec => {
    const mask = pick(chance, [0xff, 0xf0, 0x1, 0xffff0000]);
    // Bits outside of the mask would be listed as if they were in it.
    const value = (pick(chance, [0, 1, 0x10, 0xf0, 0x10000]) & mask) >>> 0;
    const operator = pick(chance, ['==', '!=', '']);
    const aims = [value, value ^ 1, value | 0x100, 0].map((near) =>
      which === 'meta' ? { mark: near } : { ctmark: near, state: 'established' as const },
    );
    return spec(
      'masked mark',
      `${which} mark & 0x${mask.toString(16)} ${operator} 0x${value.toString(16)}`,
      aims,
    );
  };
  if (tracked && happens(chance, 30)) return mark('ct');
  if (!bare && happens(chance, 60)) return mark('meta');
  const field = pick(chance, ['src', 'dst'] as const);
  const words = `${family === 4 ? 'ip' : 'ip6'} ${field === 'src' ? 'saddr' : 'daddr'}`;
  const [mask, value] = family === 4 ? ['255.0.255.0', '10.0.2.0'] : ['ffff:ffff:0:ffff::', '2001:db8:0:1::'];
  const near =
    family === 4
      ? [0x0a010200n, 0x0a630205n, 0x0a010301n]
      : [0x20010db800010001n << 64n, 0x20010db800090001n << 64n];
  const aims = near.map((address) => ({ [field]: address }));
  return spec('masked address', `${words} & ${mask} ${pick(chance, ['==', '!='])} ${value}`, aims);
}

const FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg'];

/** The forms of a comparison of TCP flags. */
function flags(chance: Chance): MatchSpec {
  const aims = [2, 16, 18, 4, 17, 24, 0, 41].map((tcpFlags) => ({
    protocol: 6,
    tcpFlags,
    ...(tcpFlags === 2 ? {} : { state: 'invalid' as const }),
  }));
  const mask = some(chance, FLAGS, 2, 5);
  const value = some(chance, mask, 1, mask.length);
  const words = pick(chance, [
    `tcp flags ${pick(chance, FLAGS)}`,
    `tcp flags != ${pick(chance, FLAGS)}`,
    `tcp flags == ${pick(chance, FLAGS)}`,
    `tcp flags & (${mask.join(' | ')}) == ${value.join(' | ')}`,
    `tcp flags & (${mask.join(' | ')}) != ${value.join(' | ')}`,
    `tcp flags ${value.join(',')} / ${mask.join(',')}`,
    `tcp flags != ${value.join(',')} / ${mask.join(',')}`,
    // Of one alone a listing does not tell whether all bits are asked for.
    value.length > 1 ? `tcp flags { ${value.join(', ')} }` : `tcp flags == ${value.join()}`,
    `tcp flags & (${mask.join(' | ')}) == 0x0`,
  ]);
  return spec('tcp flags', words, aims);
}

/** `th dport` behind its protocols; at random without them is not judged, since other bytes stand there. */
function transport(chance: Chance, place: NftPlace): MatchSpec {
  const inner = compare(chance, place, transportOf(pick(chance, ['sport', 'dport'])));
  return spec('th', `meta l4proto { tcp, udp, sctp } ${inner.words}`, inner.aims);
}

function wildcard(chance: Chance, { incoming, outgoing }: NftPlace): MatchSpec | undefined {
  if (!incoming && !outgoing) return undefined;
  const field = incoming && (!outgoing || happens(chance, 60)) ? 'in' : 'out';
  const name = pick(chance, ['eth*', 'eth1*', 'ppp*', 'docker0*', 'x*']);
  const aims: Aim[] = field === 'in' ? LINKS.map((link) => ({ in: link.name })) : [];
  const words = `${interfaceOf(field, false).words} ${pick(chance, ['', '!= '])}"${name}"`;
  return spec('interface wildcard', words, aims);
}

/** Several names, of which some are the beginnings of others' names. */
function wildcards(chance: Chance, { incoming, outgoing }: NftPlace): MatchSpec | undefined {
  if (!incoming && !outgoing) return undefined;
  const field = incoming ? 'in' : 'out';
  const names = pick(chance, [
    ['eth*', 'ppp0'],
    ['eth1*', 'docker0', 'x*'],
    ['ppp*', 'docker*', 'eth0'],
  ]).map((name) => `"${name}"`);
  const aims: Aim[] = field === 'in' ? LINKS.map((link) => ({ in: link.name })) : [];
  const words = `${interfaceOf(field, false).words} ${pick(chance, ['', '!= '])}{ ${names.join(', ')} }`;
  return spec('interface wildcards', words, aims);
}

/** The forms of `ct state` that are no sets. */
function states(chance: Chance, { tracked }: NftPlace): MatchSpec | undefined {
  if (!tracked) return undefined;
  const names = some(chance, ['new', 'established', 'related', 'invalid', 'untracked'], 1, 3).join(',');
  const words = pick(chance, [
    `ct state ${names}`,
    `ct state != ${names}`,
    `ct state ! ${names}`,
    `ct state & (${names.replaceAll(',', ' | ')}) != 0x0`,
  ]);
  return spec('ct state list', words, stateOf().aims(0n));
}

function extension(chance: Chance, { family, tableFamily }: NftPlace): MatchSpec | undefined {
  if (family === 4 || tableFamily === 'ip') return undefined;
  const [name, bit] = pick(chance, [
    ['hbh', 1],
    ['dst', 2],
    ['rt', 4],
  ] as const);
  const aims = [0, bit, bit | 1].map((extensionHeaders) => ({ extensionHeaders }));
  return spec('exthdr', `exthdr ${name} ${pick(chance, ['exists', 'missing'])}`, aims);
}

function interfaceType(chance: Chance, { incoming }: NftPlace): MatchSpec | undefined {
  if (!incoming) return undefined;
  return spec('meta iiftype', `meta iiftype ${pick(chance, ['', '!= '])}loopback`);
}
