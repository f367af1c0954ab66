import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mixedRules } from './generate.ts';
import { type Figures, figures, runOnce, type Sample } from './measure.ts';
import { checkCommand, trial } from './subject.ts';
import { markdown, megabytes, seconds, thousands, times } from './table.ts';

/** Seconds that a process may take. */
const LIMIT = 300;

/** What each size must keep to: seconds, bytes. */
const TARGETS: Readonly<Record<number, { readonly wall: number; readonly memory?: number }>> = {
  50: { wall: 0.25 },
  10000: { wall: 1 },
  100000: { wall: 6, memory: 1e9 },
};
/** How many times longer ten times the rules may take. */
const MOST_GROWTH = 15;

/** One size of the mix, measured. */
export interface MixRow {
  readonly rules: number;
  readonly fileSize: number;
  readonly reportSize: number;
  readonly findings: number;
  readonly postern: Figures;
  /** `iptables-nft-restore --test` on the same file; undefined where it cannot be run. */
  readonly peer: Figures | undefined;
  /** `node -e 0`. */
  readonly node: Figures;
}

/** What is to be measured. */
export interface Plan {
  readonly runs: number;
  readonly seed: number;
  /** Where files may be written. */
  readonly folder: string;
  readonly withPeer: boolean;
  /** Told what is being done. */
  readonly say: (text: string) => void;
}

/** Measures one size, the three commands by turns. Throws where postern makes no proper report. */
export function measureMix(rules: number, plan: Plan): MixRow {
  const file = join(plan.folder, `mix-${rules}.v4`);
  writeFileSync(file, mixedRules(rules, plan.seed));
  const first = trial(file, plan.folder, LIMIT);
  if (first.problem !== undefined || first.findings === undefined)
    throw new Error(`${rules} rules: ${first.problem ?? 'no report'}`);
  const commands = {
    node: [process.execPath, '-e', '0'],
    peer: ['iptables-nft-restore', '--test', file],
    postern: checkCommand(file, '/dev/null'),
  };
  const samples = { node: [] as Sample[], peer: [] as Sample[], postern: [] as Sample[] };
  for (let run = 0; run < plan.runs; run++) {
    plan.say(`${thousands(rules)} rules, run ${run + 1} of ${plan.runs}`);
    for (const name of ['node', 'peer', 'postern'] as const) {
      if (name === 'peer' && !plan.withPeer) continue;
      const sample = runOnce(commands[name], plan.folder, LIMIT);
      const allowed = name === 'postern' ? first.sample.status : 0;
      if (sample.status !== allowed) throw new Error(`${commands[name].join(' ')}: ${sample.complaint}`);
      samples[name].push(sample);
    }
  }
  return {
    rules,
    fileSize: statSync(file).size,
    reportSize: first.reportSize,
    findings: first.findings,
    postern: figures(samples.postern),
    peer: plan.withPeer ? figures(samples.peer) : undefined,
    node: figures(samples.node),
  };
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
export function mixTable(rows: readonly MixRow[]): string {
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
function mixCells(row: MixRow, before: MixRow | undefined): string[] {
  const { postern, peer, node } = row;
  return [
    thousands(row.rules),
    megabytes(row.fileSize),
    megabytes(row.reportSize),
    seconds(postern.wall.median),
    `${seconds(postern.wall.least)}–${seconds(postern.wall.greatest)}`,
    seconds(postern.cpu.median),
    megabytes(postern.memory.median),
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
function growth(row: MixRow, before: MixRow): number {
  return row.postern.cpu.median / before.postern.cpu.median;
}

function verdict(row: MixRow, before: MixRow | undefined): string {
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
