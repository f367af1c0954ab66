import { describe, expect, it } from 'vitest';
import {
  ADDRESSES_FIRST,
  DESTINATION_FIRST,
  PORTS_BEFORE_INTERFACES,
  PORTS_FIRST,
} from '../../src/packet/layout.ts';
import type { Condition } from '../../src/rule/condition.ts';
import { layoutFor } from '../../src/symbolic/layout/choice.ts';
import type { NamedSet } from '../../src/rule/named-set.ts';
import { chain, rule, ruleset, span } from '../support/rules.ts';

const COUNT = 4000;

/** As many rules as it takes for the order to matter. */
function layoutOf(match: (i: number) => Condition): unknown {
  const rules = Array.from({ length: COUNT }, (_, i) => rule(match(i)));
  return layoutFor(ruleset([chain('INPUT', rules)]));
}

const port = (i: number): Condition => ({ kind: 'field', field: 'dport', values: [i, i] });
const source = (i: number): Condition => ({
  kind: 'address',
  family: 4,
  field: 'src',
  values: [16 * i, 16 * i + 3],
});
const both = (...of: Condition[]): Condition => ({ kind: 'and', of });

describe('the order of fields', () => {
  it('begins with ports where rules for many ports each leave out some addresses', () => {
    expect(layoutOf((i) => both({ kind: 'not', of: source(i) }, port(i)))).toBe(PORTS_FIRST);
  });

  it('begins with addresses where rules name some addresses and a port', () => {
    expect(layoutOf((i) => both(source(i), port(i)))).toBe(ADDRESSES_FIRST);
  });

  it('begins with addresses where rules for addresses and rules for ports cross', () => {
    expect(layoutOf((i) => (i % 2 === 0 ? source(i) : port(i)))).toBe(ADDRESSES_FIRST);
  });

  it('begins with ports where some rules ask for ports alone, and none for addresses alone', () => {
    expect(layoutOf((i) => (i % 20 === 0 ? port(i) : both(source(i), port(i))))).toBe(PORTS_FIRST);
  });

  it('begins with ports where rules for sources and rules for destinations cross, each with ports', () => {
    const destination = (i: number): Condition => ({ ...source(i), field: 'dst' }) as Condition;
    const kinds = [
      (i: number) => both(source(i), port(i)),
      (i: number) => both(destination(i), port(i)),
      (i: number) => port(i),
    ] as const;
    expect(layoutOf((i) => (kinds[i % 3] as (typeof kinds)[0])(i))).toBe(PORTS_FIRST);
  });

  it('begins with addresses where every order seems large', () => {
    const destination = (i: number): Condition => ({ ...source(i), field: 'dst' }) as Condition;
    const kinds = [source, destination, port] as const;
    expect(layoutOf((i) => (kinds[i % 3] as (typeof kinds)[0])(i))).toBe(ADDRESSES_FIRST);
  });

  it('begins with ports, interfaces behind, where rules for many ports each leave out some on both sides', () => {
    const but = (field: 'in' | 'out', i: number): Condition => ({
      kind: 'not',
      of: { kind: 'interface', field, names: [{ name: `${field}${i}`, prefix: false }] },
    });
    expect(layoutOf((i) => both(but('in', i), but('out', i), port(i)))).toBe(PORTS_BEFORE_INTERFACES);
    expect(layoutOf((i) => both(but('in', i % 8), but('out', i % 4), port(i)))).toBe(ADDRESSES_FIRST);
    expect(layoutOf((i) => both(but('in', i), but('out', i)))).toBe(ADDRESSES_FIRST);
    // A host of Docker's: for each network rules that leave out what goes to its bridge, for some a published port.
    const ofDocker = (networks: number) => (i: number) =>
      i < networks ? both(source(i), but('out', i)) : both(but('in', i % networks), port(i % networks));
    expect(layoutOf(ofDocker(100))).toBe(PORTS_BEFORE_INTERFACES);
    expect(layoutOf(ofDocker(10))).toBe(ADDRESSES_FIRST);
  });

  it('begins with ports where many are published, each to an address, and a rule asks which were', () => {
    const published = Array.from({ length: COUNT }, (_, i) => {
      const address = { kind: 'range', lo: BigInt(16 * i), hi: BigInt(16 * i) } as const;
      return rule(port(i), { kind: 'translate', what: 'dnat', address });
    });
    const layoutWith = (asked: Condition): unknown =>
      layoutFor(
        ruleset([
          chain('PREROUTING', published, { table: 'nat' }),
          chain('FORWARD', [rule(asked, { kind: 'verdict', verdict: 'accept' })]),
        ]),
      );
    const asked: Condition = { kind: 'translated', what: 'dnat' };
    expect(layoutWith(asked)).toBe(PORTS_FIRST);
    expect(layoutWith(both(port(1), { kind: 'not', of: asked }))).toBe(PORTS_FIRST);
    expect(layoutWith(port(1))).toBe(ADDRESSES_FIRST);
  });

  it('begins with ports where rules are about addresses or members of groups', () => {
    const group = (i: number): Condition => ({ kind: 'group', side: 'peer', group: `g${i}` });
    const either = (i: number): Condition => ({ kind: 'or', of: [source(i), group(i)] });
    expect(layoutOf((i) => both(either(i), port(i)))).toBe(PORTS_FIRST);
    expect(layoutOf((i) => both(group(i), port(i)))).toBe(ADDRESSES_FIRST);
  });

  it('begins with addresses where nothing crosses', () => {
    expect(layoutOf(port)).toBe(ADDRESSES_FIRST);
    expect(layoutOf(source)).toBe(ADDRESSES_FIRST);
  });
});

describe('the order of fields where rules share long lists', () => {
  const lists = Array.from({ length: 10 }, (_, n) =>
    Array.from({ length: 2000 }, (_, i) => 64 * (i >> 1) + 2 * n + (i & 1)),
  );
  const listed = (i: number, field: 'src' | 'dst' = 'src'): Condition => ({
    kind: 'address',
    family: 4,
    field,
    values: lists[i % 10] as number[],
  });
  const destination = (i: number): Condition => ({
    kind: 'address',
    family: 4,
    field: 'dst',
    values: [16 * i, 16 * i],
  });

  it('begins with ports where each list stands beside many ports', () => {
    expect(layoutOf((i) => both(listed(i), port(i)))).toBe(PORTS_FIRST);
  });

  it('begins with destinations where lists of sources stand beside many of them', () => {
    expect(layoutOf((i) => both(listed(i), destination(i)))).toBe(DESTINATION_FIRST);
  });

  it('begins with sources where lists of destinations stand beside many of them', () => {
    expect(layoutOf((i) => both(listed(i, 'dst'), source(i)))).toBe(ADDRESSES_FIRST);
  });

  it('begins with addresses where each list stands beside one port', () => {
    expect(layoutOf((i) => both(listed(i), port(i % 10)))).toBe(ADDRESSES_FIRST);
  });

  it('begins with destinations where a set that is large in every order stands beside many of them', () => {
    const origin = span();
    const element = { parts: [], nomatch: false, origin };
    const pairs: NamedSet = {
      name: 'pairs',
      type: 'hash:ip,port',
      family: 4,
      dimensions: ['ip', 'port'],
      elements: new Array<typeof element>(400_000).fill(element),
      origin,
    };
    const inPairs: Condition = {
      kind: 'set',
      set: 'pairs',
      directions: ['src', 'dst'],
      returnNomatch: false,
      text: '-m set',
      span: origin,
    };
    const rules = Array.from({ length: 10 }, (_, i) => rule(both(inPairs, destination(i))));
    expect(layoutFor(ruleset([chain('FORWARD', rules)], { sets: [pairs] }))).toBe(DESTINATION_FIRST);
  });
});
