import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enumerateValuations, type Trace } from '../../src/interpreter/interpret.ts';
import { Diagram, type Node, NONE } from '../../src/packet/diagram.ts';
import { isMember } from '../../src/packet/membership.ts';
import type { Packet } from '../../src/packet/packet.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { Analysis, type Passage } from '../../src/symbolic/analysis.ts';
import { numberingFor } from '../../src/symbolic/layout/numbering-choice.ts';
import type { Scope } from '../../src/symbolic/scope.ts';
import { type Hit, hitsOf } from '../../src/symbolic/deciding/walk.ts';
import { leavesChoices } from '../../src/rule/left-open.ts';
import { packetArbitrary } from '../differential/packets.ts';
import { rulesetArbitrary } from '../differential/rulesets.ts';
import { readable } from '../differential/show.ts';
import {
  address,
  chain,
  DROP,
  field,
  goto,
  jump,
  not,
  opaque,
  packet,
  rule,
  ruleset,
  set,
  ACCEPT,
} from '../support/rules.ts';

interface Walked {
  readonly analysis: Analysis;
  readonly passage: Passage;
  /** For each base chain in order, the rules that decide there. */
  readonly hits: readonly { readonly nat: boolean; readonly hits: readonly Hit[] }[];
}

function walked(ruleset: Ruleset, { family, hook, state, tcpFlags, fragment }: Packet): Walked {
  const scope: Scope = { family, hook: hook as Scope['hook'], state, tcpFlags, fragment };
  const numbering = numberingFor(ruleset, { long: 1, fewest: 0 });
  const analysis = new Analysis(new PacketSpace(new Diagram({ numbering })), ruleset, scope);
  const passage = analysis.pass(analysis.entry());
  const hits = passage.stages.map(({ stage, entered }) => ({
    nat: stage.nat,
    hits: hitsOf(analysis, stage, entered),
  }));
  return { analysis, passage, hits };
}

/** The lines (rules, or chains for their policies) at which the packet may be decided so, by the walk. */
function deciders({ analysis, hits }: Walked, packet: Packet, verdict: 'accept' | 'deny'): Set<unknown> {
  const found = new Set<unknown>();
  for (const stage of hits)
    for (const hit of stage.hits)
      if (hit.verdict === verdict && isMember(analysis.diagram, hit.set, packet))
        found.add((hit.rule ?? hit.chain).origin);
  return found;
}

const one = fc.constantFrom<4 | 6>(4, 6);
const cases = one.chain((family) =>
  fc
    .tuple(rulesetArbitrary(family), fc.array(packetArbitrary(family), { minLength: 3, maxLength: 3 }))
    .map(readable),
);
const numRuns = Number(process.env.POSTERN_RUNS ?? 40);

describe('the rules that decide', () => {
  it('have among them the one that ends each way of the interpreter', () => {
    fc.assert(
      fc.property(cases, ({ ruleset, packets }) => {
        for (const packet of packets) {
          const walk = walked(ruleset, packet);
          const denying = deciders(walk, packet, 'deny');
          const accepting = deciders(walk, packet, 'accept');
          const check = (trace: Trace): void => {
            if (trace.hook !== packet.hook || trace.verdict === 'undetermined') return;
            const last = trace.path[trace.path.length - 1];
            if (last === undefined) return;
            const known = trace.verdict === 'accept' ? accepting : denying;
            if (trace.stopped !== undefined) return;
            expect(known.has(last.origin), `${last.did} in ${last.chain.id}`).toBe(true);
          };
          enumerateValuations(ruleset, packet, check, {}, 200);
        }
      }),
      { numRuns, seed: 7 },
    );
  });

  it('deny together exactly what the passage denies, and let through what enters the next chain', () => {
    fc.assert(
      fc.property(cases, ({ ruleset, packets }) => {
        const [packet] = packets;
        if (packet === undefined || ruleset.chains.some((chain) => chain.base?.type === 'nat')) return;
        const { analysis, passage, hits } = walked(ruleset, packet);
        const { diagram } = analysis;
        const all = (verdict: string, some: readonly Hit[]): Node =>
          diagram.orAll(some.filter((hit) => hit.verdict === verdict).map((hit) => hit.set));
        const denied = diagram.orAll(hits.map((stage) => all('deny', stage.hits)));
        expect(diagram.or(denied, passage.stopped)).toBe(passage.deny);
        passage.stages.forEach(({ entered }, i) => {
          const into = diagram.orAll(entered.map((flow) => flow.set));
          const accepted = all('accept', hits[i]?.hits ?? []);
          const stopped = all('deny', hits[i]?.hits ?? []);
          // Nothing that entered is left without a decision, and nothing is decided that did not enter.
          expect(diagram.or(accepted, stopped)).toBe(into);
          const next = passage.stages[i + 1]?.entered ?? passage.accept;
          const after = diagram.orAll(next.map((flow) => flow.set));
          const routed = passage.stages[i + 1]?.stage.hook === 'forward' ? passage.stopped : NONE;
          if (!leavesChoices(ruleset))
            expect(diagram.difference(accepted, routed)).toBe(diagram.difference(after, routed));
          else expect(diagram.difference(after, accepted)).toBe(NONE);
        });
      }),
      { numRuns, seed: 8 },
    );
  });

  it('see the mark as it was where there is no connection yet whose mark a rule could take', () => {
    const take = {
      kind: 'assign',
      field: 'mark',
      keep: 0,
      from: 'ctmark',
      take: 0xffffffff,
      xor: 0,
    } as const;
    const rules = ruleset(
      [
        chain('A', [rule(field('mark', 7), DROP)], { table: 'raw' }),
        chain('PREROUTING', [rule([], set('mark', 7)), rule([], take, jump('A', 'raw'))], {
          table: 'raw',
          hook: 'prerouting',
          priority: -300,
          policy: 'accept',
        }),
      ],
      { families: [4] },
    );
    const { passage, hits } = walked(rules, packet({ hook: 'input', state: 'new' }));
    const denied = hits.flatMap((stage) => stage.hits).filter(({ verdict }) => verdict === 'deny');
    expect(denied.map(({ set: packets }) => packets)).toEqual([passage.deny]);
    expect(passage.deny).not.toBe(NONE);
  });

  it('see the same bytes where a rule gives the packet the TTL that it has', () => {
    const text = opaque('-m string --string "x"');
    const rules = ruleset(
      [
        chain('A', [rule(not(text), DROP)]),
        chain('INPUT', [rule(text, set('ttl', 64), jump('A'))], { hook: 'input', policy: 'accept' }),
      ],
      { families: [4] },
    );
    const { analysis, passage, hits } = walked(rules, packet({ hook: 'input', state: 'new' }));
    const denied = hits.flatMap((stage) => stage.hits).filter(({ verdict }) => verdict === 'deny');
    expect(denied.map(({ set: packets }) => packets)).toEqual([passage.deny]);
    expect(isMember(analysis.diagram, passage.deny, packet({ ttl: 63 }))).toBe(true);
    expect(isMember(analysis.diagram, passage.deny, packet({ ttl: 64 }))).toBe(false);
  });

  it('are none of an address that nobody knows where no address is asked for so by one rule and the next', () => {
    const queue = { kind: 'unknown', outcomes: ['accept'], text: '-j NFQUEUE' } as const;
    const rules = ruleset(
      [
        chain('PREROUTING', [rule([], { kind: 'forget', field: 'src' })], {
          table: 'mangle',
          hook: 'prerouting',
          priority: -150,
          policy: 'accept',
        }),
        chain('A', [rule(not(address('src', '10.0.0.2')), ACCEPT)]),
        chain('INPUT', [rule(address('src', '10.0.0.1'), goto('A')), rule([], queue)], {
          hook: 'input',
          policy: 'drop',
        }),
      ],
      { families: [4] },
    );
    const { passage, hits } = walked(rules, packet({ hook: 'input', state: 'new' }));
    expect(passage.deny).toBe(NONE);
    expect(hits.flatMap((stage) => stage.hits).map(({ verdict }) => verdict)).not.toContain('deny');
  });
});
