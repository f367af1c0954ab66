import { describe, expect, it } from 'vitest';
import { interpret, outcomes } from '../../src/interpreter/index.ts';
import { VARIABLE_LIMIT } from '../../src/packet/layout.ts';
import { isMember } from '../../src/packet/membership.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import type { Action } from '../../src/rule/action.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { Analysis } from '../../src/symbolic/analysis.ts';
import { hitsOf } from '../../src/symbolic/deciding/walk.ts';
import { ACCEPT, chain, DROP, field, goto, jump, opaque, packet, rule, ruleset } from '../support/rules.ts';

const SCOPE = { family: 4, hook: 'input', state: 'new', tcpFlags: 2, fragment: 'none' } as const;

/** Chains that each call the next; the last one accepts port 22. */
function deep(depth: number, call: (name: string) => Action): Ruleset {
  const chains = Array.from({ length: depth }, (_, i) =>
    chain(`c${i}`, [
      rule(field('ttl', i % 200), DROP),
      rule([], i === depth - 1 ? ACCEPT : call(`c${i + 1}`)),
    ]),
  );
  const last = chain(`c${depth - 1}`, [rule(field('dport', 22), ACCEPT)]);
  const base = chain('INPUT', [rule([], call('c0'))], { hook: 'input', policy: 'drop' });
  return ruleset([...chains.slice(0, -1), last, base], { families: [4] });
}

describe('long ways through chains', () => {
  for (const depth of [1_000, 3_000])
    for (const [kind, call] of [
      ['jumps', jump],
      ['gotos', goto],
    ] as const)
      it(`${depth} nested ${kind} need no deep stack`, () => {
        const rules = deep(depth, (name) => call(name));
        const analysis = new Analysis(new PacketSpace(), rules, SCOPE);
        const { accept, deny, stages } = analysis.pass(analysis.entry());
        const has = (node: number, dport: number): boolean =>
          isMember(analysis.diagram, node, packet({ dport, ttl: 255 }));
        for (const dport of [22, 23]) {
          const open = dport === 22;
          expect(accept.some((flow) => has(flow.set, dport))).toBe(open);
          expect(has(deny, dport)).toBe(!open);
          const trace = interpret(rules, packet({ dport, ttl: 255 }), {
            opaque: () => false,
            choose: () => 0,
          });
          expect(trace.verdict).toBe(open ? 'accept' : 'drop');
        }
        const stage = stages[0];
        if (stage === undefined) throw new Error('no stage');
        const hits = hitsOf(analysis, stage.stage, stage.entered);
        // However deep, it is the rule itself that is named.
        const [opening, ...others] = hits.filter((hit) => hit.verdict === 'accept');
        expect(others).toEqual([]);
        expect(opening?.chain.name).toBe(`c${depth - 1}`);
        expect(has(opening?.set ?? 0, 22)).toBe(true);
      });
});

/** Rules that each accept a port where an unmodelled match holds, and drop it later where it does. */
function opaqueRules(count: number, stateful: boolean, times: number): Ruleset {
  const rules = Array.from({ length: count * times }, (_, i) =>
    rule(
      [field('dport', i % count), opaque(`-m string --string "${i % count}"`, stateful)],
      i < count ? ACCEPT : DROP,
    ),
  );
  return ruleset([chain('INPUT', rules, { hook: 'input', policy: 'drop' })], { families: [4] });
}

describe('many unmodelled matches', () => {
  it.each([
    ['stateful ones', true, 1],
    ['stateless ones, each once', false, 1],
  ] as const)('2,000 %s decide each for itself', (_, stateful, times) => {
    const rules = opaqueRules(2_000, stateful, times);
    const analysis = new Analysis(new PacketSpace(), rules, SCOPE);
    const { accept, deny } = analysis.pass(analysis.entry());
    for (const dport of [0, 1_999, 2_000]) {
      const one = packet({ dport });
      expect(accept.some((flow) => isMember(analysis.diagram, flow.set, one))).toBe(dport < 2_000);
      expect(isMember(analysis.diagram, deny, one)).toBe(true);
      expect(outcomes(rules, one).verdicts.includes('accept')).toBe(dport < 2_000);
    }
    expect(analysis.predicates.overflow.size).toBe(0);
  });

  it('more repeated ones than there are variables stay sound, and are told', () => {
    const count = VARIABLE_LIMIT + 20;
    // The first visit lets the packet on, the second one with the same answer drops it: nothing is accepted.
    const rules = Array.from({ length: count }, (_, i) => {
      const text = `-m string --string "${i}"`;
      return [
        rule([field('dport', i), { kind: 'not', of: opaque(text) } as const], DROP),
        rule([field('dport', i), opaque(text)], DROP),
      ];
    }).flat();
    const set = ruleset([chain('INPUT', rules, { hook: 'input' })], { families: [4] });
    const analysis = new Analysis(new PacketSpace(), set, SCOPE);
    const { accept, deny } = analysis.pass(analysis.entry());
    const accepted = (dport: number): boolean =>
      accept.some((flow) => isMember(analysis.diagram, flow.set, packet({ dport })));
    for (let dport = 0; dport < count; dport++) {
      expect(isMember(analysis.diagram, deny, packet({ dport }))).toBe(true);
      // With a variable the two answers agree; without one the set may only be too wide.
      const told = analysis.predicates.overflow.has(`-m string --string "${dport}"`);
      expect(accepted(dport)).toBe(told);
    }
    expect(analysis.predicates.overflow.size).toBe(20);
    expect(accepted(count)).toBe(true);
  });
});
