import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomes } from '../../src/interpreter/index.ts';
import { isMember } from '../../src/packet/membership.ts';
import type { Packet } from '../../src/packet/packet.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { Analysis, type Passage } from '../../src/symbolic/analysis.ts';
import type { Scope } from '../../src/symbolic/scope.ts';
import { packetArbitrary, rulesetArbitrary } from './arbitraries.ts';
import { readable } from './show.ts';

/** The symbolic engine's answers for one rule set; packets of one scope share an analysis. */
class Symbolic {
  private readonly space = new PacketSpace();
  private readonly passages = new Map<string, Passage>();

  constructor(
    private readonly ruleset: Ruleset,
    private readonly fixed: boolean,
  ) {}

  /** What the symbolic engine says can happen to the packet. */
  answer(packet: Packet): { accept: boolean; deny: boolean } {
    const { diagram } = this.space;
    const { accept, deny } = this.passage(packet);
    return {
      accept: accept.some((flow) => isMember(diagram, flow.set, packet)),
      deny: isMember(diagram, deny, packet),
    };
  }

  private passage(packet: Packet): Passage {
    const { family, hook, state, tcpFlags, fragment } = packet;
    const scope: Scope = {
      family,
      hook: hook as Scope['hook'],
      ...(this.fixed ? { state, tcpFlags, fragment } : {}),
    };
    const key = JSON.stringify(scope);
    let passage = this.passages.get(key);
    if (passage === undefined) {
      const analysis = new Analysis(this.space, this.ruleset, scope);
      passage = analysis.pass(analysis.entry());
      this.passages.set(key, passage);
    }
    return passage;
  }
}

function agree(ruleset: Ruleset, packet: Packet, symbolic: Symbolic): void {
  const { verdicts, note, traces } = outcomes(ruleset, packet);
  // A translation may send the packet elsewhere than its hook says; the symbolic engine counts it at that other hook.
  if (note !== undefined || traces.some((trace) => trace.hook !== packet.hook)) return;
  const plain = {
    accept: verdicts.includes('accept'),
    deny: verdicts.some((verdict) => verdict !== 'accept'),
  };
  expect(symbolic.answer(packet)).toEqual(plain);
}

describe('symbolic engine and interpreter', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 60);
  const seed = process.env.POSTERN_SEED === undefined ? 20251121 : Number(process.env.POSTERN_SEED);
  for (const family of [4, 6] as const)
    for (const fixed of [true, false])
      it(`agree on every packet, IPv${family}, ${fixed ? 'one state at a time' : 'all states at once'}`, () => {
        const packets = fc.array(packetArbitrary(family), { minLength: 1, maxLength: 20 });
        const cases = fc.tuple(rulesetArbitrary(family), packets).map(readable);
        fc.assert(
          fc.property(cases, ({ ruleset, packets }) => {
            const symbolic = new Symbolic(ruleset, fixed);
            for (const packet of packets) agree(ruleset, packet, symbolic);
          }),
          { numRuns, seed },
        );
      });
});
