import { describe, expect, it } from 'vitest';
import { KERNEL } from './kernel.ts';
import { mutated, Random, scriptOf, seeds } from './parity/mutate.ts';
import { ofTheMachine, ourRefusal, type Refusal, realRefusals } from './parity/real.ts';

/** What nft and postern say of scripts, without what depends on this machine. */
function compared(scripts: readonly string[]): readonly { script: string; real: Refusal; ours: Refusal }[] {
  return realRefusals(scripts)
    .map((real, at) => ({ script: scripts[at] as string, real, ours: ourRefusal(scripts[at] as string) }))
    .filter(({ real, script }) => !ofTheMachine(real, script));
}

describe.skipIf(!KERNEL)('what nft accepts (root, nft and network namespaces)', () => {
  it('is accepted, line for line of fixtures/nft-parity', () => {
    const all = compared(seeds().map(scriptOf));
    expect(all.length).toBeGreaterThan(150);
    const wrong = all.filter(({ real, ours }) => (real === undefined) !== (ours === undefined));
    expect(wrong.map(({ script, real, ours }) => ({ script: script.slice(-300), real, ours }))).toEqual([]);
  });

  // A longer campaign: npm run test:nft -- --budget 60s --seed 7.
  it('is accepted where scripts are changed, and of the rest hardly anything', () => {
    const random = new Random(11);
    const all = seeds();
    const scripts = Array.from({ length: 400 }, () => scriptOf(mutated(random.one(all), random)));
    const found = compared(scripts);
    const refused = found.filter(({ real, ours }) => real === undefined && ours !== undefined);
    expect(refused.map(({ script, ours }) => ({ script: script.slice(-300), ours }))).toEqual([]);
    const accepted = found.filter(({ real, ours }) => real !== undefined && ours === undefined);
    expect(found.filter(({ real }) => real === undefined).length).toBeGreaterThan(10);
    expect(accepted.length / found.length).toBeLessThan(0.04);
  });
});
