import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../scripts/build.js';
import { awsTable, measureAws } from './aws.ts';
import { fileTable, measureFile } from './file.ts';
import { committedRatios, compareRatios, guardTable, measureRatios, recordRatios } from './guard.ts';
import { inOwnNetwork, lacking, machine, type Machine, peerWorks } from './machine.ts';
import { measureMix, mixTable } from './mix.ts';
import type { Plan } from './side.ts';
import { measureScripts, nftTable } from './nft.ts';
import { profileOf, profileTable } from './profile.ts';
import { measureShapes, shapesTable } from './shapes.ts';
import { megabytes, thousands } from './table.ts';

const USAGE = `npm run bench -- [--sizes 50,100,1000,10000,100000] [--runs 5] [--seed 1] [--json]
                 [--nft] [--aws] [--hostile [part of a name]] [--profile [rules]] [--check] [--record]
                 [--file <config>] [--no-build]

Times whole processes of \`postern check\` beside \`iptables-nft-restore --test\` on the same files.
  --nft       10,000 nftables rules and 100 sets of 1,000 elements beside \`nft -c -f\`, in place of the mix
  --aws       AWS accounts: one group of 1,000 rules, one instance of 200,000, every set of groups of 20,000
  --hostile   rule sets made to be hard, in place of the mix; all, or those whose name has the text in it
  --file      a config of your own, in place of the mix
  --profile   where the processor's time goes, for a mix of so many rules (100000), in place of the timing
  --check     compares ratios (to node, to the peers, growth) with bench/baseline.json; exits 1 where one is
              worse than 1.3-fold
  --record    makes the ratios of this machine those of bench/baseline.json
  --no-build  times dist/ as it is; not with --profile
  --json      the figures as JSON: seconds and bytes
`;

interface Options {
  readonly sizes: readonly number[];
  readonly runs: number;
  readonly seed: number;
  readonly json: boolean;
  readonly build: boolean;
  readonly hostile: string | undefined;
  readonly profile: number | undefined;
  readonly nft: boolean;
  readonly aws: boolean;
  /** A config to measure. */
  readonly file: string | undefined;
  /** Ratios are compared with the committed ones, or become them. */
  readonly guard: 'check' | 'record' | undefined;
}

function readOptions(): Options | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sizes: { type: 'string', default: '50,100,1000,10000,100000' },
      runs: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
      hostile: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      nft: { type: 'boolean', default: false },
      aws: { type: 'boolean', default: false },
      file: { type: 'string' },
      check: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const sizes = values.sizes.split(',').map(Number);
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  const numbers = [...sizes, runs, seed];
  const named = positionals[0];
  const modes = [
    values.hostile,
    values.profile,
    values.nft,
    values.aws,
    values.file,
    values.check,
    values.record,
  ];
  if (values.help || modes.filter(Boolean).length > 1 || positionals.length > 1) return undefined;
  // The shares of a profile are told apart by comments that only a build for it has.
  if (values.profile && values['no-build']) return undefined;
  if (values.file !== undefined && !existsSync(values.file)) return undefined;
  if (!numbers.every(Number.isSafeInteger) || runs < 1 || sizes.some((size) => size < 20)) return undefined;
  return {
    sizes: sizes.sort((a, b) => a - b),
    runs,
    seed,
    json: values.json,
    build: !values['no-build'],
    hostile: values.hostile ? (named ?? '') : undefined,
    profile: values.profile ? Number(named ?? 100_000) : undefined,
    nft: values.nft,
    aws: values.aws,
    file: values.file,
    guard: values.check ? 'check' : values.record ? 'record' : undefined,
  };
}

function describe(on: Machine): string {
  const memory = megabytes(on.memory).replace(/(\d)(?=(\d{3})+ )/g, '$1,');
  return `${on.cpu}, ${on.cores} cores, ${memory}, ${on.kernel}, Node ${on.node}, ${on.iptables}; load ${on.load.toFixed(1)}\n\n`;
}

interface Measured {
  readonly figures: unknown;
  readonly table: string;
  /** Whether a ratio is worse than it may be. */
  readonly failed?: boolean;
}

function guard(how: 'check' | 'record', plan: Plan): Measured {
  const ratios = measureRatios(plan);
  const compared = compareRatios(how === 'record' ? ratios : committedRatios(), ratios);
  if (how === 'record') recordRatios(ratios);
  return { figures: { ratios }, table: guardTable(compared), failed: compared.some(({ worse }) => worse) };
}

function measure(options: Options, plan: Plan): Measured {
  if (options.guard !== undefined) return guard(options.guard, plan);
  if (options.nft) {
    const figures = measureScripts(plan);
    return { figures: { nft: figures }, table: nftTable(figures) };
  }
  if (options.aws) {
    const figures = measureAws(plan);
    return { figures: { aws: figures }, table: awsTable(figures) };
  }
  if (options.file !== undefined) {
    const figures = measureFile(options.file, plan);
    return { figures: { file: figures }, table: fileTable(figures) };
  }
  if (options.profile !== undefined) {
    const figures = profileOf(options.profile, plan);
    return { figures: { profile: figures }, table: profileTable(figures) };
  }
  if (options.hostile !== undefined) {
    const figures = measureShapes(options.hostile, plan);
    return { figures: { hostile: figures }, table: shapesTable(figures) };
  }
  const figures = options.sizes.map((size) => measureMix(size, plan));
  const findings = figures.map((row) => `${thousands(row.rules)}: ${thousands(row.findings)}`);
  return { figures: { mix: figures }, table: `${mixTable(figures)}\nFindings: ${findings.join('; ')}\n` };
}

async function main(): Promise<number> {
  const options = readOptions();
  const problem = lacking();
  if (options === undefined || problem !== undefined) {
    process.stderr.write(problem === undefined ? USAGE : `${problem}\n`);
    return 2;
  }
  const elsewhere = inOwnNetwork();
  if (elsewhere !== undefined) return elsewhere;
  // A profile tells the parts of the bundle apart by esbuild's comments.
  const readable = options.profile !== undefined;
  if (options.build) await bundle('dist', { readable });
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  const say = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  };
  try {
    const { runs, seed } = options;
    const on = machine();
    const { figures, table, failed } = measure(options, { runs, seed, folder, withPeer: peerWorks(), say });
    say('');
    const json = { machine: on, runs, seed, ...(figures as object) };
    process.stdout.write(options.json ? `${JSON.stringify(json, null, 1)}\n` : describe(on) + table);
    return failed === true ? 1 : 0;
  } finally {
    if (options.build && readable) await bundle('dist');
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
