import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { address, chain, DROP, dnat, field, iface, rule, ruleset, snat } from '../support/rules.ts';
import { disagreement, Symbolic } from './engines.ts';
import { packetArbitrary } from './packets.ts';
import { HOST } from './rulesets.ts';
import { readable } from './show.ts';
import { INTERFACES, one } from './values.ts';

/** Destinations on the host's links, across their borders, off all links, and of the host's own. */
const SENT = {
  4: ['10.1.2.77', '10.1.200.7', '10.1.1.250-10.1.2.5', '10.0.255.250-10.1.0.9', '198.51.100.7', '10.1.2.10'],
  6: ['2001:db8::29', '2001:db8::7777', '2001:db8::1f-2001:db8::22', '2001:db9::1', '2001:db8::10'],
} as const;

/** What nat's output sends elsewhere, and what postrouting makes of it by the interface and the source. */
function rules(family: 4 | 6): fc.Arbitrary<Ruleset> {
  const sent = fc.tuple(one([...SENT[family], undefined]), one([80, 443, undefined]));
  const sending = sent.map(([to, port]) =>
    rule([field('dport', 80, 443)], to === undefined && port === undefined ? DROP : dnat(to, port)),
  );
  const source = family === 4 ? '10.1.0.1' : '2001:db8::21';
  const given = one(['local', source]);
  const names = one([...INTERFACES, 'eth+']);
  const giving = fc.tuple(names, given).map(([name, to]) => rule([iface('out', name)], snat(to)));
  const asked = one([iface('out', 'eth0'), iface('out', 'eth1'), address('src', source)]);
  const stopping = fc.tuple(asked, names).map(([first, name]) => rule([first, iface('out', name)], DROP));
  const several = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(arbitrary, { maxLength: 2 });
  return fc
    .tuple(several(sending), several(giving), several(stopping), several(stopping))
    .map(([output, sources, early, late]) =>
      ruleset(
        [
          chain('output', [rule([iface('out', 'docker0')], DROP), ...output], {
            table: 'nat',
            hook: 'output',
          }),
          chain('early', early, { table: 'mangle', hook: 'postrouting' }),
          chain('postrouting', sources, { table: 'nat', hook: 'postrouting' }),
          chain('late', late, { hook: 'postrouting', priority: 300 }),
        ],
        { families: [family], host: HOST },
      ),
    );
}

describe('what the host sends and nat gives another destination', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 40);
  const seed = Number(process.env.POSTERN_SEED ?? 20261123);
  for (const family of [4, 6] as const)
    it(`leaves by the interface of its link, IPv${family}, in both engines`, () => {
      const packet = packetArbitrary(family).map((made) => ({
        ...made,
        ...{ hook: 'output' as const, in: '', state: 'new' as const, ctmark: 0, out: made.out || 'eth0' },
      }));
      const cases = fc.tuple(rules(family), fc.array(packet, { minLength: 5, maxLength: 20 })).map(readable);
      fc.assert(
        fc.property(cases, ({ ruleset: made, packets }) => {
          const symbolic = new Symbolic(made, 'fixed');
          for (const each of packets) expect(disagreement(made, each, symbolic)).toBeUndefined();
        }),
        { numRuns, seed },
      );
    });
});
