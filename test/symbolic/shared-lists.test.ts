import { describe, expect, it } from 'vitest';
import { isMember } from '../../src/packet/membership.ts';
import type { Packet } from '../../src/packet/packet.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Chain, Rule, Ruleset } from '../../src/rule/ruleset.ts';
import { Analysis } from '../../src/symbolic/analysis.ts';
import { spaceFor } from '../../src/symbolic/layout/space.ts';
import { hitsOf } from '../../src/symbolic/deciding/walk.ts';
import { chain, packet, rule, ruleset } from '../support/rules.ts';

/*
 * Rules that share long lists of scattered addresses, each with ports or ends of its own: a diagram with the lists' own
 * bytes has a copy of a list for each rule, or for each port. What is bounded here is the number of nodes, which is the same
 * on every machine.
 */

const RULES = 600;
const LISTS = 20;
const ADDRESSES = 300;

/** Numbers in the same order on every run (Lehmer, 1951, with the factor 48271). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
}

const next = numbers(20261121);

function scattered(): number[] {
  const values = new Set<number>();
  while (values.size < ADDRESSES) values.add(0x0100_0000 + next(0x7000_0000));
  return [...values].sort((a, b) => a - b).flatMap((value) => [value, value]);
}

const lists = Array.from({ length: LISTS }, scattered);
const listed = (field: 'src' | 'dst', n: number): Condition => ({
  kind: 'address',
  family: 4,
  field,
  values: lists[n] as number[],
});
const tcp: Condition = { kind: 'field', field: 'protocol', values: [6, 6] };
const ports = (lo: number, hi: number): Condition => ({ kind: 'field', field: 'dport', values: [lo, hi] });

const SHAPES: Record<string, () => Condition[]> = {
  'a port of its own': () => [listed('src', next(LISTS)), tcp, one()],
  'one of few ports': () => [listed('src', next(LISTS)), tcp, few()],
  'a range of ports': () => {
    const lo = next(60_000);
    return [listed('src', next(LISTS)), tcp, ports(lo, lo + next(5000))];
  },
  'a list of destinations and a port': () => [
    listed('src', next(LISTS)),
    listed('dst', next(LISTS)),
    tcp,
    one(),
  ],
};

function one(): Condition {
  const port = next(65_536);
  return ports(port, port);
}

function few(): Condition {
  const port = 1 + next(10);
  return ports(port, port);
}

function made(shape: () => Condition[]): Ruleset {
  const rules = Array.from(
    { length: RULES },
    (_, i): Rule => rule(shape(), { kind: 'verdict', verdict: i % 10 === 0 ? 'drop' : 'accept' }),
  );
  return ruleset([chain('INPUT', rules, { hook: 'input', policy: 'drop' })], { families: [4] });
}

/** What the rules do with a packet, read one after the other. */
function accepts({ chains }: Ruleset, { src, dst, dport }: Packet): boolean {
  const holds = (condition: Condition): boolean => {
    if (condition.kind === 'and') return condition.of.every(holds);
    if (condition.kind === 'address')
      return (condition.values as number[]).includes(Number(condition.field === 'src' ? src : dst));
    if (condition.kind !== 'field') throw new Error(condition.kind);
    const value = condition.field === 'dport' ? dport : 6;
    return (condition.values[0] as number) <= value && value <= (condition.values[1] as number);
  };
  const first = chains[0]?.rules.find(({ match }) => holds(match));
  return first?.actions[0]?.kind === 'verdict' && first.actions[0].verdict === 'accept';
}

describe('rules that share long lists', () => {
  it.each(Object.keys(SHAPES))('each with %s are few nodes, and each rule has its packets', (name) => {
    const rules = made(SHAPES[name] as () => Condition[]);
    const space = spaceFor(rules);
    const scope = { family: 4, hook: 'input', state: 'new', tcpFlags: 2, fragment: 'none' } as const;
    const analysis = new Analysis(space, rules, scope);
    const { accept, stages } = analysis.pass(analysis.entry());
    expect(space.diagram.size).toBeLessThan(20 * RULES);
    const hits = stages.flatMap(({ stage, entered }) => hitsOf(analysis, stage, entered));
    expect(space.diagram.size).toBeLessThan(80 * RULES);
    expect(hits.length).toBeGreaterThan(LISTS);
    for (let i = 0; i < 40; i++) {
      const asked = somePacket(rules, i);
      const expected = accepts(rules, asked);
      expect(accept.some(({ set }) => isMember(space.diagram, set, asked))).toBe(expected);
      const by = hits.filter(({ set }) => isMember(space.diagram, set, asked));
      expect(by.map(({ verdict }) => verdict === 'accept')).toEqual([expected]);
    }
  });

  it('are too many nodes under the addresses themselves', () => {
    const rules = made(SHAPES['one of few ports'] as () => Condition[]);
    const space = new PacketSpace();
    const scope = { family: 4, hook: 'input', state: 'new', tcpFlags: 2, fragment: 'none' } as const;
    const analysis = new Analysis(space, rules, scope);
    analysis.pass(analysis.entry());
    expect(space.diagram.size).toBeGreaterThan(20 * RULES);
  });
});

/** A packet that some rule has, or nearly. */
function somePacket({ chains }: Ruleset, i: number): Packet {
  const { match } = (chains[0] as Chain).rules[next(RULES)] as Rule;
  const parts = match.kind === 'and' ? match.of : [match];
  const address = (field: 'src' | 'dst'): bigint => {
    const part = parts.find((p) => p.kind === 'address' && p.field === field);
    const values = part?.kind === 'address' ? (part.values as number[]) : [0x0a00_0001];
    return BigInt((values[next(values.length)] as number) + (i % 7 === 0 ? 1 : 0));
  };
  const dport = parts.find((p) => p.kind === 'field' && p.field === 'dport');
  return packet({
    src: address('src'),
    dst: address('dst'),
    protocol: 6,
    dport: dport?.kind === 'field' ? (dport.values[i % 2] as number) : 0,
  });
}
