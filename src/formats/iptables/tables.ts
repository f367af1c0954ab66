import type { BaseChain, NetfilterHook } from '../../rule/ruleset.ts';
import type { Backend } from './backend.ts';

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

function security(priority: number): ReadonlyMap<string, BuiltinChain> {
  return table(
    ['INPUT', 'FORWARD', 'OUTPUT'],
    () => priority,
    () => 'filter',
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
  ['security', security(50)],
]);

/** iptables-nft gives its tables the same ones, but for this (iptables/nft.c): what nat's INPUT translates it sees translated. */
const SECURITY_OF_NFT = security(150);

/** The names of the tables. */
export const TABLE_NAMES: readonly string[] = [...TABLES.keys()];

/**
 * The built-in chains of a table; undefined where there is no such table.
 *
 * @param backend whose table it is; where nobody says, iptables-legacy's
 */
export function builtinChains(
  name: string,
  backend?: Backend,
): ReadonlyMap<string, BuiltinChain> | undefined {
  return name === 'security' && backend === 'nf_tables' ? SECURITY_OF_NFT : TABLES.get(name);
}
