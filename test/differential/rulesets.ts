import fc from 'fast-check';
import type { BaseChain, Chain, HostFacts, NetfilterHook, Rule, Ruleset } from '../../src/rule/ruleset.ts';
import { chain, rule, ruleset } from '../support/rules.ts';
import { actionsArbitrary, type ChainKind } from './actions.ts';
import { conditionArbitrary } from './conditions.ts';
import { namedSets } from './named-sets.ts';
import { one } from './values.ts';

function rules(kind: ChainKind, maxLength = 6): fc.Arbitrary<Rule[]> {
  const oneRule = fc
    .tuple(fc.array(conditionArbitrary(kind.family), { maxLength: 3 }), actionsArbitrary(kind))
    .map(([match, then]) => rule(match, ...then));
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

function table(family: 4 | 6, kind: TableKind): fc.Arbitrary<Chain[]> {
  const { name, hooks, translates, priority, type } = kind;
  const dropping = name.startsWith('filter');
  const policy = dropping ? one(['accept', 'drop'] as const) : fc.constant('accept' as const);
  const of = (jumps: readonly string[]): ChainKind => ({
    family,
    table: name,
    jumps,
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

/** A host with a loopback, an Ethernet and a bare interface. */
export const HOST: HostFacts = {
  interfaces: ['lo', 'eth0', 'docker0'],
  addresses: [
    { interface: 'lo', loopback: true, family: 4, address: 0x7f000001n, prefixLength: 8, secondary: false },
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
  const others = fc
    .subarray(
      TABLES.filter((kind) => kind !== filter),
      { maxLength: 4 },
    )
    .chain((kinds) => fc.tuple(...kinds.map((kind) => table(family, kind))));
  return fc.tuple(others, table(family, filter), fc.boolean()).map(([more, last, facts]) =>
    ruleset([...more.flat(), ...last], {
      sets: namedSets(family),
      families: [family],
      ...(facts ? { host: HOST } : {}),
    }),
  );
}
