import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answering, enumerateValuations, interpret, outcomes } from '../../src/interpreter/index.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Action, Rule } from '../../src/rule/ruleset.ts';
import {
  ACCEPT,
  address,
  chain,
  DROP,
  dnat,
  field,
  goto,
  iface,
  jump,
  not,
  opaque,
  packet,
  REJECT,
  RETURN,
  rule,
  ruleset,
  set,
} from '../support/rules.ts';

/** Small rule sets full of questions, so that ways meet again with the same and with other answers. */
const leaf: fc.Arbitrary<() => Condition> = fc.oneof(
  fc.constantFrom('a', 'b').map((text) => () => opaque(text)),
  fc.constantFrom('l', 'm').map((text) => () => opaque(text, true)),
  fc.constantFrom(0, 1, 2).map((mark) => () => field('mark', mark)),
  fc.constantFrom('eth0', 'eth+', 'ppp0').map((name) => () => iface('in', name)),
  fc
    .constantFrom('10.1.2.10', '172.17.0.2', '172.17.0.2-172.17.0.3')
    .map((text) => () => address('dst', text)),
  fc.constantFrom(1, 64).map((ttl) => () => field('ttl', ttl)),
);
const condition = fc
  .tuple(leaf, leaf, fc.constantFrom('one', 'not', 'and', 'or'))
  .map(([a, b, how]) => (): Condition => {
    if (how === 'one') return a();
    if (how === 'not') return not(a());
    return { kind: how === 'and' ? 'and' : 'or', of: [a(), not(b())] };
  });

const action = (targets: readonly string[]): fc.Arbitrary<Action> =>
  fc.oneof(
    fc.constantFrom<Action>(ACCEPT, DROP, REJECT, RETURN, set('mark', 1), set('mark', 2), set('tos', 4)),
    fc.constant<Action>({ kind: 'forget', field: 'ttl' }),
    fc.constant<Action>({ kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text: 'QUEUE' }),
    ...(targets.length === 0
      ? []
      : [fc.constantFrom(...targets).map((t) => jump(t)), fc.constantFrom(...targets).map((t) => goto(t))]),
  );
const rules = (targets: readonly string[]): fc.Arbitrary<Rule[]> =>
  fc.array(
    fc.tuple(condition, action(targets)).map(([match, done]) => rule(match(), done)),
    { maxLength: 4 },
  );

const rulesets = fc
  .record({
    nat: fc.constantFrom(undefined, '172.17.0.2', '172.17.0.2-172.17.0.4', 'local'),
    pre: rules([]),
    c1: rules([]),
    c2: rules(['C1']),
    input: rules(['C1', 'C2']),
    policy: fc.constantFrom('accept' as const, 'drop' as const),
  })
  .map(({ nat, pre, c1, c2, input, policy }) =>
    ruleset([
      chain('PRE', pre, { table: 'mangle', hook: 'prerouting' }),
      chain('NAT', nat === undefined ? [] : [rule(opaque('a'), dnat(nat))], {
        table: 'nat',
        hook: 'prerouting',
      }),
      chain('C1', c1),
      chain('C2', c2),
      chain('INPUT', input, { hook: 'input', policy }),
    ]),
  );

const circumstances = { inNames: ['eth0', 'eth1', 'ppp0'], open: { ttl: [0, 255] } };

it('remembering places finds the verdicts of every single way', () => {
  fc.assert(
    fc.property(rulesets, (made) => {
      const found = new Set<string>();
      const whole = enumerateValuations(
        made,
        packet(),
        ({ verdict }) => found.add(verdict),
        circumstances,
        20_000,
      );
      const explored = outcomes(made, packet(), circumstances);
      expect(explored.note).toBeUndefined();
      // An enumeration that was cut off has found some verdicts, though perhaps not all.
      for (const verdict of found) expect(explored.verdicts).toContain(verdict);
      if (whole) expect([...explored.verdicts].sort()).toEqual([...found].sort());
      expect(explored.traces.map((t) => t.verdict).sort()).toEqual([...explored.verdicts].sort());
      expect(explored.plain.verdict).toBe(interpret(made, packet(), answering(), circumstances).verdict);
      expect(explored.dependsOn.length > 0).toBe(explored.certainty === 'possible');
    }),
    { numRuns: 300, seed: 20261121 },
  );
});
