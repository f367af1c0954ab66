import { type Chance, happens, pick, weighted } from './chance.ts';
import { connmark, conntrack, mark, state } from './match-connection.ts';
import {
  comment,
  dscp,
  fragment,
  hopLimit,
  ipv6Header,
  length,
  mac,
  pkttype,
  tos,
  ttl,
} from './match-header.ts';
import { addressMatch, addrtype, interfaceMatches, iprange } from './match-network.ts';
import { type Generator, not, spec, type Surroundings } from './match-spec.ts';
import { protocolMatches } from './match-transport.ts';
import type { MatchSpec } from './spec.ts';

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

function set(chance: Chance, { sets }: Surroundings): MatchSpec {
  const chosen = pick(chance, sets);
  const directions = Array.from({ length: chosen.dimensions }, () => pick(chance, ['src', 'dst']));
  const nomatch = happens(chance, 15) ? ' --return-nomatch' : '';
  const words = `-m set ${not(chance)}--match-set ${chosen.name} ${directions.join(',')}${nomatch}`;
  return spec('-m set', words, chosen.aims);
}
