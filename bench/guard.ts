import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measureMix } from './mix.ts';
import { measureNft } from './nft.ts';
import type { Plan, Side } from './side.ts';
import { markdown, times } from './table.ts';

/** How many times a ratio may be the committed one. */
export const MOST = 1.3;

const COMMITTED = fileURLToPath(new URL('./baseline.json', import.meta.url));
const SIZES = { small: 50, middle: 10_000, large: 100_000 } as const;

/** Ratios by name; one that could not be measured here is absent. Times and bytes of one machine mean nothing on another. */
export type Ratios = Readonly<Record<string, number>>;

/** A ratio beside the committed one. */
export interface Compared {
  readonly name: string;
  readonly committed: number | undefined;
  readonly now: number | undefined;
  readonly worse: boolean;
}

/** Measures what the ratios are made of. The largest mix is run once: it takes longer than all else together. */
export function measureRatios(plan: Plan): Ratios {
  const small = measureMix(SIZES.small, { ...plan, runs: 3 * plan.runs });
  const middle = measureMix(SIZES.middle, plan);
  const large = measureMix(SIZES.large, { ...plan, runs: 1 });
  return ratiosOf({ small, middle, large, nft: measureNft(plan) });
}

/** What was measured, as ratios: to `node -e 0`, to the peers, and of ten times the rules to the rules. */
export function ratiosOf(sides: Readonly<Record<'small' | 'middle' | 'large' | 'nft', Side>>): Ratios {
  const { small, middle, large, nft } = sides;
  const cpu = (side: Side): number => side.postern.cpu.mean;
  const memory = (side: Side): number => side.postern.memory.median;
  const found: Record<string, number> = {
    'cold start, cpu, to node -e 0': cpu(small) / small.node.cpu.mean,
    'cold start, memory, to node -e 0': memory(small) / small.node.memory.median,
    'growth from 10,000 to 100,000 rules, cpu': cpu(large) / cpu(middle),
    'growth from 10,000 to 100,000 rules, memory': memory(large) / memory(middle),
  };
  const beside = (name: string, side: Side): void => {
    if (side.peer === undefined) return;
    found[`${name}, cpu`] = cpu(side) / side.peer.cpu.mean;
    found[`${name}, memory`] = memory(side) / side.peer.memory.median;
  };
  beside('10,000 rules to iptables-nft-restore --test', middle);
  beside('100,000 rules to iptables-nft-restore --test', large);
  beside('nftables, 10,000 rules and 100 sets, to nft -c -f', nft);
  return Object.fromEntries(Object.entries(found).filter(([, ratio]) => Number.isFinite(ratio)));
}

/** Each ratio beside the committed one. One that could not be measured is no worse. */
export function compareRatios(committed: Ratios, now: Ratios): Compared[] {
  const names = new Set([...Object.keys(committed), ...Object.keys(now)]);
  return [...names].map((name) => {
    const [before, after] = [committed[name], now[name]];
    const worse = before !== undefined && after !== undefined && after > MOST * before;
    return { name, committed: before, now: after, worse };
  });
}

/** The comparison as a table. */
export function guardTable(rows: readonly Compared[]): string {
  const text = (ratio: number | undefined): string => (ratio === undefined ? 'not measured' : times(ratio));
  const verdict = ({ committed, now, worse }: Compared): string => {
    if (committed === undefined || now === undefined) return 'not compared';
    return worse ? `**worse than ${MOST}-fold**` : times(now / committed);
  };
  return markdown(
    ['ratio', 'committed', 'now', 'now to committed'],
    rows.map((row) => [row.name, text(row.committed), text(row.now), verdict(row)]),
  );
}

/** The committed ratios. Throws where the file cannot be read, which is part of the project. */
export function committedRatios(): Ratios {
  return JSON.parse(readFileSync(COMMITTED, 'utf8')) as Ratios;
}

/** Makes these ratios the committed ones, in three digits. */
export function recordRatios(now: Ratios): void {
  const rounded = Object.entries(now).map(([name, ratio]) => [name, Number(ratio.toPrecision(3))]);
  writeFileSync(COMMITTED, `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`);
}
