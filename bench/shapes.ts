import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHAPES } from './hostile.ts';
import { type Figures, figures, runOnce, type Sample } from './measure.ts';
import type { Plan } from './side.ts';
import { checkCommand, trial } from './subject.ts';
import { markdown, megabytes, seconds, times } from './table.ts';

/** Seconds after which a shape counts as without end. */
const LIMIT = 60;
const MOST_SECONDS = 5;
const MOST_BYTES = 1e9;

/** One hostile shape, measured. */
export interface ShapeRow {
  readonly name: string;
  readonly about: string;
  /** Undefined where there is no report. */
  readonly findings: number | undefined;
  readonly reportSize: number;
  /** Why there is no report, as postern says it. */
  readonly problem: string | undefined;
  readonly postern: Figures;
  /** `iptables-nft-restore --test` on the same file; undefined where it cannot be run or refuses the file. */
  readonly peer: Figures | undefined;
}

/** Measures the shapes whose name contains the text. A shape that takes too long is run once. */
export function measureShapes(only: string, plan: Plan): ShapeRow[] {
  return SHAPES.filter(({ name }) => name.includes(only)).map((shape) => {
    const file = join(plan.folder, `${shape.name}.v4`);
    writeFileSync(file, shape.text());
    plan.say(shape.name);
    const first = trial(file, plan.folder, LIMIT);
    const postern: Sample[] = [first.sample];
    const peer: Sample[] = [];
    const runs = first.sample.wall > 2 * MOST_SECONDS ? 1 : plan.runs;
    for (let run = 0; run < runs; run++) {
      if (plan.withPeer) peer.push(runOnce(['iptables-nft-restore', '--test', file], plan.folder, LIMIT));
      if (run > 0 || runs > 1) postern.push(runOnce(checkCommand(file, '/dev/null'), plan.folder, LIMIT));
    }
    const { findings, reportSize, problem } = first;
    const taken = peer.length > 0 && peer.every(({ status }) => status === 0);
    return {
      name: shape.name,
      about: shape.about,
      findings,
      reportSize,
      problem,
      postern: figures(postern),
      peer: taken ? figures(peer) : undefined,
    };
  });
}

const HEAD = [
  'shape',
  'what',
  'postern, wall',
  'cpu',
  'memory',
  'peer, wall',
  'ratio, cpu',
  'report',
  'kept',
];

/** The table of the shapes measured. */
export function shapesTable(rows: readonly ShapeRow[]): string {
  const cells = rows.map((row) => [
    row.name,
    row.about,
    seconds(row.postern.wall.median),
    seconds(row.postern.cpu.median),
    megabytes(row.postern.memory.median),
    row.peer === undefined ? '–' : seconds(row.peer.wall.median),
    times(row.postern.cpu.median / (row.peer?.cpu.median || Number.NaN)),
    row.problem === undefined ? megabytes(row.reportSize) : row.problem,
    kept(row),
  ]);
  return markdown(HEAD, cells);
}

/** An answer that says that it is bounded is kept too; a fault of postern is not. */
function kept(row: ShapeRow): string {
  if (row.problem?.includes('internal error')) return 'no: a fault';
  if (row.postern.wall.median > MOST_SECONDS) return `no: over ${MOST_SECONDS} s`;
  if (row.postern.memory.greatest > MOST_BYTES) return `no: over ${megabytes(MOST_BYTES)}`;
  return row.problem === undefined ? 'yes' : 'yes: refused';
}
