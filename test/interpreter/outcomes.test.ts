import { describe, expect, it } from 'vitest';
import { enumerateValuations, outcomes, type Question } from '../../src/interpreter/index.ts';
import type { Packet } from '../../src/packet/packet.ts';
import type { Action } from '../../src/rule/action.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import {
  ACCEPT,
  chain,
  DROP,
  dnat,
  field,
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

const input = (rules: Parameters<typeof chain>[1], policy: 'accept' | 'drop' = 'drop') =>
  chain('INPUT', rules, { hook: 'input', policy });

/** The verdicts of every way, found without any memory of places. */
function everyWay(rules: Ruleset, p: Packet): { verdicts: string; ways: number } {
  const found = new Set<string>();
  let ways = 0;
  const whole = enumerateValuations(rules, p, ({ verdict }) => {
    found.add(verdict);
    ways++;
  });
  expect(whole).toBe(true);
  return { verdicts: [...found].sort().join(' '), ways };
}

function check(rules: Ruleset, p: Packet = packet()) {
  const found = outcomes(rules, p);
  expect(found.verdicts.join(' ')).toBe(everyWay(rules, p).verdicts);
  expect(found.traces.map((t) => t.verdict).sort()).toEqual([...found.verdicts].sort());
  expect(found.note).toBeUndefined();
  return found;
}

describe('certainty', () => {
  it('is definite without a question, and where no answer matters', () => {
    expect(check(ruleset([input([rule(field('dport', 22), ACCEPT)])]))).toMatchObject({
      certainty: 'definite',
      verdicts: ['accept'],
      dependsOn: [],
    });
    const same = ruleset([input([rule(opaque('-m a'), ACCEPT), rule([], ACCEPT)])]);
    expect(check(same)).toMatchObject({ certainty: 'definite', dependsOn: [] });
  });

  it('is possible where an answer matters, and says which', () => {
    const rules = ruleset([
      input([rule(opaque('-m noise'), { kind: 'note', text: 'LOG' }), rule(opaque('-m set admins'), ACCEPT)]),
    ]);
    expect(check(rules)).toMatchObject({
      certainty: 'possible',
      verdicts: ['accept', 'drop'],
      dependsOn: ['-m set admins'],
    });
  });

  it('tells the path on which no unmodelled match holds', () => {
    const rules = ruleset([input([rule(opaque('-m x'), DROP), rule([], ACCEPT)])]);
    expect(check(rules).plain).toMatchObject({ verdict: 'accept' });
  });

  it('distinguishes drop from reject', () => {
    expect(check(ruleset([input([rule(opaque('-m x'), REJECT)])])).verdicts).toEqual(['drop', 'reject']);
  });
});

describe('which answers belong together', () => {
  const twice = (stateful: boolean) =>
    ruleset([
      input([
        rule(opaque('-m x', stateful), RETURN),
        rule(not(opaque('-m x', stateful)), RETURN),
        rule([], ACCEPT),
      ]),
    ]);

  it('a stateless text has one answer at every place', () => {
    expect(check(twice(false)).verdicts).toEqual(['drop']);
  });

  it('a stateful one answers anew at each place', () => {
    expect(check(twice(true)).verdicts).toEqual(['accept', 'drop']);
  });

  it('one place that is visited twice', () => {
    const rules = (stateful: boolean) =>
      ruleset([
        chain('U', [
          rule(opaque('-m x', stateful), set('mark', 1)),
          rule(not(field('mark', 1)), RETURN),
          rule([], RETURN),
        ]),
        input([
          rule([], jump('U')),
          rule(field('mark', 1), { kind: 'assign', field: 'mark', keep: 0, xor: 2 }),
          rule([], jump('U')),
          rule(field('mark', 2), ACCEPT),
        ]),
      ]);
    expect(check(rules(false)).verdicts).toEqual(['drop']);
    expect(check(rules(true)).verdicts).toEqual(['accept', 'drop']);
  });

  it('the same text on a translated packet is another question', () => {
    const nat = (action: Action) => chain('N', [rule([], action)], { table: 'nat', hook: 'prerouting' });
    const around = [
      chain('M', [rule(not(opaque('-m x')), DROP)], { table: 'mangle', hook: 'prerouting' }),
      input([rule(opaque('-m x'), ACCEPT)]),
    ];
    expect(check(ruleset([...around, nat(dnat('10.9.9.9'))])).plain.verdict).toBe('drop');
    const answered = (rules: Ruleset) => {
      const verdicts = new Set<string>();
      enumerateValuations(rules, packet(), (trace, asked) => {
        if (asked.length === 2) verdicts.add(trace.verdict);
      });
      return [...verdicts].sort().join(' ');
    };
    expect(answered(ruleset([...around, nat(dnat('10.9.9.9'))]))).toBe('accept drop');
    expect(answered(ruleset([...around, nat(dnat('10.1.2.10'))]))).toBe('');
  });

  it('and so it is where a rule has changed the TOS', () => {
    const rules = (value: number) =>
      ruleset([
        input([
          rule(opaque('-m u32'), set('mark', 1)),
          rule([], set('tos', value)),
          rule([field('mark', 1), not(opaque('-m u32'))], ACCEPT),
        ]),
      ]);
    expect(check(rules(0)).verdicts).toEqual(['drop']);
    expect(check(rules(8)).verdicts).toEqual(['accept', 'drop']);
  });

  it('the two sides of an interface condition', () => {
    const rules = ruleset([
      input([
        rule(iface('in', 'eth0'), set('mark', 1)),
        rule([iface('in', 'eth0'), not(field('mark', 1))], ACCEPT),
      ]),
    ]);
    expect(outcomes(rules, packet(), { inNames: ['eth0', 'eth1'] }).verdicts).toEqual(['drop']);
  });
});

describe('targets that somebody else decides', () => {
  const queue = (...results: ('accept' | 'drop' | 'continue')[]): Action => ({
    kind: 'unknown',
    outcomes: results,
    text: '-j NFQUEUE',
  });

  it('may do any of what they can do', () => {
    expect(check(ruleset([input([rule([], queue('accept', 'drop'))])]))).toMatchObject({
      verdicts: ['accept', 'drop'],
      dependsOn: ['-j NFQUEUE'],
    });
    expect(check(ruleset([input([rule([], queue('drop', 'continue')), rule([], REJECT)])])).verdicts).toEqual(
      ['drop', 'reject'],
    );
  });

  it('an accept ends the base chain only', () => {
    const mangle = chain('M', [rule([], queue('accept'))], { table: 'mangle', hook: 'input' });
    expect(check(ruleset([mangle, input([])])).verdicts).toEqual(['drop']);
  });

  it('decide anew each time', () => {
    const rules = ruleset([
      input([rule([], queue('continue', 'drop')), rule([], queue('continue', 'accept'))]),
    ]);
    expect(everyWay(rules, packet()).ways).toBe(3);
    expect(check(rules).verdicts).toEqual(['accept', 'drop']);
  });
});

describe('size', () => {
  const limits = (count: number, action: (i: number) => Action) =>
    ruleset([
      input(
        Array.from({ length: count }, (_, i) => rule(opaque(`-m limit --limit ${i}/s`, true), action(i))),
      ),
    ]);

  it('follows thousands of independent matches in a row', () => {
    const log = outcomes(
      limits(5000, () => ({ kind: 'note', text: 'LOG' })),
      packet(),
    );
    expect(log).toMatchObject({ certainty: 'definite', verdicts: ['drop'], dependsOn: [] });
    const accept = outcomes(
      limits(5000, () => ACCEPT),
      packet(),
    );
    expect(accept.verdicts).toEqual(['accept', 'drop']);
    expect(accept.dependsOn).toHaveLength(5000);
    const marks = outcomes(
      limits(2000, () => set('mark', 1)),
      packet(),
    );
    expect(marks).toMatchObject({ certainty: 'definite', verdicts: ['drop'] });
  });

  it('gives up where answers multiply, and then nothing is definite', () => {
    const bits = limits(40, (i) => ({ kind: 'assign', field: 'mark', keep: 0xffffffff, xor: 2 ** (i % 32) }));
    const found = outcomes(bits, packet(), {}, { steps: 1e9, places: 2000, characters: 1e9 });
    expect(found).toMatchObject({ certainty: 'possible', verdicts: ['accept', 'drop', 'reject'] });
    expect(found.note).toBe('more than 2000 combinations of answers');
    expect(found.dependsOn.length).toBeGreaterThan(0);
    const memory = outcomes(bits, packet(), {}, { steps: 1e9, places: 1e9, characters: 10_000 });
    expect(memory.note).toMatch(/combinations/);
  });

  it('stops enumerating at the limit', () => {
    let count = 0;
    expect(
      enumerateValuations(
        limits(30, () => ({ kind: 'note', text: '' })),
        packet(),
        () => count++,
        {},
        100,
      ),
    ).toBe(false);
    expect(count).toBe(100);
  });

  it('walks 100,000 rules', () => {
    const many = Array.from({ length: 100_000 }, (_, i) =>
      rule(field('dport', i % 65536), i % 2 === 0 ? DROP : ACCEPT),
    );
    expect(outcomes(ruleset([input(many.filter((_, i) => i % 65536 !== 22))]), packet()).verdicts).toEqual([
      'drop',
    ]);
  });
});

it('a question says what is asked, where, and whether it is asked anew', () => {
  const asked: Question[] = [];
  const rules = ruleset([input([rule(opaque('-m string'), DROP), rule(opaque('-m limit', true), DROP)])]);
  enumerateValuations(rules, packet(), (_, questions) => asked.push(...questions));
  expect(asked[0]).toMatchObject({
    kind: 'opaque',
    text: '-m string',
    stateful: false,
    options: ['no', 'yes'],
  });
  expect(asked[1]).toMatchObject({ kind: 'opaque', text: '-m limit', stateful: true });
  expect(asked[1]?.span?.file.path).toMatch(/^opaque \d+$/);
});
