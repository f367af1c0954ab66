import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disagreement, Symbolic } from './engines.ts';
import { packetArbitrary } from './packets.ts';
import { rulesetArbitrary } from './rulesets.ts';
import { readable } from './show.ts';

describe('symbolic engine and interpreter', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 40);
  const seed = process.env.POSTERN_SEED === undefined ? 20251121 : Number(process.env.POSTERN_SEED);
  for (const family of [4, 6] as const)
    for (const precision of ['fixed', 'open'] as const)
      it(`agree on every packet, IPv${family}, ${precision === 'fixed' ? 'one state at a time' : 'all states at once'}`, () => {
        const packets = fc.array(packetArbitrary(family), { minLength: 1, maxLength: 20 });
        const cases = fc.tuple(rulesetArbitrary(family), packets).map(readable);
        fc.assert(
          fc.property(cases, ({ ruleset, packets }) => {
            const symbolic = new Symbolic(ruleset, precision);
            for (const packet of packets) expect(disagreement(ruleset, packet, symbolic)).toBeUndefined();
          }),
          { numRuns, seed },
        );
      });
});
