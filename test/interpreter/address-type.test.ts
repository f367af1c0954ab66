import { describe, expect, it } from 'vitest';
import { ADDRESS_TYPES, type AddressType } from '../../src/rule/condition.ts';
import type { NetfilterHook } from '../../src/rule/ruleset.ts';
import { addressType, chain, DROP, dnat, host, not, packet, rule, ruleset } from '../support/rules.ts';
import { reachable } from './run.ts';

const facts = host(
  'lo 127.0.0.1/8',
  'eth0 10.1.2.10/24',
  'eth0 10.1.2.11/24 secondary',
  'eth0 10.1.2.13/24 secondary',
  'eth1 10.9.0.1/31',
  'lo ::1/128',
  'eth0 2001:db8::10/64',
);

/** The types that the address surely has, and with `?` those that it may have, as a chain at the hook sees them. */
function types(
  change: Parameters<typeof packet>[0],
  options: { at?: NetfilterHook; known?: boolean; field?: 'src' | 'dst'; limit?: 'in' | 'out' } = {},
): string {
  const { at = 'input', known = true, field = 'dst', limit } = options;
  const found: string[] = [];
  for (const type of ADDRESS_TYPES) {
    if (['blackhole', 'unreachable', 'prohibit', 'throw', 'nat', 'xresolve', 'anycast'].includes(type))
      continue;
    const condition = addressType(field, [type as AddressType], limit);
    const rules = ruleset(
      [chain('C', [rule(condition, DROP)], { table: 'x', hook: at })],
      known ? { host: facts } : {},
    );
    const verdicts = reachable(rules, packet(change));
    if (verdicts !== 'accept') found.push(verdicts === 'drop' ? type : `${type}?`);
  }
  return found.join(' ');
}

describe("with the host's addresses", () => {
  const pre = { at: 'prerouting' as const };

  // The local table of a namespace with these addresses, as `ip route show table local` prints it on Linux 6.
  it.each([
    ['10.1.2.10', 'local'],
    ['10.1.2.11', 'local'],
    ['10.1.2.255', 'broadcast'],
    ['10.1.2.0', 'unicast'],
    ['10.1.2.12', 'unicast'],
    ['10.9.0.1', 'local'],
    ['10.9.0.0', 'unicast'],
    ['127.0.0.1', 'local'],
    ['127.9.9.9', 'local'],
    ['127.255.255.255', 'broadcast'],
    ['255.255.255.255', 'broadcast'],
    ['0.0.0.0', 'broadcast'],
    ['0.255.1.1', 'broadcast'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.1', 'unicast'],
    ['8.8.8.8', 'unicast'],
  ])('%s is %s', (to, expected) => {
    expect(types({ to }, pre)).toBe(expected);
    expect(types({ from: to }, { ...pre, field: 'src' })).toBe(expected);
  });

  it.each([
    ['2001:db8::10', 'local'],
    ['::1', 'local'],
    ['2001:db8::11', 'unicast'],
    ['ff02::1', 'multicast'],
    ['::', 'unspec'],
    // Anycast where the host forwards (RFC 4291, 2.6.1), which is not known.
    ['2001:db8::', 'unicast?'],
  ])('%s is %s', (to, expected) => {
    expect(types({ from: '2001:db8::1', to }, pre)).toBe(expected);
  });

  it('counts only the addresses of one interface where that is asked', () => {
    const limited = { ...pre, limit: 'in' as const };
    expect(types({ to: '10.1.2.10' }, limited)).toBe('local');
    expect(types({ to: '10.9.0.1' }, limited)).toBe('unicast');
    expect(types({ to: '10.9.0.1', in: 'eth1' }, limited)).toBe('local');
    expect(types({ to: '10.1.2.255', in: 'eth1' }, limited)).toBe('unicast');
  });

  it('believes where the packet has gone', () => {
    expect(types({ to: '203.0.113.5' })).toBe('local');
    expect(types({ to: '10.1.2.255' })).toBe('broadcast');
    expect(types({ hook: 'forward', to: '10.1.2.10' }, { at: 'forward' })).toBe('unicast');
    expect(types({ hook: 'output', out: 'lo', to: '10.1.2.10' }, { at: 'output' })).toBe('local');
    expect(types({ hook: 'output', to: '10.1.2.255' }, { at: 'output' })).toBe('broadcast');
    expect(types({ hook: 'output', to: '8.8.8.8' }, { at: 'output' })).toBe('unicast');
  });
});

describe("without the host's addresses", () => {
  const unknown = { known: false };

  it('follows from where the packet has gone', () => {
    expect(types({}, unknown)).toBe('local');
    expect(types({ hook: 'forward' }, { ...unknown, at: 'forward' })).toBe('unicast');
    expect(types({ hook: 'forward' }, { ...unknown, at: 'postrouting' })).toBe('unicast');
    expect(types({ hook: 'output', out: 'lo' }, { ...unknown, at: 'output' })).toBe('local');
    expect(types({ hook: 'output' }, { ...unknown, at: 'output' })).toBe('unicast? broadcast?');
    expect(types({ to: '255.255.255.255' }, unknown)).toBe('broadcast');
    expect(types({ to: '224.0.0.251' }, unknown)).toBe('multicast');
  });

  it('is asked before routing, for sources, and for one interface', () => {
    expect(types({}, { ...unknown, at: 'prerouting' })).toBe('unicast? local? broadcast?');
    expect(types({}, { ...unknown, field: 'src' })).toBe('unicast? local? broadcast?');
    expect(types({}, { ...unknown, limit: 'in' })).toBe('unicast? local? broadcast?');
    expect(types({ from: '::5', to: '::6' }, { ...unknown, at: 'prerouting' })).toBe('unicast? local?');
  });

  it('is one type: what has been answered holds for the next question', () => {
    const local = addressType('src', ['local']);
    const other = addressType('src', ['unicast', 'broadcast']);
    const chains = (first: typeof local, second: typeof local) => [
      chain('C', [rule(first, { kind: 'return' }), rule(second, { kind: 'return' }), rule([], DROP)], {
        hook: 'input',
      }),
    ];
    expect(reachable(ruleset(chains(local, other)), packet())).toBe('accept');
    expect(reachable(ruleset(chains(local, not(local))), packet())).toBe('accept');
    expect(reachable(ruleset(chains(local, addressType('src', ['unicast']))), packet())).toBe('accept drop');
  });

  it('a redirected destination is local, another translated one at output is asked', () => {
    const at = (to: string) => [
      chain('N', [rule([], dnat(to))], { table: 'nat', hook: 'output' }),
      chain('C', [rule(addressType('dst', ['local']), DROP)], { hook: 'output' }),
    ];
    const out = packet({ hook: 'output' });
    expect(reachable(ruleset(at('local')), out)).toBe('drop');
    expect(reachable(ruleset(at('10.0.0.9')), out)).toBe('accept drop');
  });
});

it('types that only special routes give are asked', () => {
  const is = (...asked: AddressType[]) =>
    reachable(
      ruleset([chain('C', [rule(addressType('dst', asked), DROP)], { table: 'x', hook: 'prerouting' })], {
        host: facts,
      }),
      packet({ to: '8.8.8.8' }),
    );
  expect(is('unreachable')).toBe('accept drop');
  expect(is('anycast', 'local')).toBe('accept drop');
  expect(is('unicast', 'blackhole')).toBe('drop');
});

it("a network's first IPv6 address is anycast or what it is else", () => {
  const is = (...asked: AddressType[]) =>
    reachable(
      ruleset([chain('C', [rule(addressType('dst', asked), DROP)], { hook: 'input' })], { host: facts }),
      packet({ from: '2001:db8::1', to: '2001:db8::' }),
    );
  expect(is('local')).toBe('accept drop');
  expect(is('anycast')).toBe('accept drop');
  expect(is('anycast', 'local')).toBe('drop');
  expect(is('unicast')).toBe('accept');
});
