import { address } from '../addresses.ts';
import { type Chance, happens, pick } from '../chance.ts';
import { spec } from '../match-spec.ts';
import type { Aim, MatchSpec } from '../spec.ts';
import type { NftPlace } from './place.ts';

/** Bits of a header at their place, where they are a field, a part of one, or two of them. */
export function raw(chance: Chance, place: NftPlace): MatchSpec | undefined {
  if (place.tableFamily === 'netdev') return undefined;
  return happens(chance, 50) ? transport(chance) : network(chance, place);
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Equal to, one of several, a range or an order. */
function compared(chance: Chance, words: string, value: bigint, bits: number): string {
  const most = (1n << BigInt(bits)) - 1n;
  const above = value < most ? value + 1n : value;
  return pick(chance, [
    `${words} ${hex(value)}`,
    `${words} != ${hex(value)}`,
    `${words} ${pick(chance, ['', '!= '])}{ ${hex(value)}, ${hex(value ^ 3n)} }`,
    `${words} ${hex(value / 2n)}-${hex(above)}`,
    `${words} ${pick(chance, ['<', '>='])} ${hex(above)}`,
  ]);
}

function network(chance: Chance, { family, tableFamily }: NftPlace): MatchSpec {
  const wide = family === 4 ? 32 : 128;
  const field = pick(chance, ['src', 'dst'] as const);
  const offset = (family === 4 ? 96 : 64) + (field === 'dst' ? wide : 0);
  // A part of the address: its first bits, or some in the middle.
  const [skip, bits] = pick(chance, [
    [0, wide],
    [0, 8],
    [8, 16],
    [wide - 8, 8],
  ] as const);
  const whole = address(chance, family);
  const below = BigInt(wide - skip - bits);
  const value = (whole >> below) & ((1n << BigInt(bits)) - 1n);
  const aims: Aim[] = [whole, whole ^ (1n << below), whole ^ (3n << below)].map((one) => ({ [field]: one }));
  const asks = tableFamily === 'inet' ? `meta nfproto ipv${family} ` : '';
  return spec('raw', `${asks}${compared(chance, `@nh,${offset + skip},${bits}`, value, bits)}`, aims);
}

function transport(chance: Chance): MatchSpec {
  const [protocol, number] = pick(chance, [
    ['tcp', 6],
    ['udp', 17],
  ] as const);
  const [sport, dport] = [pick(chance, [1024, 40000, 65535]), pick(chance, [22, 53, 80, 443, 8080])];
  const near = [
    { sport, dport },
    { sport, dport: dport ^ 1 },
    { sport: sport ^ 1, dport },
  ];
  const aims = near.map((ports) => ({ protocol: number, ...ports }));
  const both = BigInt(sport) * 65536n + BigInt(dport);
  const words = pick(chance, [
    compared(chance, '@th,16,16', BigInt(dport), 16),
    compared(chance, '@th,0,16', BigInt(sport), 16),
    compared(chance, '@th,0,32', both, 32),
    compared(chance, '@th,8,16', (both >> 8n) & 0xffffn, 16),
    `@th,0,32 & 0xff0fff00 == ${hex(both & 0xff0fff00n)}`,
  ]);
  return spec('raw', `meta l4proto ${protocol} ${words}`, aims);
}
