import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  answering,
  type Circumstances,
  enumerateValuations,
  interpret,
  outcomes,
} from '../../src/interpreter/index.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Action } from '../../src/rule/action.ts';
import type { Rule } from '../../src/rule/ruleset.ts';
import {
  ACCEPT,
  address,
  addressType,
  chain,
  DROP,
  dnat,
  field,
  goto,
  host,
  iface,
  inSet,
  jump,
  masked,
  namedSet,
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
  fc.constantFrom(0, 3).map((bits) => () => masked('ttl', 3, bits)),
  fc.constantFrom(1, 4).map((bit) => () => masked('ctmark', bit, bit)),
  fc.constantFrom('172.17.0.2', '10.1.2.10').map((text) => () => address('origDst', text)),
  fc.constantFrom(22, 80).map((port) => () => field('origDport', port)),
  fc
    .constantFrom('dnat' as const, 'snat' as const)
    .map((what) => (): Condition => ({ kind: 'translated', what })),
  fc.constantFrom('macs src', 'ifaces dst,src', 'lists src', 'marks dst,dst').map((text) => () => {
    const [name = '', directions = ''] = text.split(' ');
    return inSet(name, directions);
  }),
  fc
    .tuple(
      fc.constantFrom('src' as const, 'dst' as const),
      fc.subarray(['local', 'unicast', 'broadcast', 'unreachable'] as const, { minLength: 1 }),
      fc.constantFrom(undefined, 'in' as const),
    )
    .map(
      ([side, types, limit]) =>
        () =>
          addressType(side, types, limit),
    ),
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

const sets = [
  namedSet('macs', 'hash:mac', ['02:00:00:00:00:01']),
  namedSet('ifaces', 'hash:net,iface', ['10.0.0.0/8,eth0', '172.17.0.2,eth1 nomatch', '172.16.0.0/12,eth+']),
  namedSet('marks', 'hash:ip,mark', ['10.1.2.10,1', '172.17.0.2,2']),
  namedSet('lists', 'list:set', ['macs', 'gone']),
];

const rulesets = fc
  .record({
    nat: fc.constantFrom(undefined, '172.17.0.2', '172.17.0.2-172.17.0.4', 'local'),
    pre: rules([]),
    c1: rules([]),
    c2: rules(['C1']),
    input: rules(['C1', 'C2']),
    policy: fc.constantFrom('accept' as const, 'drop' as const),
    facts: fc.boolean(),
    hook: fc.constantFrom('input' as const, 'forward' as const, 'output' as const),
  })
  .map(({ nat, pre, c1, c2, input, policy, facts, hook }) =>
    ruleset(
      [
        chain('PRE', pre, { table: 'mangle', hook: 'prerouting' }),
        chain('NAT', nat === undefined ? [] : [rule(opaque('a'), dnat(nat))], {
          table: 'nat',
          hook: 'prerouting',
        }),
        chain('C1', c1),
        chain('C2', c2),
        chain('MAIN', input, { hook, policy }),
      ],
      {
        sets,
        ...(facts ? { host: host('lo 127.0.0.1/8', 'eth0 10.1.2.10/24', 'docker0 172.17.0.1/16') } : {}),
      },
    ),
  );

const packets = fc
  .record({
    hook: fc.constantFrom('input' as const, 'forward' as const, 'output' as const),
    state: fc.constantFrom('new' as const, 'established' as const, 'untracked' as const),
    to: fc.constantFrom('10.1.2.10', '10.1.2.255', '192.0.2.1'),
  })
  .map(packet);

const circumstances: Circumstances = {
  inNames: ['eth0', 'eth1', 'ppp0'],
  open: { ttl: [0, 255], ctmark: [0, 0xffffffff], mac: [0, 2 ** 48 - 1] },
};

it('remembering places finds the verdicts of every single way', () => {
  fc.assert(
    fc.property(rulesets, packets, (made, p) => {
      const found = new Set<string>();
      const whole = enumerateValuations(made, p, ({ verdict }) => found.add(verdict), circumstances, 20_000);
      const explored = outcomes(made, p, circumstances);
      expect(explored.note).toBeUndefined();
      // An enumeration that was cut off has found some verdicts, though perhaps not all.
      for (const verdict of found) expect(explored.verdicts).toContain(verdict);
      if (whole) expect([...explored.verdicts].sort()).toEqual([...found].sort());
      expect(explored.traces.map((t) => t.verdict).sort()).toEqual([...explored.verdicts].sort());
      expect(explored.plain.verdict).toBe(interpret(made, p, answering(), circumstances).verdict);
      expect(explored.dependsOn.length > 0).toBe(explored.certainty === 'possible');
    }),
    { numRuns: 250, seed: 20261121 },
  );
});
