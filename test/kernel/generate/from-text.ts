import { LINKS } from '../topology.ts';
import { parseAddress } from '../wire/address.ts';
import { type Chance, happens, pick } from './chance.ts';
import type { Aim, TableSpec } from './spec.ts';

const NETWORK = {
  4: /\b(\d{1,3}(?:\.\d{1,3}){3})(?:\/(\d{1,2}))?(?![\d.])/g,
  6: /(?<![\w:])([0-9a-f]{1,4}:[0-9a-f:]*:[0-9a-f:]*)(?:\/(\d{1,3}))?(?![\w:])/g,
} as const;
const MOST = 3000;

/** Numbers of a dump that packets can be aimed at. */
interface Found {
  readonly addresses: readonly bigint[];
  readonly ports: readonly number[];
  readonly marks: readonly number[];
}

/** Addresses at both ends of every network in a dump of real rules, and all numbers that could be ports or marks. */
function find(text: string, family: 4 | 6): Found {
  const width = family === 4 ? 32 : 128;
  const addresses = [...text.matchAll(NETWORK[family])].slice(0, MOST).flatMap(([, address = '', prefix]) => {
    const host = BigInt(Math.max(0, width - Number(prefix ?? width)));
    const lo = (parseAddress(address) >> host) << host;
    return [lo - 1n, lo, lo + (1n << host) - 1n, lo + (1n << host)].filter((value) => value > 0n);
  });
  const ports = [...text.matchAll(/\b\d{1,5}\b/g)].map(Number).filter((port) => port < 65_536);
  const marks = [...text.matchAll(/0x([0-9a-f]{1,8})\b/g)].map(([, digits]) =>
    Number.parseInt(digits as string, 16),
  );
  return { addresses, ports: [22, 53, ...ports], marks: [0, 1, ...marks] };
}

/** One rule for each aim, so that {@link generatePackets} can be asked for packets near a dump's rules. */
export function aimsOfText(chance: Chance, text: string, family: 4 | 6, count: number): TableSpec {
  const { addresses, ports, marks } = find(text, family);
  const sometimes = <K extends keyof Aim, T extends Aim[K]>(
    percent: number,
    field: K,
    list: readonly T[],
  ): Aim => (list.length > 0 && happens(chance, percent) ? ({ [field]: pick(chance, list) } as Aim) : {});
  const rules = Array.from({ length: count }, () => {
    const aim: Aim = {
      ...sometimes(50, 'src', addresses),
      ...sometimes(50, 'dst', addresses),
      ...sometimes(70, 'dport', ports),
      ...sometimes(15, 'sport', ports),
      ...sometimes(15, 'mark', marks),
      ...sometimes(
        30,
        'in',
        LINKS.map(({ name }) => name),
      ),
    };
    return { matches: [{ words: '', construct: '', aims: [aim] }], target: { words: '', construct: '' } };
  });
  return { name: 'filter', chains: [{ name: 'INPUT', rules }] };
}
