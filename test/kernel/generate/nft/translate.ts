import { formatAddress } from '../../wire/address.ts';
import { address } from '../addresses.ts';
import { type Chance, happens, pick, some } from '../chance.ts';
import { spec } from '../match-spec.ts';
import type { Aim } from '../spec.ts';
import { addressOf, interfaceOf, portOf } from './fields.ts';
import type { NftPlace } from './place.ts';
import { declareMap } from './sets.ts';
import { type NftTarget, plain, type TranslateTo } from './target-spec.ts';
import { aimsAt } from './value.ts';

const ported = (chance: Chance): string => pick(chance, ['tcp', 'udp']);

function familyWord({ tableFamily, family }: NftPlace): string {
  return tableFamily === 'inet' ? (family === 4 ? ' ip' : ' ip6') : '';
}

/** `dnat to`. */
export function dnat(chance: Chance, place: NftPlace, to: TranslateTo): NftTarget {
  const { family } = place;
  const text = formatAddress(family, to(chance));
  const word = familyWord(place);
  if (happens(chance, 50)) return plain('dnat', `dnat${word} to ${text}`);
  const port = happens(chance, 80) ? chance.integer(1, 65535) : `${2000}-${2010}`;
  const host = family === 4 ? text : `[${text}]`;
  const construct = typeof port === 'string' ? 'dnat to ports' : 'dnat to a port';
  return plain(
    construct,
    `meta l4proto ${ported(chance)} dnat${word} to ${happens(chance, 12) && word === '' ? '' : host}:${port}`,
  );
}

/** `dnat to ip daddr . tcp dport map`: address and port for address and port. */
function dnatByBoth(chance: Chance, place: NftPlace, to: TranslateTo): NftTarget {
  const { family, tableFamily } = place;
  const protocol = family === 4 ? 'ip' : 'ip6';
  const aims: Aim[] = [];
  const elements = some(chance, [22, 80, 443, 8080], 1, 3).map((dport) => {
    const dst = address(chance, family);
    aims.push(
      { dst, protocol: 6, dport },
      { dst, protocol: 6, dport: dport + 1 },
      { dst, protocol: 17, dport },
    );
    const key = `${formatAddress(family, dst)} . ${dport}`;
    return `${key} : ${formatAddress(family, to(chance))} . ${chance.integer(1, 65535)}`;
  });
  const word = tableFamily === 'inet' ? ` ${protocol}` : '';
  const words = `dnat${word} to ${protocol} daddr . tcp dport map { ${elements.join(', ')} }`;
  return {
    target: { construct: 'dnat map by address and port', words },
    matches: [spec('dnat map by address and port', '', aims)],
  };
}

/** Addresses, or addresses with ports, that a map gives: `dnat to … map`. */
export function dnatMap(chance: Chance, place: NftPlace, to: TranslateTo): NftTarget {
  const { family } = place;
  if (happens(chance, 20)) return dnatByBoth(chance, place, to);
  const what = pick(chance, [
    portOf('tcp', 'dport'),
    portOf('udp', 'dport'),
    addressOf(family, 'dst'),
    addressOf(family, 'src'),
  ]);
  const pieces = what.pieces(chance, chance.integer(1, 4), true);
  const matches = [spec('dnat map', '', aimsAt(what, pieces))];
  const withPort = what.words.includes('dport') && happens(chance, 45);
  const type = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const elements = pieces.map(({ text }) => {
    const host = formatAddress(family, to(chance));
    return [text, withPort ? `${host} . ${chance.integer(1, 65535)}` : host] as const;
  });
  const map = happens(chance, 50)
    ? `@${declareMap(chance, place, [what], withPort ? `${type} . inet_service` : type, elements)}`
    : `{ ${elements.map(([key, data]) => `${key} : ${data}`).join(', ')} }`;
  const target = {
    construct: withPort ? 'dnat map with ports' : 'dnat map',
    words: `dnat${withPort && place.tableFamily !== 'inet' ? (family === 4 ? ' ip' : ' ip6') : familyWord(place)} to ${what.words} map ${map}`,
  };
  return { target, matches };
}

/** `redirect`. */
export function redirect(chance: Chance, place: NftPlace): NftTarget {
  if (happens(chance, 25)) return plain('redirect', 'redirect');
  if (happens(chance, 25)) {
    const what = portOf('tcp', 'dport');
    const pieces = what.pieces(chance, chance.integer(1, 3), true);
    const elements = pieces.map(({ text }) => `${text} : ${chance.integer(1, 65535)}`);
    const words = `meta l4proto tcp redirect to :tcp dport map { ${elements.join(', ')} }`;
    return {
      target: { construct: 'redirect map', words },
      matches: [spec('redirect map', '', aimsAt(what, pieces))],
    };
  }
  void place;
  const port = happens(chance, 80) ? chance.integer(1, 65535) : '3000-3010';
  return plain('redirect', `meta l4proto ${ported(chance)} redirect to :${port}`);
}

/** `snat to`. */
export function snat(chance: Chance, place: NftPlace): NftTarget {
  const text = formatAddress(place.family, address(chance, place.family));
  const word = familyWord(place);
  if (happens(chance, 30)) {
    const what =
      place.outgoing && happens(chance, 40) ? interfaceOf('out', false) : addressOf(place.family, 'src');
    const pieces = what.pieces(chance, 2, true);
    const elements = pieces.map(
      (piece) => `${piece.text} : ${formatAddress(place.family, address(chance, place.family))}`,
    );
    return plain('snat map', `snat${word} to ${what.words} map { ${elements.join(', ')} }`);
  }
  return plain('snat', `snat${word} to ${text}`);
}
