import { describe, expect, it } from 'vitest';
import { outcomes } from '../../src/interpreter/index.ts';
import { MAXIMUM_STEPS } from '../../src/interpreter/interpret.ts';
import type { Rule, Ruleset } from '../../src/rule/ruleset.ts';
import {
  ACCEPT,
  chain,
  DROP,
  field,
  goto,
  jump,
  masked,
  opaque,
  packet,
  REJECT,
  RETURN,
  rule,
  ruleset,
  set,
} from '../support/rules.ts';
import { pathOf, reachable, verdictOf } from './run.ts';

const ssh = field('dport', 22);
const input = (rules: Parameters<typeof chain>[1], policy: 'accept' | 'drop' = 'accept') =>
  chain('INPUT', rules, { hook: 'input', policy });

describe('one base chain', () => {
  it('lets everything pass where there are no chains', () => {
    expect(verdictOf(ruleset([]), packet())).toBe('accept');
  });

  it('takes the first rule that matches', () => {
    const rules = ruleset([input([rule(ssh, DROP), rule(ssh, ACCEPT)])]);
    expect(verdictOf(rules, packet())).toBe('drop');
    expect(verdictOf(rules, packet({ dport: 23 }))).toBe('accept');
  });

  it.each(['accept', 'drop'] as const)('ends in the policy %s', (policy) => {
    const rules = ruleset([input([rule(field('dport', 1), REJECT)], policy)]);
    expect(verdictOf(rules, packet())).toBe(policy);
    expect(pathOf(rules, packet())).toEqual([`INPUT: ${policy}`]);
  });

  it('returns to the policy', () => {
    expect(verdictOf(ruleset([input([rule(ssh, RETURN), rule([], DROP)])]), packet())).toBe('accept');
    expect(verdictOf(ruleset([input([rule(ssh, RETURN), rule([], ACCEPT)], 'drop')]), packet())).toBe('drop');
  });

  it('rejects', () => {
    expect(verdictOf(ruleset([input([rule([], REJECT)])]), packet())).toBe('reject');
  });

  it('goes on after a rule without a target, and after a note', () => {
    const log = { kind: 'note', text: '-j LOG' } as const;
    const rules = ruleset([input([rule(ssh), rule(ssh, log), rule(ssh, DROP)])]);
    expect(pathOf(rules, packet())).toEqual(['INPUT: note', 'INPUT: drop']);
  });

  it('is passed only by packets of its families', () => {
    const six = chain('INPUT', [rule([], DROP)], { hook: 'input', families: [6] });
    expect(verdictOf(ruleset([six]), packet())).toBe('accept');
    expect(verdictOf(ruleset([six]), packet({ from: '2001:db8::1', to: '2001:db8::2' }))).toBe('drop');
  });
});

describe('user chains', () => {
  it('returns to the rule after the jump, at the end and at RETURN', () => {
    const user = chain('U', [rule(ssh, RETURN), rule([], DROP)]);
    const rules = ruleset([user, input([rule([], jump('U')), rule(ssh, REJECT)])]);
    expect(verdictOf(rules, packet())).toBe('reject');
    expect(verdictOf(rules, packet({ dport: 23 }))).toBe('drop');
    expect(verdictOf(ruleset([chain('U', []), input([rule([], jump('U')), rule([], DROP)])]), packet())).toBe(
      'drop',
    );
  });

  it('a goto returns to where the present chain would return', () => {
    const inner = chain('INNER', []);
    const outer = chain('OUTER', [rule([], goto('INNER')), rule([], DROP)]);
    const rules = ruleset([inner, outer, input([rule([], jump('OUTER')), rule([], REJECT)])]);
    expect(pathOf(rules, packet())).toEqual(['INPUT: jump OUTER', 'OUTER: goto INNER', 'INPUT: reject']);
  });

  it('a goto from a base chain ends in its policy', () => {
    const rules = ruleset([chain('U', []), input([rule([], goto('U')), rule([], ACCEPT)], 'drop')]);
    expect(verdictOf(rules, packet())).toBe('drop');
  });

  it('goes on with the actions behind a jump only where there is none: the jump ends the rule', () => {
    const rules = ruleset([
      chain('U', []),
      input([rule([], set('mark', 1), jump('U')), rule(field('mark', 1), DROP)]),
    ]);
    expect(pathOf(rules, packet())).toEqual(['INPUT: set mark, jump U', 'INPUT: drop']);
  });

  it('nests as deep as there are chains', () => {
    const deep = Array.from({ length: 500 }, (_, i) =>
      chain(`C${i}`, [rule([], i < 499 ? jump(`C${i + 1}`) : DROP)]),
    );
    expect(verdictOf(ruleset([...deep, input([rule([], jump('C0'))])]), packet())).toBe('drop');
  });

  it('gives up where jumps or gotos go round in circles', () => {
    const jumps = ruleset([
      chain('A', [rule([], jump('B'))]),
      chain('B', [rule([], jump('A'))]),
      input([rule([], jump('A'))]),
    ]);
    expect(verdictOf(jumps, packet())).toBe('undetermined');
    const asked = ruleset([chain('A', [rule(opaque('q', true), goto('A'))]), input([rule([], goto('A'))])]);
    const found = outcomes(asked, packet());
    expect(found).toMatchObject({ certainty: 'possible', verdicts: ['accept', 'drop', 'reject'] });
    expect(found.note).toContain('circles');
  });

  /** Chains that each call the next one twice: 2^depth ways to the last one, which has these rules. */
  const doubled = (depth: number, last: readonly Rule[]): Ruleset => {
    const chains = Array.from({ length: depth }, (_, i) =>
      chain(`C${i}`, i < depth - 1 ? [rule([], jump(`C${i + 1}`)), rule([], jump(`C${i + 1}`))] : last),
    );
    return ruleset([...chains, input([rule([], jump('C0'))])]);
  };

  it('enters a chain that the same packet came out of unchanged only once', () => {
    const closed = doubled(1_000, [rule(field('dport', 23), DROP)]);
    const telnet = outcomes(closed, packet({ dport: 23 }));
    expect(telnet).toMatchObject({ certainty: 'definite', verdicts: ['drop'] });
    expect(telnet.note).toBeUndefined();
    const other = outcomes(closed, packet({ dport: 22 }));
    expect(other).toMatchObject({ certainty: 'definite', verdicts: ['accept'] });
    expect(other.plain.verdict).toBe('accept');
    // The path leaves out what is idle only where it is too long to be read.
    expect(other.plain.path.length).toBeGreaterThan(50_000);
    expect(other.plain.path.length).toBeLessThan(60_000);
  });

  it('gives up where jumps multiply beyond every measure', () => {
    const rules = doubled(40, [rule([], { kind: 'assign', field: 'mark', keep: 0xffffffff, xor: 1 })]);
    const found = outcomes(rules, packet(), {}, { steps: 100_000, places: 10, characters: 1000 });
    expect(found).toMatchObject({ certainty: 'possible', note: 'more than 100000 steps' });
    expect(found.plain.verdict).toBe('undetermined');
    expect(MAXIMUM_STEPS).toBeGreaterThan(1_000_000);
  });
});

describe('tables and hooks', () => {
  const marks = (
    name: string,
    table: string,
    hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting',
  ) => chain(name, [rule([], { kind: 'note', text: name })], { table, hook });

  const all = ruleset(
    (['filter', 'security', 'mangle', 'raw', 'nat'] as const).flatMap((table) =>
      (['postrouting', 'output', 'forward', 'input', 'prerouting'] as const).map((hook) =>
        marks(`${table} ${hook}`, table, hook),
      ),
    ),
  );
  const met = (change: Parameters<typeof packet>[0]) =>
    pathOf(all, packet(change))
      .filter((step) => step.endsWith(': note'))
      .map((step) => step.replace(': note', ''));

  it('runs prerouting and input by priority, whatever the order of the file', () => {
    expect(met({ hook: 'input' })).toEqual([
      'raw prerouting',
      'mangle prerouting',
      'nat prerouting',
      'filter prerouting',
      'security prerouting',
      'raw input',
      'mangle input',
      'filter input',
      'security input',
      'nat input',
    ]);
  });

  it('runs forward between prerouting and postrouting', () => {
    const hooks = met({ hook: 'forward' }).map((name) => name.split(' ')[1]);
    expect([...new Set(hooks)]).toEqual(['prerouting', 'forward', 'postrouting']);
    expect(met({ hook: 'forward' }).at(-1)).toBe('nat postrouting');
  });

  it('runs output and postrouting', () => {
    const hooks = met({ hook: 'output' }).map((name) => name.split(' ')[1]);
    expect([...new Set(hooks)]).toEqual(['output', 'postrouting']);
  });

  it('an accept ends its base chain only, a drop the packet', () => {
    const mangle = chain('M', [rule([], ACCEPT)], { table: 'mangle', hook: 'input' });
    expect(verdictOf(ruleset([mangle, input([rule([], DROP)])]), packet())).toBe('drop');
    const drops = chain('M', [rule([], DROP)], { table: 'mangle', hook: 'input' });
    expect(verdictOf(ruleset([drops, input([rule([], REJECT)])]), packet())).toBe('drop');
  });

  it('a packet can still be dropped at postrouting', () => {
    const post = chain('POST', [rule(ssh, DROP)], { table: 'mangle', hook: 'postrouting' });
    expect(verdictOf(ruleset([post]), packet({ hook: 'forward' }))).toBe('drop');
    expect(verdictOf(ruleset([post]), packet({ hook: 'output' }))).toBe('drop');
    expect(verdictOf(ruleset([post]), packet({ hook: 'input' }))).toBe('accept');
  });

  it('among equal priorities runs the last registered first', () => {
    const named = (name: string, sequence: number) =>
      chain(name, [rule([], { kind: 'note', text: name })], {
        hook: 'input',
        table: name,
        priority: 7,
        sequence,
      });
    const rules = ruleset([named('first', 1), named('second', 2), named('third', 3)]);
    expect(pathOf(rules, packet()).filter((s) => s.endsWith('note'))).toEqual([
      'third: note',
      'second: note',
      'first: note',
    ]);
  });

  it('orders nat chains by their own priority, but runs them at -100', () => {
    const nat = (name: string, priority: number) =>
      chain(name, [rule([], { kind: 'note', text: name })], {
        table: name,
        hook: 'prerouting',
        type: 'nat',
        priority,
      });
    const filter = chain('at -150', [rule([], { kind: 'note', text: '' })], {
      table: 'x',
      hook: 'prerouting',
      priority: -150,
    });
    const rules = ruleset([nat('late', 50), nat('early', -190), filter]);
    expect(pathOf(rules, packet()).filter((s) => s.endsWith('note'))).toEqual([
      'at -150: note',
      'early: note',
      'late: note',
    ]);
  });

  it('a cloud packet passes its own hook only', () => {
    const cloud = chain('sg', [rule(ssh, ACCEPT)], { hook: 'ingress', policy: 'drop' });
    const rules = ruleset([cloud, input([rule([], DROP)])]);
    expect(verdictOf(rules, packet({ hook: 'ingress' }))).toBe('accept');
    expect(verdictOf(rules, packet({ hook: 'ingress', dport: 23 }))).toBe('drop');
    expect(verdictOf(rules, packet({ hook: 'egress' }))).toBe('accept');
  });
});

describe('marks and other things that rules write', () => {
  it('later rules and tables see the mark', () => {
    const pre = chain('PRE', [rule(ssh, set('mark', 5))], { table: 'mangle', hook: 'prerouting' });
    const rules = ruleset([pre, input([rule(field('mark', 5), ACCEPT)], 'drop')]);
    expect(verdictOf(rules, packet())).toBe('accept');
    expect(verdictOf(rules, packet({ dport: 23 }))).toBe('drop');
    expect(verdictOf(rules, packet({ dport: 23, mark: 5 }))).toBe('accept');
  });

  it('assigns bit by bit: field := (field & keep) ^ (from & take) ^ xor', () => {
    const action = { kind: 'assign', field: 'mark', keep: 0xffff00ff, xor: 0x80000300 } as const;
    const rules = ruleset([input([rule([], action), rule(field('mark', 0x9234035a), ACCEPT)], 'drop')]);
    expect(verdictOf(rules, packet({ mark: 0x1234565a }))).toBe('accept');
    expect(verdictOf(rules, packet({ mark: 0x1234565b }))).toBe('drop');
  });

  it('saves and restores the mark by the connection', () => {
    const save = { kind: 'assign', field: 'ctmark', from: 'mark', keep: 0, take: 0xff, xor: 0 } as const;
    const restore = {
      kind: 'assign',
      field: 'mark',
      from: 'ctmark',
      keep: 0,
      take: 0xffffffff,
      xor: 0,
    } as const;
    const rules = ruleset([
      input(
        [rule([], save), rule([], set('mark', 0)), rule([], restore), rule(field('mark', 0x34), ACCEPT)],
        'drop',
      ),
    ]);
    expect(verdictOf(rules, packet({ mark: 0x1234 }))).toBe('accept');
    expect(verdictOf(rules, packet({ mark: 0x1234, state: 'untracked' }))).toBe('drop');
    expect(verdictOf(rules, packet({ mark: 0x34, state: 'invalid' }))).toBe('drop');
  });

  it('without a connection its mark matches nothing', () => {
    const rules = ruleset([input([rule(field('ctmark', 0), ACCEPT)], 'drop')]);
    expect(verdictOf(rules, packet())).toBe('accept');
    expect(verdictOf(rules, packet({ state: 'invalid' }))).toBe('drop');
  });

  it('a forgotten field may be anything, but the same all along', () => {
    const forget = { kind: 'forget', field: 'ttl' } as const;
    const drops = ruleset([input([rule([], forget), rule(field('ttl', 5), ACCEPT)], 'drop')]);
    expect(outcomes(drops, packet())).toMatchObject({ verdicts: ['accept', 'drop'], dependsOn: ['the TTL'] });
    const either = ruleset([
      input(
        [rule([], forget), rule(field('ttl', [0, 9]), ACCEPT), rule(field('ttl', [10, 255]), ACCEPT)],
        'drop',
      ),
    ]);
    expect(reachable(either, packet())).toBe('accept');
  });

  it('forgets the mark of a connection where there is one', () => {
    const rules = ruleset([
      input([rule([], { kind: 'forget', field: 'ctmark' }), rule(field('ctmark', 5), ACCEPT)], 'drop'),
    ]);
    expect(reachable(rules, packet())).toBe('accept drop');
    expect(reachable(rules, packet({ state: 'invalid' }))).toBe('drop');
  });

  it('computes with a forgotten field as far as it is known', () => {
    const forget = { kind: 'forget', field: 'tos' } as const;
    const keepLow = { kind: 'assign', field: 'tos', keep: 0x03, xor: 0xb8 } as const;
    const rules = ruleset([
      input([rule([], forget), rule([], keepLow), rule(masked('tos', 0xfc, 0xb8), ACCEPT)], 'drop'),
    ]);
    expect(reachable(rules, packet())).toBe('accept');
    const wide = ruleset([
      input(
        [
          rule([], { kind: 'forget', field: 'mark' }),
          rule([], set('mark', 7)),
          rule(field('mark', 7), ACCEPT),
        ],
        'drop',
      ),
    ]);
    expect(reachable(wide, packet())).toBe('accept');
  });

  it('a required condition behind an action ends the rule where it fails', () => {
    const rules = ruleset([
      input([
        rule([], set('mark', 1), { kind: 'require', match: ssh }, DROP),
        rule(field('mark', 1), REJECT),
      ]),
    ]);
    expect(verdictOf(rules, packet())).toBe('drop');
    expect(verdictOf(rules, packet({ dport: 23 }))).toBe('reject');
  });
});
