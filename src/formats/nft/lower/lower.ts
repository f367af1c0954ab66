import { allOf, type Condition, negate } from '../../../rule/condition.ts';
import type { Chain, NetfilterHook, Rule } from '../../../rule/ruleset.ts';
import type { Chain as ChainNode, Place, Table } from '../ast/ast.ts';
import type { RuleContext, TableContext } from './context.ts';
import { lowerArp } from './arp.ts';
import { lowerBridge } from './bridge.ts';
import { interfaceOf } from '../selector/lookup.ts';
import { lowerRule } from './rule.ts';
import { vlansOf } from '../selector/link.ts';
import { reportDepth } from '../check/depth.ts';
import { hooksByChain, reportLoops } from '../check/loops.ts';
import type { Problems } from '../problems.ts';
import type { Unlisted } from '../terse.ts';
import { namedDevices, seesFragments, uncertainSets, watchedFamilies } from './table-facts.ts';

/** The chains of the tables in the rule model; problems are told to `problems`. */
export function lowerTables(
  tables: readonly Table[],
  layer: string,
  problems: Problems,
  { listing, unlisted }: { readonly listing: boolean; readonly unlisted: Unlisted },
): readonly Chain[] {
  const watched = watchedFamilies(tables);
  const chains: Chain[] = [];
  // Last, so that what shows a chain of a hook shows one that sees packets of IP.
  const beside: Chain[] = [];
  for (const table of tables) {
    const lowered = lowerTable(table, layer, problems, {
      fragments: seesFragments(table, watched),
      listing,
      unlisted: unlisted.get(table) ?? new Set(),
    });
    // Rules of arp and bridge tables are checked, and see no packet of IP themselves.
    if (passes(table)) for (const chain of lowered) chains.push(chain);
    if (reportLoops(table, problems)) reportDepth(table, problems);
    for (const chain of besides(table, lowered, problems)) beside.push(chain);
  }
  for (const chain of beside) chains.push(chain);
  return chains;
}

/** Whether IP packets of the host pass the table's chains. */
function passes(table: Table): boolean {
  return table.family !== 'arp' && table.family !== 'bridge' && !table.dormant;
}

/** What tables that do not pass IP packets say about them. */
function besides(table: Table, lowered: readonly Chain[], problems: Problems): readonly Chain[] {
  const base = [...table.chains.values()].some(({ hook }) => hook !== undefined);
  if (!base) return [];
  if (table.dormant)
    problems.cover('ignored', head(table), 'the table is dormant: none of its chains sees a packet');
  else if (table.family === 'arp') return lowerArp(table, lowered, head(table), problems);
  else if (table.family === 'bridge') return lowerBridge(table, lowered, head(table), problems);
  return [];
}

/** The first words of a table, a chain or a set, without its block. */
function head({ start, end }: Place): Place {
  return { start, end: Math.min(end, start + 200) };
}

type Around = Pick<TableContext, 'fragments' | 'listing' | 'unlisted'>;

function lowerTable(table: Table, layer: string, problems: Problems, around: Around): readonly Chain[] {
  const uncertain = new Set([...uncertainSets(table), ...around.unlisted]);
  tellUncertain(table, uncertain, problems, around);
  const cache = new Map();
  let reached: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  const chains: Chain[] = [];
  for (const chain of table.chains.values()) {
    const hooks = (): ReadonlySet<string> => {
      reached ??= hooksByChain(table);
      return reached.get(chain.name) ?? new Set();
    };
    chains.push(...lowerChain(chain, layer, { table, problems, uncertain, cache, hooks, ...around }));
  }
  return chains;
}

function tellUncertain(
  table: Table,
  uncertain: ReadonlySet<string>,
  problems: Problems,
  { unlisted }: Around,
): void {
  for (const name of uncertain) {
    const set = table.sets.get(name);
    if (set === undefined) continue;
    const reason = unlisted.has(name)
      ? `the set \`${name}\` has no elements here, as in a listing by \`nft -t\`, which leaves them out: conditions on it may hold or not; list the ruleset without \`-t\``
      : `the set \`${name}\` changes as packets pass: conditions on it may hold or not`;
    problems.cover('approximated', head(set), reason);
  }
}

function familiesOf({ family }: Table): readonly (4 | 6)[] {
  return family === 'ip' ? [4] : family === 'ip6' ? [6] : [4, 6];
}

/** A chain of the model, and the chains of their own that its rules make. */
function lowerChain(chain: ChainNode, layer: string, context: TableContext): readonly Chain[] {
  const { table, problems } = context;
  const idOf = (name: string): string => `${layer} ${table.family} ${table.name} ${name}`;
  const made: Chain[] = [];
  const common = { table: table.name, families: familiesOf(table), layer };
  const helper = (rules: readonly Rule[], place: Place): string => {
    const name = `${chain.name} (${made.length + 1})`;
    made.push({ ...common, id: idOf(name), name, rules, origin: problems.span(place) });
    return idOf(name);
  };
  const rules = lowerRules(chain, { ...context, chainId: idOf, helper });
  const { hook } = chain;
  const base = hook && {
    base: {
      hook: hook.hook as NetfilterHook,
      priority: hook.priority,
      type: hook.type,
      policy: chain.policy,
      sequence: chain.sequence,
    },
  };
  const origin = problems.span(head(chain));
  return [{ ...common, id: idOf(chain.name), name: chain.name, rules, ...base, origin }, ...made];
}

function lowerRules(chain: ChainNode, context: RuleContext): readonly Rule[] {
  const { hook } = chain;
  const rules: Rule[] = [];
  if (hook !== undefined && hook.devices.length > 0) rules.push(...otherDevices(chain, context));
  for (const rule of chain.rules) for (const lowered of lowerRule(rule, context)) rules.push(lowered);
  return rules;
}

/**
 * A chain that hangs on devices sees no packets of others: those go on to the next chain. From Linux 6.16 and nft 1.1.4 on a
 * name may end in `*` (net/netfilter/nf_tables_api.c, nft_netdev_hook_alloc); before that no device could be called so.
 *
 * What a VLAN, a bridge or a bond of such a device carries passes the chain before it is the VLAN's (net/core/dev.c, __netif_receive_skb_core:
 * nf_ingress stands before vlan_do_receive; what a VLAN sends, its device sends on, __dev_queue_xmit). Names tell which devices are VLANs, and
 * not surely; there the packet's device is the one below, so that what rules say of devices is open.
 */
function otherDevices(chain: ChainNode, { problems, table }: RuleContext): readonly Rule[] {
  const devices = chain.hook?.devices ?? [];
  const own = devices.map(interfaceOf);
  const vlans = devices.flatMap(vlansOf);
  const field = chain.hook?.hook === 'egress' ? 'out' : 'in';
  const origin = problems.span(chain.hook ?? chain);
  const of = { kind: 'interface', field, names: [...own, ...vlans] } as const;
  const others: Rule = {
    match: { kind: 'not', of },
    actions: [{ kind: 'verdict', verdict: 'accept' }],
    origin,
  };
  if (vlans.length === 0) return [others];
  const asked = namedDevices(table).size > 0;
  const text = `a VLAN, bridge or bond of ${devices.join(', ')}`;
  const outcomes = ['continue', 'accept', ...(asked ? ['drop' as const] : [])] as const;
  const match: Condition = { kind: 'interface', field, names: vlans };
  return [
    others,
    {
      match: allOf([match, negate({ ...of, names: own })]),
      actions: [{ kind: 'unknown', outcomes, text }],
      origin,
    },
  ];
}
