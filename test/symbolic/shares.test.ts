import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLeaf } from '../../src/packet/decision.ts';
import { type Node, NONE } from '../../src/packet/diagram.ts';
import { partsOf } from '../../src/packet/parts.ts';
import type { Action } from '../../src/rule/action.ts';
import type { Chain, Rule, Ruleset } from '../../src/rule/ruleset.ts';
import { Analysis } from '../../src/symbolic/analysis.ts';
import { placeIn } from '../../src/symbolic/translation/place-in.ts';
import { PlainRun } from '../../src/symbolic/deciding/segment.ts';
import { spaceFor } from '../../src/symbolic/layout/space.ts';
import { stagesOf } from '../../src/symbolic/stages.ts';
import { IDENTITY } from '../../src/symbolic/translation/transform.ts';
import {
  ACCEPT,
  address,
  chain,
  DROP,
  field,
  goto,
  iface,
  jump,
  RETURN,
  rule,
  ruleset,
} from '../support/rules.ts';

const NUM_RUNS = Number(process.env.POSTERN_RUNS ?? 150);
const tcp = field('protocol', 6);

/** For each line and outcome the packets, by the two ways to tell them. */
function told(rules: Ruleset): { shares: Map<string, Node> | undefined; labels: Map<string, Node> } {
  const scope = { family: 4, hook: 'input', state: 'new', tcpFlags: 2, fragment: 'none' } as const;
  const analysis = new Analysis(spaceFor(rules), rules, scope);
  const { diagram } = analysis;
  const [stage] = stagesOf(rules.chains, 'input', 4);
  if (stage === undefined) throw new Error('no base chain');
  const place = placeIn(stage, IDENTITY);
  const run = analysis.chains.body(stage.chain, place);
  if (!(run instanceof PlainRun)) return { shares: new Map(), labels: new Map() };
  const shares = analysis.shares.of(run, place);
  const labels = analysis.labelsOf(false);
  const parts = partsOf(diagram, labels.run(run, place) as Node);
  const byLabel = new Map<string, Node>();
  const add = (to: Map<string, Node>, key: string, set: Node): void => {
    if (set !== NONE) to.set(key, diagram.or(to.get(key) ?? NONE, set));
  };
  for (const [i, leaf] of parts.leaves.entries()) {
    const { outcome, number } = readLeaf(leaf);
    // All that returns has one label.
    const line = outcome === 'back' ? 'back' : `${outcome} ${number}`;
    add(byLabel, line, parts.sets[i] as Node);
  }
  const byShare = new Map<string, Node>();
  for (const { rule, outcome, set } of shares ?? [])
    add(byShare, outcome === 'back' ? 'back' : `${outcome} ${labels.numbers.of(rule)}`, set);
  return { shares: shares && byShare, labels: byLabel };
}

const sorted = (map: ReadonlyMap<string, Node>): [string, Node][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));

const source = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 5 }), fc.boolean())
  .map(([net, host, wide]) => address('src', wide ? `10.${net}.0.0-10.${net}.0.255` : `10.${net}.0.${host}`));
const match = fc
  .tuple(
    fc.option(source, { freq: 8, nil: undefined }),
    fc.option(fc.constantFrom(22, 80, 443), { nil: undefined }),
    fc.option(fc.constantFrom('eth0', 'eth1', 'lo'), { nil: undefined, freq: 2 }),
  )
  .map(([src, port, name]) => [
    ...(src === undefined ? [] : [src]),
    ...(port === undefined ? [] : [tcp, field('dport', port)]),
    ...(name === undefined ? [] : [iface('in', name)]),
  ]);
const ruleWith = (...actions: readonly Action[]): fc.Arbitrary<Rule> =>
  fc.tuple(match, fc.constantFrom(...actions)).map(([of, action]) => rule(of, action));
const list = (least: number, ...actions: readonly Action[]): fc.Arbitrary<Rule[]> =>
  fc.array(ruleWith(...actions), { minLength: least, maxLength: 8 });
const rulesets = fc
  .tuple(
    list(1, ACCEPT, DROP, RETURN, jump('first'), jump('second')),
    list(0, ACCEPT, DROP, jump('second')),
    list(0, ACCEPT, DROP),
  )
  .map(([base, first, second]): Chain[] => [
    chain('INPUT', base, { hook: 'input', policy: 'drop' }),
    chain('first', first),
    chain('second', second),
  ]);

describe('what each rule decides, where rules hardly overlap', () => {
  it('is what labels say', () => {
    let some = 0;
    fc.assert(
      fc.property(rulesets, (chains) => {
        const { shares, labels } = told(ruleset(chains));
        if (shares === undefined) return;
        some++;
        expect(sorted(shares)).toEqual(sorted(labels));
      }),
      { numRuns: NUM_RUNS },
    );
    expect(some).toBeGreaterThan(NUM_RUNS / 4);
  });

  it('is left to labels where a called chain returns, is gone to, or is called too often', () => {
    const base = (...rules: Rule[]): Chain => chain('INPUT', rules, { hook: 'input' });
    const rest = [rule([address('src', '10.0.0.1')], ACCEPT)];
    const returning = chain('first', [rule([address('src', '10.0.0.2')], RETURN), ...rest]);
    expect(told(ruleset([base(rule([tcp], jump('first'))), returning])).shares).toBeUndefined();
    expect(told(ruleset([base(rule([tcp], goto('first'))), chain('first', rest)])).shares).toBeUndefined();
    const calls = (count: number): Ruleset =>
      ruleset([
        base(...Array.from({ length: count }, (_, i) => rule([tcp, field('dport', i)], jump('first')))),
        chain(
          'first',
          Array.from({ length: 10 }, (_, i) => rule([address('src', `10.0.0.${i}`)], ACCEPT)),
        ),
      ]);
    expect(told(calls(20)).shares?.size).toBe(10);
    expect(told(calls(500)).shares).toBeUndefined();
  });

  it('is left to labels where rules share much', () => {
    const many = Array.from({ length: 30 }, (_, i) =>
      rule([field('dport', [i, i + 20]), tcp], i % 2 === 0 ? ACCEPT : DROP),
    );
    const { shares, labels } = told(ruleset([chain('INPUT', many, { hook: 'input' })]));
    expect(shares).toBeUndefined();
    expect(labels.size).toBe(30);
  });
});
