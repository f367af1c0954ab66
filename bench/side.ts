import { statSync } from 'node:fs';
import { type Figures, figures, runOnce, type Sample } from './measure.ts';
import { checkCommand, trial } from './subject.ts';
import { thousands } from './table.ts';

/** Seconds that a process may take. */
const LIMIT = 300;

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

/** One file, measured side by side with what else reads it. */
export interface Side {
  readonly rules: number;
  /** Bytes. */
  readonly fileSize: number;
  readonly reportSize: number;
  readonly findings: number;
  readonly postern: Figures;
  /** The peer on the same file; undefined where it cannot be run. */
  readonly peer: Figures | undefined;
  /** `node -e 0`. */
  readonly node: Figures;
}

/**
 * Measures `postern check`, a peer and `node -e 0` by turns. Throws where postern makes no proper report, and where the
 * peer refuses the file.
 *
 * @param peer the peer's command
 */
export function measureSide(rules: number, file: string, peer: readonly string[], plan: Plan): Side {
  const first = trial(file, plan.folder, LIMIT);
  if (first.problem !== undefined || first.findings === undefined)
    throw new Error(`${rules} rules: ${first.problem ?? 'no report'}`);
  const commands = {
    node: [process.execPath, '-e', '0'],
    peer,
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
