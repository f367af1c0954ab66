import { LINKS } from '../topology.ts';
import { formatAddress } from '../wire/address.ts';
import { address, edges, network } from './addresses.ts';
import { type Chance, happens, pick } from './chance.ts';
import { type Generator, not, spec, type Surroundings } from './match-spec.ts';
import type { Aim, MatchSpec } from './spec.ts';

/** `-s` or `-d`. */
export function addressMatch(field: 'src' | 'dst'): Generator {
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

/** `-i` and `-o`, where the chains that lead here have such an interface. */
export function interfaceMatches(chance: Chance, { bases }: Surroundings): MatchSpec[] {
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

/** `-m iprange`. */
export function iprange(chance: Chance, { family }: Surroundings): MatchSpec {
  const field = pick(chance, ['src', 'dst'] as const);
  const lo = address(chance, family);
  const hi = lo + BigInt(chance.integer(0, 1000));
  const aims = edges(lo, hi).map((value) => ({ [field]: value }));
  const range = `${formatAddress(family, lo)}-${formatAddress(family, hi)}`;
  return spec('-m iprange', `-m iprange ${not(chance)}--${field}-range ${range}`, aims);
}

/** `-m addrtype`. */
export function addrtype(chance: Chance, { family }: Surroundings): MatchSpec {
  // The kernel takes no BROADCAST in IPv6 (net/netfilter/xt_addrtype.c, addrtype_mt_checkentry_v1).
  const type = pick(chance, ['LOCAL', 'UNICAST', 'MULTICAST', ...(family === 4 ? ['BROADCAST'] : [])]);
  return spec('-m addrtype', `-m addrtype ${not(chance)}--dst-type ${type}`);
}
