import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mixedRules } from './generate.ts';
import { measureSide, type Plan, type Side } from './side.ts';
import { figureCells, markdown, megabytes, seconds, thousands, times } from './table.ts';

/** What each size must keep to: seconds, bytes. */
const TARGETS: Readonly<Record<number, { readonly wall: number; readonly memory?: number }>> = {
  50: { wall: 0.25 },
  10000: { wall: 1 },
  100000: { wall: 6, memory: 1e9 },
};
/** How many times longer ten times the rules may take. */
const MOST_GROWTH = 15;

/** Measures one size beside `iptables-nft-restore --test`. Throws where postern makes no proper report. */
export function measureMix(rules: number, plan: Plan): Side {
  const file = join(plan.folder, `mix-${rules}.v4`);
  writeFileSync(file, mixedRules(rules, plan.seed));
  return measureSide(rules, file, ['iptables-nft-restore', '--test', file], plan);
}

const HEAD = [
  'rules',
  'file',
  'report',
  'postern, wall',
  '(least–greatest)',
  'cpu',
  'memory',
  'iptables-nft-restore --test, wall',
  'cpu',
  'memory',
  'ratio, wall',
  'ratio, cpu',
  'growth, cpu',
  'node -e 0',
  'target',
];

/** The table of the sizes measured. */
export function mixTable(rows: readonly Side[]): string {
  return markdown(
    HEAD,
    rows.map((row) =>
      mixCells(
        row,
        rows.find(({ rules }) => rules * 10 === row.rules),
      ),
    ),
  );
}

/** @param before a tenth of the rules, where that was measured */
function mixCells(row: Side, before: Side | undefined): string[] {
  const { postern, peer, node } = row;
  return [
    thousands(row.rules),
    megabytes(row.fileSize),
    megabytes(row.reportSize),
    ...figureCells(postern),
    peer === undefined ? 'not run' : seconds(peer.wall.median),
    peer === undefined ? '–' : seconds(peer.cpu.median),
    peer === undefined ? '–' : megabytes(peer.memory.median),
    times(postern.wall.median / (peer?.wall.median ?? Number.NaN)),
    times(postern.cpu.median / (peer?.cpu.median || Number.NaN)),
    before === undefined ? '–' : times(growth(row, before)),
    seconds(node.wall.median),
    verdict(row, before),
  ];
}

/** How many times longer this took than a tenth of the rules. */
function growth(row: Side, before: Side): number {
  return row.postern.cpu.median / before.postern.cpu.median;
}

function verdict(row: Side, before: Side | undefined): string {
  const target = TARGETS[row.rules];
  const missed: string[] = [];
  if (target !== undefined && row.postern.wall.median > target.wall) missed.push(`over ${target.wall} s`);
  if (target?.memory !== undefined && row.postern.memory.greatest > target.memory)
    missed.push(`over ${megabytes(target.memory)}`);
  if (before !== undefined && growth(row, before) > MOST_GROWTH)
    missed.push(`grows over ${MOST_GROWTH}-fold`);
  if (missed.length > 0) return missed.join(', ');
  return target === undefined ? '–' : `met (${target.wall} s)`;
}
