import type { Chain, NetfilterHook, Ruleset } from '../rule/ruleset.ts';

/**
 * What runs at one hook, one after the other: a base chain, or the one hook function of NAT, which runs all nat
 * chains of the hook (and exists without any, for connections that are already translated).
 */
export interface Unit {
  readonly nat: boolean;
  /** The kernel's priority: NAT translates destinations at -100 and sources at 100 whatever its chains' own. */
  readonly priority: number;
  readonly chains: readonly Chain[];
}

/** Connection tracking's priority, `include/uapi/linux/netfilter_ipv4.h`, NF_IP_PRI_CONNTRACK. */
export const CONNTRACK_PRIORITY = -200;

/** Where NAT hangs: `net/netfilter/nf_nat_proto.c`, nf_nat_ipv4_ops (destinations first, sources last). */
const NAT_PRIORITY: Partial<Record<NetfilterHook, number>> = {
  prerouting: -100,
  output: -100,
  input: 100,
  postrouting: 100,
};

/** The ruleset's chains, prepared for walking. */
export interface Order {
  /** The units of a hook for packets of a family, in the order in which they run. */
  units(hook: NetfilterHook, family: 4 | 6): readonly Unit[];
  chain(id: string): Chain | undefined;
  /** A short stable number of a chain, for keys. */
  index(chain: Chain): number;
  readonly chainCount: number;
}

const prepared = new WeakMap<Ruleset, Order>();

/** The order of a ruleset, made once. */
export function orderOf(ruleset: Ruleset): Order {
  const before = prepared.get(ruleset);
  if (before !== undefined) return before;
  const made = makeOrder(ruleset);
  prepared.set(ruleset, made);
  return made;
}

function makeOrder(ruleset: Ruleset): Order {
  const byId = new Map(ruleset.chains.map((chain) => [chain.id, chain]));
  const indices = new Map(ruleset.chains.map((chain, at) => [chain, at]));
  const units = new Map<string, readonly Unit[]>();
  return {
    units(hook, family) {
      const key = `${hook}${family}`;
      let found = units.get(key);
      if (found === undefined) {
        found = unitsAt(ruleset, hook, family);
        units.set(key, found);
      }
      return found;
    },
    chain: (id) => byId.get(id),
    index: (chain) => indices.get(chain) ?? -1,
    chainCount: ruleset.chains.length,
  };
}

interface Placed extends Unit {
  readonly sequence: number;
}

/**
 * Lower priority first; among equals the last registered first (`net/netfilter/core.c`, nf_hook_entries_grow). NAT's
 * one function is registered with the family's first nat chain, its chains among themselves follow the same order.
 */
function unitsAt(ruleset: Ruleset, hook: NetfilterHook, family: 4 | 6): Unit[] {
  const base = ruleset.chains.filter((c) => c.base !== undefined && c.families.includes(family));
  const here = base.filter((c) => c.base?.hook === hook);
  const natPriority = NAT_PRIORITY[hook];
  const isNat = (c: Chain) => natPriority !== undefined && c.base?.type === 'nat';
  const placed: Placed[] = here
    .filter((c) => !isNat(c))
    .map((c) => ({ nat: false, chains: [c], ...rank(c) }));
  if (natPriority !== undefined) {
    const chains = here.filter(isNat).sort((a, b) => compareRanks(rank(a), rank(b)));
    const registered = base.filter((c) => c.base?.type === 'nat').map((c) => rank(c).sequence);
    placed.push({ nat: true, chains, priority: natPriority, sequence: Math.min(...registered) });
  }
  return placed.sort(compareRanks);
}

function rank(chain: Chain): { priority: number; sequence: number } {
  return { priority: chain.base?.priority ?? 0, sequence: chain.base?.sequence ?? 0 };
}

function compareRanks(
  a: { priority: number; sequence: number },
  b: { priority: number; sequence: number },
): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.sequence === b.sequence) return 0;
  return a.sequence > b.sequence ? -1 : 1;
}
