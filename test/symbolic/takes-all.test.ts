import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NONE } from '../../src/packet/diagram.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { Analysis } from '../../src/symbolic/analysis.ts';
import type { Scope } from '../../src/symbolic/scope.ts';
import { seenToTakeAll } from '../../src/symbolic/chains/takes-all.ts';
import { rulesetArbitrary } from '../differential/rulesets.ts';
import { readable } from '../differential/show.ts';
import { ACCEPT, address, chain, DROP, dnat, field, rule, ruleset, snat, state } from '../support/rules.ts';

const ACK = { state: 'established', tcpFlags: 16, fragment: 'none', forwardable: true } as const;

function takesAll(analysis: Analysis): boolean {
  const entry = analysis.entry();
  const { accept, deny } = analysis.pass(entry);
  return deny === NONE && analysis.diagram.orAll(accept.map(({ set }) => set)) === entry;
}

describe('what is seen to pass without being sent', () => {
  it('passes', () => {
    let seen = 0;
    for (const family of [4, 6] as const) {
      const cases = rulesetArbitrary(family).map((one) => readable([one, []]));
      fc.assert(
        fc.property(cases, ({ ruleset: rules }) => {
          for (const hook of ['input', 'forward', 'output'] as const)
            for (const [follow, scope] of [
              [true, { ...ACK, direction: 'original' }],
              [false, { ...ACK, tcpFlags: 18, direction: 'reply' }],
              [false, { ...ACK, state: 'new', tcpFlags: 2 }],
            ] as const) {
              const analysis = new Analysis(new PacketSpace(), rules, { family, hook, ...scope }, follow);
              if (!seenToTakeAll(analysis)) continue;
              seen++;
              expect(takesAll(analysis)).toBe(true);
            }
        }),
        { numRuns: 60, seed: 20261122 },
      );
    }
    expect(seen).toBeGreaterThan(20);
  });
});

/** A router with so many networks, each with a service that is published and a source of its own. */
function router(networks: number): Ruleset {
  const own = (i: number): string => `10.0.${i}.2`;
  const each = <T>(make: (i: number) => T): T[] => Array.from({ length: networks }, (_, i) => make(i));
  return ruleset(
    [
      chain(
        'PREROUTING',
        each((i) => rule(field('dport', 8000 + i), dnat(own(i)))),
        {
          hook: 'prerouting',
          type: 'nat',
          priority: -100,
          policy: 'accept',
        },
      ),
      chain('FORWARD', [rule(state('established', 'related'), ACCEPT), rule(field('dport', [0, 99]), DROP)], {
        hook: 'forward',
        policy: 'accept',
      }),
      chain(
        'POSTROUTING',
        each((i) => rule(field('sport', 9000 + i), snat(own(i)))),
        {
          hook: 'postrouting',
          type: 'nat',
          priority: 100,
          policy: 'accept',
        },
      ),
    ],
    { families: [4] },
  );
}

describe('sources that are translated last', () => {
  const scope: Scope = { family: 4, hook: 'forward', ...ACK, state: 'new', tcpFlags: 2 };

  it('make no further ways of those to published ports', () => {
    const analysis = new Analysis(new PacketSpace(), router(20), scope);
    const { accept, stages } = analysis.pass(analysis.entry());
    expect(stages).toHaveLength(3);
    expect(accept).toHaveLength(21);
  });

  it('are told apart where a later chain may ask for them', () => {
    const rules = router(20);
    const late = chain('late', [rule(address('src', '10.0.0.2'), DROP)], {
      hook: 'postrouting',
      type: 'filter',
      priority: 200,
      policy: 'accept',
    });
    const analysis = new Analysis(new PacketSpace(), { ...rules, chains: [...rules.chains, late] }, scope);
    expect(analysis.pass(analysis.entry()).accept.length).toBeGreaterThan(21);
  });

  it('are not looked at for what is established', () => {
    const analysis = new Analysis(
      new PacketSpace(),
      router(20),
      { family: 4, hook: 'forward', ...ACK, direction: 'original' },
      true,
    );
    expect(seenToTakeAll(analysis)).toBe(true);
  });
});
