import { describe, expect, it } from 'vitest';
import { answering, interpret, outcomes } from '../../src/interpreter/index.ts';
import type { ConnectionState } from '../../src/packet/packet.ts';
import {
  ACCEPT,
  address,
  chain,
  DROP,
  field,
  NOTRACK,
  not,
  packet,
  RETURN,
  rule,
  ruleset,
  snat,
  state,
} from '../support/rules.ts';
import { matches, reachable, verdictOf } from './run.ts';

const STATES: readonly ConnectionState[] = ['new', 'established', 'related', 'invalid', 'untracked'];

/** Which state a chain at the place sees. */
function seen(
  at: {
    table: string;
    hook: 'prerouting' | 'output' | 'input' | 'forward' | 'postrouting';
    priority?: number;
  },
  change: Parameters<typeof packet>[0],
): string {
  const found = STATES.filter((s) => {
    const rules = ruleset([chain('C', [rule(state(s), DROP)], at)]);
    return verdictOf(rules, packet(change)) === 'drop';
  });
  return found.join(' ');
}

describe('the state that a match sees', () => {
  it.each(STATES)('is after conntrack what the packet says: %s', (s) => {
    expect(seen({ table: 'filter', hook: 'input' }, { state: s })).toBe(s);
    expect(seen({ table: 'mangle', hook: 'prerouting' }, { state: s })).toBe(s);
    expect(seen({ table: 'mangle', hook: 'postrouting' }, { state: s, hook: 'output' })).toBe(s);
  });

  it.each(STATES)('is invalid in the raw table: %s', (s) => {
    expect(seen({ table: 'raw', hook: 'prerouting' }, { state: s })).toBe('invalid');
    expect(seen({ table: 'raw', hook: 'output' }, { state: s, hook: 'output' })).toBe('invalid');
  });

  it('is there from priority -200 on', () => {
    expect(seen({ table: 'x', hook: 'prerouting', priority: -201 }, {})).toBe('invalid');
    expect(seen({ table: 'x', hook: 'prerouting', priority: -200 }, {})).toBe('new');
  });

  // Tried with iptables-nft 1.8 on Linux 6: raw PREROUTING of a packet from lo sees NEW.
  it.each(STATES)('is on the loopback interface that of the way out: %s', (s) => {
    expect(seen({ table: 'raw', hook: 'prerouting' }, { state: s, in: 'lo' })).toBe(s);
    expect(seen({ table: 'raw', hook: 'output' }, { state: s, hook: 'output', out: 'lo' })).toBe('invalid');
  });
});

describe('notrack', () => {
  const raw = chain('PREROUTING', [rule(field('dport', 22), NOTRACK)], { table: 'raw', hook: 'prerouting' });
  const untracked = chain('INPUT', [rule(state('untracked'), ACCEPT)], { hook: 'input', policy: 'drop' });

  it.each(STATES)('makes a packet untracked from there on: %s', (s) => {
    expect(verdictOf(ruleset([raw, untracked]), packet({ state: s }))).toBe('accept');
  });

  it('is seen by the next rule of the raw table', () => {
    const later = chain('P', [rule([], NOTRACK), rule(state('untracked'), DROP)], {
      table: 'raw',
      hook: 'prerouting',
    });
    expect(verdictOf(ruleset([later]), packet())).toBe('drop');
  });

  it('leaves other packets tracked', () => {
    expect(verdictOf(ruleset([raw, untracked]), packet({ dport: 23 }))).toBe('drop');
  });

  it('does nothing to a packet that has its connection from the loopback interface', () => {
    expect(verdictOf(ruleset([raw, untracked]), packet({ in: 'lo' }))).toBe('drop');
    expect(verdictOf(ruleset([raw, untracked]), packet({ in: 'lo', state: 'invalid' }))).toBe('accept');
  });
});

describe("a connection's first addresses", () => {
  const first = address('origDst', '10.1.2.10');

  it('are those of a new packet', () => {
    expect(matches(first, packet())).toBe('yes');
    expect(matches(first, packet({ to: '10.1.2.11' }))).toBe('no');
    expect(matches(field('origDport', 22), packet())).toBe('yes');
    expect(matches(address('origSrc', '192.0.2.0/24'), packet({ state: 'related' }))).toBe('yes');
  });

  it('are not known of an established one, nor of what an ICMP error is about', () => {
    expect(matches(first, packet({ state: 'established' }))).toBe('unknown');
    expect(matches(field('origDport', 22), packet({ state: 'established' }))).toBe('unknown');
    expect(matches(first, packet({ state: 'related', protocol: 1, icmpType: 3 }))).toBe('unknown');
    const asked = outcomes(
      ruleset([chain('INPUT', [rule(first, DROP)], { hook: 'input' })]),
      packet({ state: 'established' }),
    );
    expect(asked.dependsOn).toEqual(["the connection's first destination (ctorigdst)"]);
  });

  it('are the same at every place', () => {
    const rules = ruleset([
      chain('INPUT', [rule(first, RETURN), rule(not(first), RETURN), rule([], DROP)], { hook: 'input' }),
    ]);
    expect(reachable(rules, packet({ state: 'established' }))).toBe('accept');
  });

  it('do not exist without a connection', () => {
    for (const s of ['invalid', 'untracked'] as const) {
      expect(matches(first, packet({ state: s }))).toBe('no');
      expect(matches(not(first), packet({ state: s }))).toBe('yes');
      expect(matches(field('origDport', 22), packet({ state: s }))).toBe('no');
      expect(matches({ kind: 'translated', what: 'dnat' }, packet({ state: s }))).toBe('no');
    }
    const raw = ruleset([chain('P', [rule(first, DROP)], { table: 'raw', hook: 'prerouting' })]);
    expect(verdictOf(raw, packet())).toBe('accept');
  });
});

describe('a connection that is known', () => {
  const tuple = (src: string, sport: number, dst: string, dport: number) => {
    const made = packet({ from: src, to: dst, sport, dport });
    return { src: made.src, dst: made.dst, sport: made.sport, dport: made.dport };
  };
  const connection = {
    original: tuple('192.0.2.7', 40000, '10.1.2.10', 80),
    reply: tuple('172.17.0.2', 8080, '192.0.2.7', 40000),
    mark: 9,
  };
  const reply = packet({
    hook: 'forward',
    from: '172.17.0.2',
    sport: 8080,
    to: '192.0.2.7',
    dport: 40000,
    state: 'established',
  });
  const back = { connection: { ...connection, direction: 'reply' as const } };

  it('translates its replies back at postrouting', () => {
    const original = [address('src', '10.1.2.10'), field('sport', 80)];
    const forward = chain('F', [rule(original, DROP)], { hook: 'forward' });
    const late = chain('P', [rule(original, DROP)], { table: 'x', hook: 'postrouting', priority: 200 });
    expect(verdictOf(ruleset([forward]), reply, {}, back)).toBe('accept');
    expect(verdictOf(ruleset([late]), reply, {}, back)).toBe('drop');
    expect(interpret(ruleset([]), reply, answering(), back).translated?.sport).toEqual([80, 80]);
  });

  it('translates the next packets of its own direction at prerouting', () => {
    const next = packet({ hook: 'forward', dport: 80, state: 'established', tcpFlags: 16 });
    const there = { connection: { ...connection, direction: 'original' as const } };
    const inside = [address('dst', '172.17.0.2'), field('dport', 8080), address('origDst', '10.1.2.10')];
    const rules = ruleset([chain('F', [rule(inside, DROP)], { hook: 'forward' })]);
    expect(verdictOf(rules, next, {}, there)).toBe('drop');
  });

  it('is what state, mark and translation matches see', () => {
    const dnat = { kind: 'translated', what: 'dnat' } as const;
    const is = (condition: Parameters<typeof matches>[0]) =>
      matches(condition, reply, { circumstances: back });
    expect(is(dnat)).toBe('yes');
    expect(is({ kind: 'translated', what: 'snat' })).toBe('no');
    expect(is(field('ctmark', 9))).toBe('yes');
    expect(is(address('origSrc', '192.0.2.7'))).toBe('yes');
  });

  it('passes no nat chain', () => {
    const nat = chain('P', [rule([], snat('10.0.0.1'))], { table: 'nat', hook: 'postrouting' });
    const traced = interpret(ruleset([nat]), reply, answering(), back);
    expect(traced.translated?.src).toEqual([0x0a01020an, 0x0a01020an]);
  });
});
