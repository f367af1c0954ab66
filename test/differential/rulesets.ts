import fc from 'fast-check';
import type { BaseChain, Chain, HostFacts, NetfilterHook, Rule, Ruleset } from '../../src/rule/ruleset.ts';
import { chain, rule, ruleset } from '../support/rules.ts';
import { actionsArbitrary, type ChainKind } from './actions.ts';
import { conditionArbitrary } from './conditions.ts';
import { namedSets } from './named-sets.ts';
import { one } from './values.ts';

function rules(kind: ChainKind, maxLength = 5): fc.Arbitrary<Rule[]> {
  const condition = conditionArbitrary(kind.family);
  // Mostly one condition: rules that match everything, or nothing, hide those behind them.
  const match = fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 12, arbitrary: condition.map((single) => [single]) },
    { weight: 3, arbitrary: fc.array(condition, { minLength: 2, maxLength: 3 }) },
  );
  const oneRule = fc
    .tuple(match, actionsArbitrary(kind))
    .map(([conditions, then]) => rule(conditions, ...then));
  return fc.array(oneRule, { maxLength });
}

/** A table: its base chains, and the chains that they jump to. */
interface TableKind {
  readonly name: string;
  readonly hooks: readonly NetfilterHook[];
  readonly translates?: 'dnat' | 'snat';
  readonly priority?: number;
  readonly type?: BaseChain['type'];
}

function table(family: 4 | 6, choices: boolean, kind: TableKind): fc.Arbitrary<Chain[]> {
  const { name, hooks, translates, priority, type } = kind;
  const dropping = name.startsWith('filter');
  const policy = dropping ? one(['accept', 'drop'] as const) : fc.constant('accept' as const);
  const of = (jumps: readonly string[]): ChainKind => ({
    family,
    table: name,
    jumps,
    choices,
    ...(translates === undefined ? {} : { translates }),
  });
  const user = fc
    .tuple(rules(of(['B', 'C'])), rules(of(['C'])), rules(of([]), 3))
    .map((bodies) => bodies.map((body, i) => chain('ABC'[i] as string, body, { table: name })));
  const base = fc.tuple(
    ...hooks.map((hook) =>
      fc.tuple(rules(of(['A', 'B', 'C'])), policy, fc.nat(3)).map(([body, p, sequence]) =>
        chain(hook, body, {
          table: name,
          hook,
          policy: p,
          sequence,
          ...(priority === undefined ? {} : { priority }),
          ...(type === undefined ? {} : { type }),
        }),
      ),
    ),
  );
  return fc.tuple(user, base).map(([users, bases]) => [...users, ...bases]);
}

const origin = rule([]).origin;

/** A host with a loopback, two Ethernet interfaces, of which one has a link inside the other's, and a bare interface. */
export const HOST: HostFacts = {
  interfaces: ['lo', 'eth0', 'eth1', 'docker0'],
  addresses: [
    {
      interface: 'lo',
      loopback: true,
      family: 4,
      address: 0x7f000001n,
      prefixLength: 8,
      secondary: false,
      narrow: true,
    },
    {
      interface: 'eth0',
      loopback: false,
      family: 4,
      address: 0x0a01020an,
      prefixLength: 24,
      broadcast: 0x0a0102ffn,
      secondary: false,
    },
    {
      interface: 'eth0',
      loopback: false,
      family: 6,
      address: (0x20010db8n << 96n) | 0x10n,
      prefixLength: 64,
      secondary: false,
    },
    {
      interface: 'eth1',
      loopback: false,
      family: 4,
      address: 0x0a010001n,
      prefixLength: 16,
      secondary: false,
    },
    {
      interface: 'eth1',
      loopback: false,
      family: 6,
      address: (0x20010db8n << 96n) | 0x21n,
      prefixLength: 124,
      secondary: false,
    },
  ],
  origin,
};

const ALL_HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;
const FILTER_HOOKS = ['input', 'forward', 'output'] as const;

/** The tables of iptables, and those that only nft makes: at other priorities, and several at the same. */
const TABLES: readonly TableKind[] = [
  { name: 'raw', hooks: ['prerouting', 'output'] },
  { name: 'mangle', hooks: ALL_HOOKS },
  { name: 'nat', hooks: ['prerouting', 'output'], translates: 'dnat' },
  { name: 'snat', hooks: ['input', 'postrouting'], translates: 'snat', type: 'nat', priority: 100 },
  { name: 'security', hooks: FILTER_HOOKS },
  { name: 'filter', hooks: FILTER_HOOKS },
  { name: 'filter2', hooks: FILTER_HOOKS, priority: 0 },
  { name: 'filter3', hooks: ['prerouting', 'forward', 'postrouting'], priority: -100 },
  { name: 'filter4', hooks: ['input', 'postrouting'], priority: 100 },
  { name: 'late', hooks: ['postrouting', 'prerouting'], priority: 200 },
  { name: 'nat2', hooks: ['prerouting', 'output'], translates: 'dnat', type: 'nat', priority: -90 },
];

/** A whole rule set of one family: the filter table, and up to four others. */
export function rulesetArbitrary(family: 4 | 6): fc.Arbitrary<Ruleset> {
  const filter = TABLES.find((kind) => kind.name === 'filter') as TableKind;
  const more = fc.subarray(
    TABLES.filter((kind) => kind !== filter),
    { maxLength: 3 },
  );
  const tables = fc
    .tuple(more, fc.nat(3))
    .chain(([kinds, one]) => fc.tuple(...[...kinds, filter].map((kind) => table(family, one === 0, kind))));
  return fc.tuple(tables, fc.boolean()).map(([chains, facts]) =>
    ruleset(chains.flat(), {
      sets: namedSets(family),
      families: [family],
      ...(facts ? { host: HOST } : {}),
    }),
  );
}
