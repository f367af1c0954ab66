import type { BaseChain, NetfilterHook } from '../../rule/ruleset.ts';

/** A built-in chain: where it hangs. */
export interface BuiltinChain {
  readonly hook: NetfilterHook;
  readonly priority: number;
  readonly type: BaseChain['type'];
}

const HOOKS: Readonly<Record<string, NetfilterHook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

function table(
  chains: readonly string[],
  priority: (chain: string) => number,
  type: (chain: string) => BaseChain['type'],
): ReadonlyMap<string, BuiltinChain> {
  return new Map(
    chains.map((chain) => [
      chain,
      { hook: HOOKS[chain] as NetfilterHook, priority: priority(chain), type: type(chain) },
    ]),
  );
}

const EVERY = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];
const filter = (): BaseChain['type'] => 'filter';

/**
 * Each table's built-in chains with the kernel's priorities (include/uapi/linux/netfilter_ipv4.h and _ipv6.h;
 * net/ipv4/netfilter/iptable_*.c say which chains a table has).
 */
const TABLES: ReadonlyMap<string, ReadonlyMap<string, BuiltinChain>> = new Map([
  ['raw', table(['PREROUTING', 'OUTPUT'], () => -300, filter)],
  [
    'mangle',
    table(
      EVERY,
      () => -150,
      (chain) => (chain === 'OUTPUT' ? 'route' : 'filter'),
    ),
  ],
  [
    'nat',
    table(
      ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
      (chain) => (chain === 'PREROUTING' || chain === 'OUTPUT' ? -100 : 100),
      () => 'nat',
    ),
  ],
  ['filter', table(['INPUT', 'FORWARD', 'OUTPUT'], () => 0, filter)],
  ['security', table(['INPUT', 'FORWARD', 'OUTPUT'], () => 50, filter)],
]);

/** The names of the tables. */
export const TABLE_NAMES: readonly string[] = [...TABLES.keys()];

/** The built-in chains of a table; undefined where there is no such table. */
export function builtinChains(name: string): ReadonlyMap<string, BuiltinChain> | undefined {
  return TABLES.get(name);
}
