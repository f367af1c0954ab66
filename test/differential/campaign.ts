import fc from 'fast-check';
import { disagreement, type Precision, Symbolic } from './engines.ts';
import { packetArbitrary } from './packets.ts';
import { rulesetArbitrary } from './rulesets.ts';
import { type Case, readable } from './show.ts';

/**
 * Holds the two engines together for as long as it is given:
 * `npm run test:engines -- --budget 60s --seed 7`. Prints the shortest case of each disagreement; exit status 1 where there
 * was one.
 */

const USAGE = 'usage: test:engines [--budget <n>s|m] [--seed <n>]';
const PACKETS = 12;
const BATCH = 25;

interface Options {
  readonly milliseconds: number;
  readonly seed: number;
}

function parse(words: readonly string[]): Options | undefined {
  let options: Options = { milliseconds: 60_000, seed: 1 };
  for (let i = 0; i < words.length; i += 2) {
    const [name, value = ''] = [words[i], words[i + 1]];
    const budget = /^(\d+)(s|m)$/.exec(value);
    if (name === '--seed' && /^\d+$/.test(value)) options = { ...options, seed: Number(value) };
    else if (name === '--budget' && budget !== null)
      options = { ...options, milliseconds: Number(budget[1]) * (budget[2] === 'm' ? 60_000 : 1000) };
    else return undefined;
  }
  return options;
}

/** What is wrong with the first packet on which the engines disagree. */
function problem({ ruleset, packets }: Case, precision: Precision): string | undefined {
  const symbolic = new Symbolic(ruleset, precision);
  for (const packet of packets) {
    const found = disagreement(ruleset, packet, symbolic);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Runs a batch of cases; the shrunk counterexample's report where there is one. */
function batch(family: 4 | 6, precision: Precision, seed: number): string | undefined {
  const packets = fc.array(packetArbitrary(family), { minLength: PACKETS, maxLength: PACKETS });
  const cases = fc.tuple(rulesetArbitrary(family), packets).map(readable);
  const result = fc.check(
    fc.property(cases, (one) => problem(one, precision) === undefined),
    { numRuns: BATCH, seed },
  );
  if (!result.failed) return undefined;
  const shown = fc.stringify(result.counterexample);
  const [found] = result.counterexample ?? [];
  const what = found === undefined ? String(result.errorInstance) : problem(found, precision);
  return `seed ${seed}, IPv${family}, ${precision}: ${what ?? result.errorInstance}\n${shown}\n`;
}

function run({ milliseconds, seed }: Options): number {
  const end = performance.now() + milliseconds;
  let [cases, failures] = [0, 0];
  for (let next = seed; performance.now() < end; next++)
    for (const family of [4, 6] as const)
      for (const precision of ['fixed', 'open'] as const) {
        const report = batch(family, precision, next);
        cases += BATCH;
        if (report === undefined) continue;
        failures++;
        console.log(report);
      }
  console.log(`${cases} rule sets of ${PACKETS} packets each, ${failures} disagreements`);
  return failures === 0 && cases > 0 ? 0 : 1;
}

const options = parse(process.argv.slice(2));
if (options === undefined) console.error(USAGE);
process.exitCode = options === undefined ? 2 : run(options);
