import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloudPacketArbitrary, cloudRulesetArbitrary } from './clouds.ts';
import { disagreement, Symbolic } from './engines.ts';

describe('symbolic engine and interpreter, at the hooks of a cloud and for groups', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 30);
  const seed = Number(process.env.POSTERN_SEED ?? 20251121);

  for (const family of [4, 6] as const)
    it(`agree on every packet, IPv${family}`, () => {
      const packets = fc.array(cloudPacketArbitrary(family), { minLength: 1, maxLength: 20 });
      let decidedByGroups = 0;
      fc.assert(
        fc.property(cloudRulesetArbitrary(family), packets, (ruleset, drawn) => {
          const symbolic = new Symbolic(ruleset, 'fixed');
          for (const packet of drawn) {
            expect(disagreement(ruleset, packet, symbolic)).toBeUndefined();
            const other = { ...packet, peerGroups: packet.peerGroups.length === 0 ? ['sg-a'] : [] };
            expect(disagreement(ruleset, other, symbolic)).toBeUndefined();
            if (JSON.stringify(symbolic.answer(packet)) !== JSON.stringify(symbolic.answer(other)))
              decidedByGroups++;
          }
        }),
        { numRuns, seed },
      );
      // Groups decide something in these rule sets; else nothing was compared.
      expect(decidedByGroups).toBeGreaterThan(10);
    });
});
