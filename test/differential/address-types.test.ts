import { describe, expect, it } from 'vitest';
import type { AddressType } from '../../src/rule/condition.ts';
import { addressType, chain, DROP, packet, rule, ruleset } from '../support/rules.ts';
import { disagreement, Symbolic } from './engines.ts';

const REST: readonly AddressType[] = ['local', 'broadcast'];

describe('the type of an address on an interface that the hook does not have', () => {
  // Together the two rules drop whatever the type is: what came in by no route that is known is one of the three.
  it.each(['fixed', 'open'] as const)('is the type that any interface gives it (%s)', (precision) => {
    const rules = ruleset([
      chain(
        'input',
        [rule(addressType('src', ['unicast']), DROP), rule(addressType('src', [...REST], 'out'), DROP)],
        { hook: 'input' },
      ),
    ]);
    const one = packet({ src: 0x0a000007n });
    expect(disagreement(rules, one, new Symbolic(rules, precision))).toBeUndefined();
    expect(new Symbolic(rules, precision).answer(one)).toEqual({ accept: false, deny: true });
  });
});

describe('the type of an address that a special route may give it', () => {
  const special: readonly AddressType[] = ['unspec', 'blackhole', 'nat'];
  const both = [
    [addressType('dst', ['broadcast']), addressType('dst', [...special])],
    [addressType('dst', [...special]), addressType('dst', ['broadcast'])],
  ];
  it.each(both.flatMap((asked) => (['fixed', 'open'] as const).map((precision) => ({ asked, precision }))))(
    'is not broadcast too ($precision)',
    ({ asked, precision }) => {
      const rules = ruleset([chain('output', [rule(asked, DROP)], { hook: 'output' })]);
      const one = packet({ hook: 'output', in: '', out: 'eth1', dst: 0xc000024dn });
      expect(disagreement(rules, one, new Symbolic(rules, precision))).toBeUndefined();
      expect(new Symbolic(rules, precision).answer(one)).toEqual({ accept: true, deny: false });
    },
  );
});
