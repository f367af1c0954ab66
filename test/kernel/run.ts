import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Case, caseOf, constructsOf, type RuleFormat } from './compare/case.ts';
import { conformancePage, type RunFigures } from './compare/conformance.ts';
import { investigate } from './compare/investigate.ts';
import { type CaseResult, Session } from './compare/session.ts';

const USAGE = `npm run test:kernel -- [--budget 60s] [--cases N] [--packets N] [--seed N] [--only N] [--jobs N] [--format nft] [--record]

Random rule sets and packets, judged by this machine's kernel, the interpreter and the symbolic engine.
  --budget 60s   stop after so long (s, m)             --cases N    stop after so many rule sets
  --packets N    packets of each rule set (500)        --seed N     the run's seed; printed when not given
  --only N       one rule set of the run               --jobs N     judges side by side (2)
  --format nft   nftables' rule sets; else iptables'
  --record       write docs/conformance.md (nft: conformance-nft.md) whatever the run's size; else from a million packets on
`;
/** A run of this size is what docs/conformance.md and conformance-nft.md are about. */
const RECORD_FROM = { iptables: 2_000, nft: 1_000 };
const RECORD_PACKETS = 1_000_000;
const PAGES = { iptables: 'conformance.md', nft: 'conformance-nft.md' };
/** After so many disagreements a run has said enough. */
const ENOUGH = 5;

interface Options {
  readonly until: number;
  readonly cases: number;
  readonly packets: number;
  readonly seed: number;
  readonly only: number | undefined;
  readonly jobs: number;
  readonly record: boolean;
  readonly format: RuleFormat;
}

function readOptions(): Options | undefined {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      budget: number,
      cases: number,
      packets: number,
      seed: number,
      only: number,
      jobs: number,
      format: number,
      record: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const budget = /^(\d+)(s|m)?$/.exec(values.budget ?? '60s');
  const format = values.format ?? 'iptables';
  if (values.help || budget === null || (format !== 'nft' && format !== 'iptables')) return undefined;
  const seconds = Number(budget[1]) * (budget[2] === 'm' ? 60 : 1);
  return {
    until: values.cases !== undefined && values.budget === undefined ? Infinity : Date.now() + seconds * 1000,
    cases: Number(values.cases ?? Infinity),
    packets: Number(values.packets ?? 500),
    seed: Number(values.seed ?? Math.floor(Math.random() * 1e6)),
    only: values.only === undefined ? undefined : Number(values.only),
    jobs: Number(values.jobs ?? 2),
    record: values.record ?? false,
    format,
  };
}

/** The counts of a run while it goes on. */
class Tally {
  readonly started = Date.now();
  ruleSets = 0;
  packets = 0;
  accepted = 0;
  open = 0;
  notLoaded = new Map<string, number>();
  notReadBack = new Map<string, number>();
  constructs = new Map<string, number>();
  disagreements = 0;

  add(one: Case, result: CaseResult): void {
    if (result.notLoaded !== undefined) {
      count(this.notLoaded, result.notLoaded);
      return;
    }
    if (result.notReadBack !== undefined) count(this.notReadBack, result.notReadBack);
    this.ruleSets++;
    this.packets += result.judged;
    this.accepted += result.accepted;
    this.open += result.open;
    for (const name of constructsOf(one.host))
      this.constructs.set(name, (this.constructs.get(name) ?? 0) + 1);
  }

  figures(seed: number): RunFigures {
    const seconds = (Date.now() - this.started) / 1000;
    const { ruleSets, packets, accepted, open, notLoaded, notReadBack, constructs, disagreements } = this;
    const counts = { ruleSets, packets, accepted, open, disagreements };
    return { seed, seconds, ...counts, notLoaded, notReadBack, constructs };
  }
}

/** Counts what a tool said, without the places. */
function count(reasons: Map<string, number>, said: string): void {
  const reason =
    said
      .replace(/line \d+|\/dev\/stdin:[\d:-]+/, 'a line')
      .replace(/\. You must specify.*/, '')
      .split('\n')[0]
      ?.slice(0, 100) ?? '';
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

async function work(options: Options, numbers: Iterator<number>, tally: Tally): Promise<void> {
  const session = await Session.open();
  try {
    for (;;) {
      const next = numbers.next();
      if (next.done || tally.disagreements >= ENOUGH) return;
      const one = caseOf(options.seed, next.value, options.packets, options.format);
      const result = await session.run(one.host, one.packets, one.dumped);
      tally.add(one, result);
      if (result.complaints.length === 0) continue;
      tally.disagreements++;
      const replay = `npm run test:kernel -- --format ${options.format} --seed ${options.seed} --packets ${options.packets} --only ${next.value}`;
      console.log(await investigate(session, one, result, replay));
    }
  } finally {
    await session.close();
  }
}

function* caseNumbers(options: Options): Generator<number> {
  if (options.only !== undefined) yield options.only;
  else for (let i = 0; i < options.cases && Date.now() < options.until; i++) yield i;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    console.log(USAGE);
    return 2;
  }
  console.log(`seed ${options.seed}`);
  const tally = new Tally();
  const numbers = caseNumbers(options);
  const jobs = options.only === undefined ? options.jobs : 1;
  await Promise.all(Array.from({ length: jobs }, () => work(options, numbers, tally)));
  const figures = tally.figures(options.seed);
  console.log(conformancePage(figures, options.format));
  const large = figures.packets >= RECORD_PACKETS && figures.ruleSets >= RECORD_FROM[options.format];
  if (options.record || large)
    writeFileSync(
      fileURLToPath(new URL(`../../docs/${PAGES[options.format]}`, import.meta.url)),
      conformancePage(figures, options.format),
    );
  return figures.disagreements === 0 ? 0 : 1;
}

process.exitCode = await main();
