import type { Family, Place, Table } from '../ast/ast.ts';
import { statementsOf } from '../ast/walk.ts';
import type { Cursor } from '../build/cursor.ts';
import { isListed } from './handles.ts';
import { missing } from '../missing.ts';

/** `list` and `reset` change nothing that decides; they are read for what nft refuses (src/parser_bison.y, list_cmd, reset_cmd). */

const FAMILIES: readonly Family[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

/** Words for all things of a kind, in all tables or in one. */
const MANY: Readonly<Record<'list' | 'reset', readonly string[]>> = {
  list: ['sets', 'counters', 'quotas', 'limits', 'secmarks', 'synproxys'],
  // Newer versions of nft reset rules.
  reset: ['counters', 'quotas', 'rules'],
};
/** Words for all things of a kind, in all tables. */
const EVERYWHERE: Readonly<Record<'list' | 'reset', readonly string[]>> = {
  list: ['tables', 'chains', 'maps', 'meters', 'flowtables', 'ruleset'],
  reset: [],
};
/** Words for one thing in a table; newer versions of nft reset sets, maps, rules and elements too. */
const ONE: Readonly<Record<'list' | 'reset', readonly string[]>> = {
  list: ['chain', 'set', 'map', 'meter', 'flowtable', 'counter', 'quota', 'limit', 'secmark', 'synproxy'],
  reset: ['counter', 'quota', 'set', 'map', 'rule', 'element'],
};

/** Reads what stands behind `list` or `reset`, and tells what is not there. */
export function checkListing(
  verb: 'list' | 'reset',
  tables: ReadonlyMap<string, Table>,
  cursor: Cursor,
  place: Place,
): void {
  const many = cursor.take(...MANY[verb]);
  if (many !== undefined) {
    if (cursor.take('table') !== undefined) tableNamed(tables, cursor, place);
    else if (cursor.take(...FAMILIES) !== undefined && many === 'rules') cursor.rest();
  } else if (cursor.take(...EVERYWHERE[verb]) !== undefined) cursor.take(...FAMILIES);
  else if (verb === 'list' && cursor.take('table') !== undefined) tableNamed(tables, cursor, place);
  else if (verb === 'list' && cursor.take('hooks') !== undefined) hooks(cursor);
  else if (verb === 'list' && cursor.take('flow') !== undefined) flow(tables, cursor, place);
  else if (verb === 'list' && cursor.take('ct') !== undefined) connections(tables, cursor, place);
  else one(verb, tables, cursor, place);
  if (!cursor.done) cursor.fail('the end of the statement');
}

function one(verb: 'list' | 'reset', tables: ReadonlyMap<string, Table>, cursor: Cursor, place: Place): void {
  const kind = cursor.take(...ONE[verb]);
  if (kind === undefined) {
    cursor.fail(
      [...MANY[verb], ...EVERYWHERE[verb], ...ONE[verb], ...(verb === 'list' ? ['table', 'ct', 'hooks'] : [])]
        .map((word) => `\`${word}\``)
        .join(', '),
    );
    return;
  }
  const table = tableNamed(tables, cursor, place);
  if (kind === 'rule' || kind === 'element') cursor.rest();
  else named(kind, table, cursor, place);
  if (verb === 'reset' && table !== undefined && !cursor.failed) refuseFresh(kind, table, place, cursor);
}

/** Counters and quotas are asked of the kernel, which does not have yet what the script makes; a listing it has. */
function refuseFresh(kind: string, table: Table, place: Place, { problems }: Cursor): void {
  if ((kind !== 'counter' && kind !== 'quota') || isListed(table)) return;
  problems.error(`no-such-${kind}`, place, 'the kernel does not have this yet: the same script makes it', {
    help: `\`reset ${kind}s\` takes all that there are`,
  });
}

/** `hooks ip device lo` */
function hooks(cursor: Cursor): void {
  cursor.take(...FAMILIES);
  if (cursor.take('device') !== undefined) cursor.identifier('the name of a device');
}

/** `flow tables`, `flow table ip t m`: what meters were called. */
function flow(tables: ReadonlyMap<string, Table>, cursor: Cursor, place: Place): void {
  if (cursor.take('tables') !== undefined) cursor.take(...FAMILIES);
  else if (cursor.take('table') === undefined) cursor.fail('`tables` or `table`');
  else named('meter', tableNamed(tables, cursor, place), cursor, place);
}

/** `ct helpers table ip t`, `ct helper ip t h` */
function connections(tables: ReadonlyMap<string, Table>, cursor: Cursor, place: Place): void {
  const kind = cursor.take('helpers', 'helper', 'timeout', 'expectation');
  if (kind === undefined) cursor.fail('`helpers`, `helper`, `timeout` or `expectation`');
  else if (kind !== 'helper' && cursor.take('table') !== undefined) tableNamed(tables, cursor, place);
  else if (kind === 'helpers') cursor.fail('`table`');
  else named(`ct ${kind}`, tableNamed(tables, cursor, place), cursor, place);
}

/** `[family] name`; undefined behind an error. */
function tableNamed(tables: ReadonlyMap<string, Table>, cursor: Cursor, place: Place): Table | undefined {
  const family = cursor.take(...FAMILIES) ?? 'ip';
  const name = cursor.identifier('the name of a table');
  if (name === undefined) return undefined;
  const table = tables.get(`${family} ${name}`);
  if (table === undefined) missing(cursor.problems, 'table', `${family} ${name}`, place);
  return table;
}

function named(kind: string, table: Table | undefined, cursor: Cursor, place: Place): void {
  const name = cursor.identifier(`the name of a ${kind}`);
  if (name === undefined || table === undefined) return;
  if (!has(kind, name, table)) missing(cursor.problems, kind, name, place);
}

/** A meter is a set that a rule has made. */
function hasMeter(name: string, { chains }: Table): boolean {
  for (const chain of chains.values())
    for (const statement of statementsOf(chain))
      if (statement.kind === 'uncertain' && statement.meter === name) return true;
  return false;
}

function has(kind: string, name: string, table: Table): boolean {
  if (kind === 'chain') return table.chains.has(name);
  if (kind === 'flowtable') return table.flowtables.has(name);
  if (kind === 'set' || kind === 'map') return table.sets.get(name)?.isMap === (kind === 'map');
  if (kind === 'meter') return table.sets.has(name) || hasMeter(name, table);
  return table.objects.has(`${kind} ${name}`);
}
