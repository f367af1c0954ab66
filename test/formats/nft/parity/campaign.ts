import { mutated, Random, type Seed, scriptOf, seeds, shrunk } from './mutate.ts';
import { ofTheMachine, ourRefusal, realRefusals } from './real.ts';

/**
 * Holds the reader to what nft accepts: `npm run test:nft -- --budget 60s --seed 7`. Prints each disagreement about a
 * changed script, made small; exit status 1 where there was one. Needs root, nft and network namespaces.
 */

const USAGE = 'usage: test:nft [--budget <n>s|m] [--seed <n>]';
const BATCH = 200;

function parse(words: readonly string[]): { milliseconds: number; seed: number } | undefined {
  let options = { milliseconds: 60_000, seed: 1 };
  for (let at = 0; at < words.length; at += 2) {
    const [name, value = ''] = [words[at], words[at + 1]];
    const budget = /^(\d+)(s|m)$/.exec(value);
    if (name === '--seed' && /^\d+$/.test(value)) options = { ...options, seed: Number(value) };
    else if (name === '--budget' && budget !== null)
      options = { ...options, milliseconds: Number(budget[1]) * (budget[2] === 'm' ? 60_000 : 1000) };
    else return undefined;
  }
  return options;
}

const disagrees = (seed: Seed): boolean => {
  const script = scriptOf(seed);
  const [real] = realRefusals([script]);
  return !ofTheMachine(real, script) && (real === undefined) !== (ourRefusal(script) === undefined);
};

function main(): void {
  const options = parse(process.argv.slice(2));
  if (options === undefined) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const random = new Random(options.seed);
  const all = seeds();
  const end = Date.now() + options.milliseconds;
  const kinds = new Map<string, number>();
  let [tried, accepted] = [0, 0];
  while (Date.now() < end) {
    const changed = Array.from({ length: BATCH }, () => mutated(random.one(all), random));
    const scripts = changed.map(scriptOf);
    for (const [at, real] of realRefusals(scripts).entries()) {
      const script = scripts[at] as string;
      tried++;
      if (real === undefined) accepted++;
      const ours = ourRefusal(script);
      if (ofTheMachine(real, script) || (real === undefined) === (ours === undefined)) continue;
      const kind =
        real === undefined
          ? `we refuse: ${ours}`
          : `nft refuses: ${real.split('\n')[0]?.replace(/^\d+:[\d:-]+ /, '')}`;
      const shape = kind.replaceAll(/`[^`]*`|'[^']*'|\d+/g, '…');
      kinds.set(shape, (kinds.get(shape) ?? 0) + 1);
      if (kinds.get(shape) !== 1 || Date.now() >= end) continue;
      const seed = changed[at] as Seed;
      const small = seed.body.length < 200 ? seed : shrunk(seed, disagrees);
      console.log(`${kind}\n  ${small.body.replaceAll('\n', '\n  ')}\n`);
    }
  }
  for (const [kind, count] of [...kinds].sort((a, b) => b[1] - a[1])) console.log(`${count} × ${kind}`);
  console.log(`${tried} scripts, nft accepts ${accepted}, seed ${options.seed}`);
  if (kinds.size > 0) process.exitCode = 1;
}

main();
