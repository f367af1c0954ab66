import { describe, expect, it } from 'vitest';
import type { AddressType } from '../../src/rule/condition.ts';
import type { Action } from '../../src/rule/action.ts';
import { ACCEPT, addressType, chain, DROP, goto, packet, rule, ruleset, set } from '../support/rules.ts';
import { disagreement, Symbolic } from './engines.ts';
import { HOST } from './rulesets.ts';

const FIRST = 0x20010db8n << 96n;
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

describe('the type of an address of a packet that is changed', () => {
  const [TTL, TOS] = [set('ttl', 200), set('tos', 16)];
  // The first address of the host's IPv6 network, which may be its routers' anycast address.
  const first = packet({ hook: 'output', in: '', out: 'eth1', src: 0xfe8n << 116n, dst: FIRST, family: 6 });
  const asking = (types: readonly AddressType[], changing: Action) => ({
    ...ruleset([
      chain('changed', [rule([], changing), rule(addressType('dst', types), ACCEPT), rule([], DROP)], {
        table: 'mangle',
      }),
      chain('postrouting', [rule(addressType('dst', types), goto('changed', 'mangle'))], {
        hook: 'postrouting',
        table: 'mangle',
      }),
    ]),
    host: HOST,
  });
  const asked: readonly (readonly AddressType[])[] = [['unicast'], ['anycast'], ['nat'], ['unspec', 'nat']];

  it.each(asked.flatMap((types) => [TTL, TOS].map((changing) => ({ types, changing }))))(
    'stays the same: $types',
    ({ types, changing }) => {
      const rules = asking(types, changing);
      for (const precision of ['fixed', 'open'] as const) {
        expect(disagreement(rules, first, new Symbolic(rules, precision))).toBeUndefined();
        expect(new Symbolic(rules, precision).answer(first)).toEqual({ accept: true, deny: false });
      }
    },
  );
});

describe('the type of the destination of what is forwarded, behind postrouting', () => {
  // Routing has sent it on, and nothing behind the forward hook gives it another destination: it is as it was there.
  it.each(
    (['egress', 'cloud-egress'] as const).flatMap((hook) =>
      ([4, 6] as const).map((family) => ({ hook, family })),
    ),
  )('is unicast at $hook, IPv$family', ({ hook, family }) => {
    const asked = { ...chain('c', [rule(addressType('dst', ['local', 'broadcast']), DROP)], { hook }) };
    const rules = ruleset([asked], { families: [family] });
    const one = packet({
      hook: 'forward',
      in: 'eth0',
      out: 'eth1',
      family,
      dst: family === 4 ? 0x0a000007n : FIRST,
    });
    for (const precision of ['fixed', 'open'] as const) {
      expect(disagreement(rules, one, new Symbolic(rules, precision))).toBeUndefined();
      expect(new Symbolic(rules, precision).answer(one)).toEqual({ accept: true, deny: false });
    }
  });
});
