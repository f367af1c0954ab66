import fc from 'fast-check';
import type { Packet } from '../../src/packet/packet.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { disagreement, type Precision, Symbolic } from './engines.ts';
import { nftCase } from './nft-cases.ts';
import { packetArbitrary } from './packets.ts';
import { reduced } from './reduce.ts';
import { rulesetArbitrary } from './rulesets.ts';
import { showPacket, showRuleset } from './show.ts';

/**
 * Holds the two engines together for as long as it is given:
 * `npm run test:engines -- --budget 60s --seed 7`. Prints each disagreement with the rules that it takes; exit status 1 where there
 * was one.
 */

const USAGE = 'usage: test:engines [--budget <n>[s|m]] [--seed <n>]';
const PACKETS = 100;
const BATCH = 10;

interface Options {
  readonly milliseconds: number;
  readonly seed: number;
}

function parse(words: readonly string[]): Options | undefined {
  let options: Options = { milliseconds: 60_000, seed: 1 };
  for (let i = 0; i < words.length; i += 2) {
    const [name, value = ''] = [words[i], words[i + 1]];
    const budget = /^(\d+)(s|m)?$/.exec(value);
    if (name === '--seed' && /^\d+$/.test(value)) options = { ...options, seed: Number(value) };
    else if (name === '--budget' && budget !== null)
      options = { ...options, milliseconds: Number(budget[1]) * (budget[2] === 'm' ? 60_000 : 1000) };
    else return undefined;
  }
  return options;
}

/** The first packet about which the engines disagree. */
function wrongPacket(ruleset: Ruleset, packets: readonly Packet[], precision: Precision): Packet | undefined {
  const symbolic = new Symbolic(ruleset, precision);
  return packets.find((packet) => disagreement(ruleset, packet, symbolic) !== undefined);
}

/** Runs one batch of cases and prints what goes wrong, with the rules that it takes. */
function batch(family: 4 | 6, precision: Precision, seed: number): number {
  const packets = fc.array(packetArbitrary(family), { minLength: PACKETS, maxLength: PACKETS });
  let failures = 0;
  for (const [ruleset, some] of fc.sample(fc.tuple(rulesetArbitrary(family), packets), {
    numRuns: BATCH,
    seed,
  })) {
    const packet = wrongPacket(ruleset, some, precision);
    if (packet === undefined) continue;
    failures++;
    const fails = (rules: Ruleset, one: Packet): boolean =>
      wrongPacket(rules, [one], precision) !== undefined;
    const small = reduced(ruleset, packet, fails);
    const what = disagreement(small, packet, new Symbolic(small, precision));
    console.log(`seed ${seed}, IPv${family}, ${precision}: ${what}`);
    console.log(`${showRuleset(small)}\n${showPacket(packet)}\n`);
  }
  return failures;
}

/** The same on random nftables rule sets, as they are read from their text. */
function nftBatch(seed: number): number {
  let failures = 0;
  for (let number = 0; number < BATCH; number++) {
    const one = nftCase(seed, number, PACKETS);
    if (one === undefined) continue;
    for (const precision of ['fixed', 'open'] as const) {
      const packet = wrongPacket(one.ruleset, one.packets, precision);
      if (packet === undefined) continue;
      failures++;
      const what = disagreement(one.ruleset, packet, new Symbolic(one.ruleset, precision));
      console.log(`seed ${seed}, nft, case ${number}, ${precision}: ${what}`);
      console.log(`${one.text}\n${showPacket(packet)}\n`);
    }
  }
  return failures;
}

function run({ milliseconds, seed }: Options): number {
  const end = performance.now() + milliseconds;
  let [cases, failures] = [0, 0];
  for (let next = seed; performance.now() < end; next++) {
    failures += nftBatch(next);
    cases += BATCH;
    for (const family of [4, 6] as const)
      for (const precision of ['fixed', 'open'] as const) {
        if (performance.now() >= end) continue;
        failures += batch(family, precision, next);
        cases += BATCH;
      }
  }
  console.log(`${cases} rule sets of ${PACKETS} packets each, ${failures} disagreements`);
  return failures === 0 && cases > 0 ? 0 : 1;
}

const options = parse(process.argv.slice(2));
if (options === undefined) console.error(USAGE);
process.exitCode = options === undefined ? 2 : run(options);
