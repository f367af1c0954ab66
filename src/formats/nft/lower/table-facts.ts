import { statementsOf } from '../ast/walk.ts';
import type { Selector, Statement, Table, Value } from '../ast/ast.ts';

/**
 * The families whose packets conntrack watches, since something in the ruleset asks for connections
 * (net/netfilter/nf_conntrack_proto.c, nf_ct_netns_get): it puts fragments together before any rule behind ingress.
 */
export function watchedFamilies(tables: readonly Table[]): ReadonlySet<4 | 6> {
  const watched = new Set<4 | 6>();
  for (const table of tables) {
    if (table.dormant || !asksForConnections(table)) continue;
    if (table.family === 'ip' || table.family === 'inet') watched.add(4);
    if (table.family === 'ip6' || table.family === 'inet') watched.add(6);
  }
  return watched;
}

function asksForConnections(table: Table): boolean {
  for (const chain of table.chains.values())
    for (const statement of statementsOf(chain)) if (ofConnection(statement)) return true;
  return false;
}

function ofConnection(statement: Statement): boolean {
  switch (statement.kind) {
    case 'match':
      return readsConnection(statement.left);
    case 'vmap':
      return readsConnection(statement.key);
    case 'assign':
      return readsConnection(statement.to) || readsConnection(statement.from);
    case 'nat':
      return true;
    case 'xt':
      return /^(?:CONNMARK|CT|DNAT|MASQUERADE|NETMAP|REDIRECT|SNAT)$/.test(statement.name);
    case 'uncertain':
      return statement.connections === true || asksBeside(statement.text) || readBeside(statement);
    case 'note':
      return asksBeside(statement.text) || readBeside(statement);
    case 'unknown':
      return asksBeside(statement.text);
    default:
      return false;
  }
}

/**
 * Statements that need connections without a look at one (nft_connlimit_do_init, nft_synproxy_do_init and
 * nft_flow_offload_init in net/netfilter call nf_ct_netns_get).
 */
function asksBeside(text: string): boolean {
  return /^(?:ct|flow) |^synproxy\b|^xt match "?(?:cluster|conn[a-z]+|helper|state)\b/.test(text);
}

function readBeside({ key, reads = [] }: Extract<Statement, { kind: 'note' | 'uncertain' }>): boolean {
  return [...(key === undefined ? [] : [key]), ...reads].some(readsConnection);
}

function readsConnection(selector: Selector): boolean {
  switch (selector.kind) {
    case 'ct':
      return true;
    case 'concat':
      return selector.of.some(readsConnection);
    case 'binary':
      return readsConnection(selector.left);
    case 'map':
      return readsConnection(selector.key);
    case 'other':
      return selector.of?.some(readsConnection) === true;
    default:
      return false;
  }
}

/** Whether fragments reach a table's rules: conntrack does not watch its families, or the rules stand before it. */
export function seesFragments(table: Table, watched: ReadonlySet<4 | 6>): boolean {
  if (table.family === 'netdev' || table.family === 'bridge') return true;
  for (const { hook } of table.chains.values()) if (hook?.hook === 'ingress') return true;
  if (table.family === 'ip') return !watched.has(4);
  if (table.family === 'ip6') return !watched.has(6);
  return !watched.has(4) || !watched.has(6);
}

/** Sets that rules change as packets pass, or are made for that. */
export function uncertainSets(table: Table): ReadonlySet<string> {
  const known = uncertain.get(table);
  if (known !== undefined) return known;
  const found = findUncertain(table);
  uncertain.set(table, found);
  return found;
}

const uncertain = new WeakMap<Table, ReadonlySet<string>>();

function findUncertain(table: Table): ReadonlySet<string> {
  const found = new Set<string>();
  for (const set of table.sets.values()) if (set.flags.has('dynamic')) found.add(set.name);
  for (const chain of table.chains.values())
    for (const statement of statementsOf(chain))
      if (statement.kind === 'uncertain' && statement.changes !== undefined) found.add(statement.changes);
      else if (statement.kind === 'note') addDeleted(statement.text, found);
  return found;
}

function addDeleted(text: string, found: Set<string>): void {
  const name = /^delete @ ?(\S+)/.exec(text)?.[1];
  if (name !== undefined) found.add(name);
}

/** What asks for a packet's device, in a table for bridged packets a port; and what asks there for the bridge. */
const PORT_KEYS: readonly string[] = ['iif', 'iifname', 'oif', 'oifname'];
const BRIDGE_KEYS: readonly string[] = [
  ...['ibrname', 'obrname', 'ibriport', 'obriport', 'ibridgename', 'obridgename'],
];
const DEVICE_KEYS: readonly string[] = [...PORT_KEYS, ...BRIDGE_KEYS];

/** The devices that a table's rules name; in one for bridged packets bridges, and their ports. */
export function namedDevices(table: Table): ReadonlySet<string> {
  return namesAsked(table, DEVICE_KEYS);
}

/** The ports that a table for bridged packets names. */
export function namedPorts(table: Table): ReadonlySet<string> {
  return namesAsked(table, PORT_KEYS);
}

function namesAsked(table: Table, keys: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const chain of table.chains.values())
    for (const statement of statementsOf(chain))
      if (statement.kind === 'match') addNames(statement.left, statement.right, table, keys, names);
      else if (statement.kind === 'vmap') addNames(statement.key, statement.data, table, keys, names);
  return names;
}

function addNames(
  selector: Selector,
  value: Value,
  table: Table,
  keys: readonly string[],
  names: Set<string>,
): void {
  if (selector.kind === 'meta' && keys.includes(selector.key)) addSymbols(value, table, names);
  if (selector.kind !== 'concat') return;
  const rows = rowsOf(value, table);
  selector.of.forEach((part, at) => {
    for (const row of rows)
      if (row.kind === 'concat' && row.of[at] !== undefined)
        addNames(part, row.of[at] as Value, table, keys, names);
  });
}

function rowsOf(value: Value, table: Table): readonly Value[] {
  if (value.kind === 'set') return value.elements.map(({ key }) => key);
  if (value.kind === 'set-ref') return (table.sets.get(value.name)?.elements ?? []).map(({ key }) => key);
  return [value];
}

function addSymbols(value: Value, table: Table, names: Set<string>): void {
  for (const one of rowsOf(value, table)) if (one.kind === 'symbol' && one.text !== 'lo') names.add(one.text);
}

/** Whether rules of the table may stop or change a packet. */
export function mayStop(table: Table): boolean {
  for (const chain of table.chains.values()) {
    if (chain.hook !== undefined && chain.policy === 'drop') return true;
    for (const statement of statementsOf(chain)) if (stops(statement)) return true;
  }
  return false;
}

function stops(statement: Statement): boolean {
  switch (statement.kind) {
    case 'verdict':
      return statement.verdict.kind === 'drop';
    case 'reject':
    case 'vmap':
    case 'unknown':
    case 'xt':
    case 'nat':
    case 'assign':
      return true;
    default:
      return false;
  }
}
