import { type Chance, happens, pick, weighted } from '../chance.ts';
import { spec } from '../match-spec.ts';
import type { MatchSpec } from '../spec.ts';
import { concatenated } from './match.ts';
import type { NftPlace } from './place.ts';
import { addressOf, markOf, portOf, stateOf } from './fields.ts';
import { services } from './joined.ts';
import { readables } from './readables.ts';
import { type NftTarget, plain, type TranslateTo } from './target-spec.ts';
import { dnat, dnatMap, redirect, snat } from './translate.ts';
import { declareMap } from './sets.ts';
import { aimsAt, type Readable } from './value.ts';

/** A verdict of a verdict map. */
function verdict(chance: Chance, place: NftPlace): string {
  const { chains } = place;
  if (chains.length > 0 && happens(chance, 45))
    return `${happens(chance, 70) ? 'jump' : 'goto'} ${pick(chance, chains)}`;
  return pick(chance, ['accept', 'accept', 'drop', 'return', 'continue']);
}

/** What a rule does at the place. */
export function nftTarget(chance: Chance, place: NftPlace, to: TranslateTo): NftTarget {
  if (place.chains.length > 0 && happens(chance, 25)) {
    const chain = pick(chance, place.chains);
    return happens(chance, 75) ? plain('jump', `jump ${chain}`) : plain('goto', `goto ${chain}`);
  }
  if (place.type === 'nat') return translation(chance, place, to);
  const ways: [number, (c: Chance, p: NftPlace) => NftTarget][] = [
    [34, () => plain('accept', 'accept')],
    [20, () => plain('drop', 'drop')],
    [6, () => plain('return', 'return')],
    [3, () => plain('continue', 'continue')],
    [12, verdictMap],
    [place.bare ? 0 : 8, markStatement],
    [2, () => plain('counter', 'counter')],
    [place.bare ? 0 : 2, dscpStatement],
    [place.bare ? 0 : 3, anonymousChain],
  ];
  if (place.hooks.every((hook) => ['input', 'forward', 'output'].includes(hook))) ways.push([6, reject]);
  if (place.early) ways.push([14, () => plain('notrack', 'notrack')]);
  return weighted(chance, ways)(chance, place);
}

function reject(chance: Chance, { family, tableFamily }: NftPlace): NftTarget {
  if (happens(chance, 20)) return plain('reject', 'meta l4proto tcp reject with tcp reset');
  if (tableFamily === 'inet')
    return plain(
      'reject',
      pick(chance, [
        'reject',
        'reject with icmpx admin-prohibited',
        'reject with icmpx type port-unreachable',
      ]),
    );
  return plain(
    'reject',
    family === 4 ? 'reject with icmp host-prohibited' : 'reject with icmpv6 admin-prohibited',
  );
}

/** A verdict map, named or not, with a default or not. */
function verdictMap(chance: Chance, place: NftPlace): NftTarget {
  if (happens(chance, 25)) {
    const { parts, rows, aims } = concatenated(chance, place);
    const words = parts.map((part) => part.words).join(' . ');
    return vmap(chance, place, words, parts, rows, aims);
  }
  if (place.tableFamily !== 'netdev' && happens(chance, 12)) {
    const { words, keys, aims } = services(chance, place);
    const elements = keys.map((key) => `${key} : ${verdict(chance, place)}`);
    return {
      target: { construct: 'vmap of services', words: `${words} vmap { ${elements.join(', ')} }` },
      matches: [spec('vmap of services', '', aims)],
    };
  }
  const what = pickMapKey(chance, place);
  const pieces = what.pieces(chance, chance.integer(1, 5), false);
  return vmap(
    chance,
    place,
    what.words,
    [what],
    pieces.map(({ text }) => text),
    aimsAt(what, pieces),
  );
}

function vmap(
  chance: Chance,
  place: NftPlace,
  words: string,
  parts: readonly Readable[],
  keys: readonly string[],
  aims: MatchSpec['aims'],
): NftTarget {
  const elements = keys.map((key) => [key, verdict(chance, place)] as const);
  // nft 1.0.6 crashes when it lists a default among concatenations.
  const rest = happens(chance, 30) && parts.length === 1;
  const all = rest ? [...elements, ['*', verdict(chance, place)] as const] : elements;
  const named = happens(chance, 40);
  const data = named
    ? `@${declareMap(chance, place, parts, 'verdict', all)}`
    : `{ ${all.map(([key, value]) => `${key} : ${value}`).join(', ')} }`;
  const construct = `vmap${parts.length > 1 ? ', concatenated' : ''}${named ? ', named' : ''}`;
  // Something of aims for packets: a match without words.
  return { target: { construct, words: `${words} vmap ${data}` }, matches: [spec(construct, '', aims)] };
}

function pickMapKey(chance: Chance, place: NftPlace): Readable {
  const list: (readonly [number, Readable])[] = readables(place).filter(([, { alone }]) => alone !== true);
  if (place.tracked) list.push([25, stateOf()]);
  if (!place.bare) list.push([15, markOf('meta')]);
  return weighted(chance, list);
}

const HEX = ['0x0', '0x1', '0x2', '0x10', '0xff', '0x100', '0x80000000'];

/** `meta mark set` and `ct mark set`, with a verdict behind it or not. */
function markStatement(chance: Chance, place: NftPlace): NftTarget {
  const to = place.tracked && happens(chance, 40) ? 'ct' : 'meta';
  const other = to === 'ct' ? 'meta' : 'ct';
  const value = () => pick(chance, HEX);
  const sources = [
    value(),
    value(),
    `${to} mark & ${value()}`,
    `${to} mark | ${value()}`,
    `${to} mark ^ ${value()}`,
    `${to} mark & ${value()} | ${value()}`,
  ];
  if (place.tracked)
    sources.push(`${other} mark`, `${other} mark & ${value()}`, `${other} mark | ${value()}`);
  if (happens(chance, 25)) {
    const what = happens(chance, 50) ? portOf('tcp', 'dport') : addressOf(place.family, 'src');
    const pieces = what.pieces(chance, chance.integer(1, 4), false);
    const elements = pieces.map(({ text }) => [text, value()] as const);
    const map = happens(chance, 50)
      ? `@${declareMap(chance, place, [what], 'mark', elements)}`
      : `{ ${elements.map(([key, data]) => `${key} : ${data}`).join(', ')} }`;
    const words = `${to} mark set ${what.words} map ${map}`;
    return {
      target: { construct: 'mark set map', words },
      matches: [spec('mark set map', '', aimsAt(what, pieces))],
    };
  }
  const behind = happens(chance, 30)
    ? ` ${pick(chance, ['accept', 'drop', 'tcp dport 22 accept', 'meta mark 0x1 drop'])}`
    : '';
  return plain(`${to} mark set`, `${to} mark set ${pick(chance, sources)}${behind}`);
}

function dscpStatement(chance: Chance, { family }: NftPlace): NftTarget {
  return plain(
    'dscp set',
    `${family === 4 ? 'ip' : 'ip6'} dscp set ${pick(chance, ['cs1', 'ef', '0x3f', 'cs0'])}`,
  );
}

function anonymousChain(chance: Chance): NftTarget {
  const inner = pick(chance, ['tcp dport 22 accept', 'udp dport 53 drop', 'meta mark 0x1 accept', 'return']);
  return plain(
    'jump { }',
    `jump { ${inner}; ${pick(chance, ['drop', 'accept', 'counter', 'tcp dport 80 accept'])}; }`,
  );
}

function translation(chance: Chance, place: NftPlace, to: TranslateTo): NftTarget {
  const before = place.hooks.every((hook) => hook === 'prerouting' || hook === 'output');
  const after = place.hooks.every((hook) => hook === 'postrouting');
  const ways: [number, () => NftTarget][] = [
    [20, () => plain('accept', 'accept')],
    [8, () => plain('return', 'return')],
    [6, () => verdictMap(chance, place)],
    [3, () => markStatement(chance, place)],
  ];
  if (before)
    ways.push(
      [30, () => dnat(chance, place, to)],
      [16, () => dnatMap(chance, place, to)],
      [14, () => redirect(chance, place)],
    );
  if (after) ways.push([14, () => plain('masquerade', 'masquerade')], [16, () => snat(chance, place)]);
  return weighted(chance, ways)();
}
