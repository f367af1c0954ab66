import { statementsOf, rulesOf } from './ast/walk.ts';
import type { NamedSet, Rule, Selector, Statement, Table, Value } from './ast/ast.ts';
import type { Problems } from './problems.ts';
import { readBy } from './lower/reads.ts';

/*
 * `nft -t` leaves the elements of all named sets out of its listing, and says so nowhere (nft(8), -t). What it prints is what
 * it prints of sets that are empty.
 */

/** What nft from 1.1.2 on writes of a set with elements and a size, also where it leaves the elements out. */
const COUNTED = /\bsize \d+[ \t]*# count [1-9]/;

/** The names of the sets of each table whose elements are not in the file. */
export type Unlisted = ReadonlyMap<Table, ReadonlySet<string>>;

/**
 * The sets and maps whose elements the file may have left out. Where it counts elements that it does not have, all without
 * any. Else it is a matter of what is likely: of a listing in which several sets are asked and none has elements, those
 * that open something. To drop what is in an empty set is common: lists of what is banned are often empty.
 */
export function unlistedSets(tables: readonly Table[], listing: boolean, problems: Problems): Unlisted {
  const empty = new Map<Table, ReadonlySet<NamedSet>>();
  let listed = false;
  const counting: NamedSet[] = [];
  for (const table of tables) {
    const sets = [...table.sets.values()];
    listed ||= sets.some((set) => set.listed === true);
    const without = new Set(sets.filter(({ elements }) => elements.length === 0));
    counting.push(...[...without].filter((set) => COUNTED.test(problems.textAt(set))));
    empty.set(table, without);
  }
  // Elements that have expired are counted until they are taken away, and no longer listed.
  const counted = counting.some(({ flags }) => !listed || !flags.has('timeout'));
  if (!counted && (listed || !listing)) return new Map();
  const asked = new Map(tables.map((table) => [table, askedIn(table, names(empty.get(table)))]));
  const several = [...asked.values()].reduce((sum, { all }) => sum + all.size, 0) > 1;
  const found = new Map<Table, ReadonlySet<string>>();
  for (const [table, { all, opening }] of asked)
    if (counted) found.set(table, all);
    else if (several) found.set(table, opening);
  return found;
}

function names(sets: ReadonlySet<NamedSet> = new Set()): ReadonlySet<string> {
  const fixed = [...sets].filter(({ flags }) => !flags.has('dynamic'));
  return new Set(fixed.map(({ name }) => name));
}

interface Asked {
  readonly all: Set<string>;
  /** Those whose elements may let a packet through, or translate it. */
  readonly opening: Set<string>;
}

function askedIn(table: Table, wanted: ReadonlySet<string>): Asked {
  const asked: Asked = { all: new Set(), opening: new Set() };
  if (wanted.size === 0) return asked;
  for (const chain of table.chains.values())
    for (const rule of rulesOf(chain)) {
      const closes = onlyCloses(rule, table);
      for (const statement of rule.statements)
        for (const name of setsOf(statement)) {
          if (!wanted.has(name)) continue;
          asked.all.add(name);
          if (!closes || !isMember(statement)) asked.opening.add(name);
        }
    }
  return asked;
}

/** `ip saddr @s`, and not what is in none; behind `counter name ip saddr map @m`, too, a rule goes on for what the map has. */
const isMember = (statement: Statement): boolean =>
  statement.kind === 'match' ? statement.op !== '!=' : isBeside(statement);

const isBeside = (statement: Statement): statement is Extract<Statement, { kind: 'note' | 'uncertain' }> =>
  statement.kind === 'note' || statement.kind === 'uncertain';

/** Whether a rule stops packets, or decides nothing. */
function onlyCloses({ statements }: { readonly statements: readonly Statement[] }, table: Table): boolean {
  return statements.every((statement) => {
    if (statement.kind !== 'verdict')
      return ['match', 'note', 'uncertain', 'reject'].includes(statement.kind);
    const { verdict } = statement;
    if (verdict.kind === 'jump' || verdict.kind === 'goto') return chainCloses(verdict.chain, table);
    return verdict.kind === 'drop' || verdict.kind === 'continue';
  });
}

/** A chain that logs and drops, as many rules jump to. */
function chainCloses(name: string, table: Table): boolean {
  const rules: readonly Rule[] = table.chains.get(name)?.rules ?? [];
  if (rules.length === 0) return false;
  return statementsOf({ rules }).every(
    ({ kind, ...rest }) =>
      ['match', 'note', 'uncertain', 'reject'].includes(kind) ||
      (kind === 'verdict' && 'verdict' in rest && rest.verdict.kind === 'drop'),
  );
}

function setsOf(statement: Statement): readonly string[] {
  const found: string[] = [];
  const visit = (one: Selector | Value | undefined): void => {
    if (one?.kind === 'set-ref') found.push(one.name);
    if (one?.kind === 'map') visit(one.data);
    if (one?.kind === 'binary') visit(one.left as Selector);
  };
  if (statement.kind === 'match') [statement.left, statement.right].forEach(visit);
  else if (statement.kind === 'vmap') visit(statement.data);
  else if (statement.kind === 'nat') [statement.address, statement.portFrom].forEach(visit);
  else if (statement.kind === 'assign') visit(statement.from);
  else if (isBeside(statement)) readBy(statement).forEach(visit);
  return found;
}
