import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafOf } from '../../src/packet/decision.ts';
import { ALL, type Diagram, type Node, NONE } from '../../src/packet/diagram.ts';
import { firstOf } from '../../src/packet/first-of.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import { preimage } from '../../src/symbolic/translation/preimage.ts';
import { DecisionSummary, PolicySummary } from '../../src/symbolic/deciding/segment.ts';
import {
  ACCEPT,
  BACK,
  DENY,
  type Flow,
  PASS,
  type Summary,
  SummaryAlgebra,
} from '../../src/symbolic/chains/summary.ts';
import { IDENTITY } from '../../src/symbolic/translation/transform.ts';
import { assigned } from '../../src/symbolic/translation/transforms.ts';

const OF = { accept: ACCEPT, deny: DENY, back: BACK } as const;
const verdict = fc.constantFrom('accept', 'deny', 'back') as fc.Arbitrary<keyof typeof OF>;
const range = fc.tuple(fc.nat(40), fc.nat(40)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const rules = fc.array(fc.record({ ports: range, verdict }), { maxLength: 8 });

function algebraOf(diagram: Diagram): SummaryAlgebra {
  return new SummaryAlgebra(diagram, (node, t) =>
    t === IDENTITY ? node : preimage(diagram, node, t, 4, () => ALL),
  );
}

const setOf = (flows: readonly Flow[]): Node => flows[0]?.set ?? NONE;
const sets = ({ accept, deny, back, stop }: Summary): Node[] => [
  setOf(accept),
  setOf(deny),
  setOf(back),
  stop,
];

describe('summaries of rules that decide for certain', () => {
  it('are those that their decision gives', () => {
    fc.assert(
      fc.property(rules, (list) => {
        const space = new PacketSpace();
        const { diagram } = space;
        const algebra = algebraOf(diagram);
        const guards = list.map(({ ports }) => space.field('dport', ports).node);
        const summary = list
          .map((rule, i) => algebra.guard(guards[i] as Node, guards[i] as Node, OF[rule.verdict]))
          .reduce((a, b) => algebra.sequence(a, b), PASS);
        const decision = firstOf(
          diagram,
          list.map((rule, i) => diagram.restrict(leafOf(rule.verdict), guards[i] as Node)),
        );
        const decided = new DecisionSummary(diagram, decision);
        expect(sets(decided)).toEqual(sets(summary));
        expect([summary.moved, decided.moved]).toEqual([[], []]);
        for (const policy of ['accept', 'drop'] as const) {
          const end = policy === 'drop' ? DENY : ACCEPT;
          const whole = algebra.sequence(algebra.called(summary), end);
          expect(sets(new PolicySummary(diagram, decision, policy))).toEqual(sets(whole));
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('the algebra of summaries', () => {
  const space = new PacketSpace();
  const { diagram } = space;
  const algebra = algebraOf(diagram);
  const ssh = space.field('dport', [22, 22]).node;
  const marked = space.field('mark', [7, 7]).node;
  const mark = assigned({ kind: 'assign', field: 'mark', keep: 0, xor: 7 }, 0);

  it('lets through what may fail, and takes what may hold', () => {
    const either = algebra.guard(ssh, NONE, DENY);
    expect(sets(either)).toEqual([NONE, ssh, NONE, NONE]);
    const after = algebra.sequence(either, ACCEPT);
    expect(sets(after)).toEqual([ALL, ssh, NONE, ALL]);
  });

  it('shows later rules what earlier ones made of a packet', () => {
    const marking = algebra.guard(ssh, ssh, algebra.changed(mark, PASS));
    const asking = algebra.guard(marked, marked, ACCEPT);
    const { accept, moved, stop } = algebra.sequence(marking, asking);
    expect(diagram.orAll(accept.map((flow) => flow.set))).toBe(diagram.or(ssh, marked));
    // Of the marked packets none is left; of the others those pass that had no mark 7.
    expect(moved).toEqual([]);
    expect(stop).toBe(diagram.or(ssh, marked));
  });

  it('returns to the rule after a jump, and past it after a goto', () => {
    const returning = algebra.sequence(algebra.guard(ssh, ssh, BACK), DENY);
    expect(sets(algebra.called(returning))).toEqual([NONE, diagram.not(ssh), NONE, diagram.not(ssh)]);
    expect(sets(algebra.gone(returning))).toEqual([NONE, diagram.not(ssh), ssh, ALL]);
  });

  it('chooses by the packet', () => {
    const chosen = algebra.choose(ssh, ACCEPT, DENY);
    expect(sets(chosen)).toEqual([ssh, diagram.not(ssh), NONE, ALL]);
    expect(sets(algebra.either(ACCEPT, DENY))).toEqual([ALL, ALL, NONE, ALL]);
  });
});
