import type { Handled, Rule, Selector, Statement, Table, Value } from '../ast/ast.ts';
import { messageFields, messageTypeBefore } from '../selector/message-type.ts';

/** What the kernel numbers, in the order in which nft sends the parts of a table's block (src/cmd.c, nft_cmd_expand). */
const KINDS = ['chain', 'object', 'set', 'flowtable', 'rule'] as const;
export type Numbered = (typeof KINDS)[number];

/** What the commands have made in a table. */
interface Made {
  /** In the order of their numbers. */
  readonly settled: Handled[];
  /** By the command that is under way. */
  readonly fresh: Readonly<Record<Numbered, Handled[]>>;
  /** Numbers of what is settled, as far as they were asked for. */
  readonly numbers: Map<Handled, number>;
  /** What stands for something that was made before. */
  readonly stands: Map<Handled, Handled>;
  counted: number;
  last: number;
}

/**
 * The numbers by which later commands name rules, chains, sets and objects. Those of a listing (`nft -a`, JSON) are the
 * kernel's. What a script makes itself the kernel numbers in the order of arrival, each table from 1 on, and what has no
 * name too (net/netfilter/nf_tables_api.c, nf_tables_alloc_handle).
 */
export class Handles {
  private readonly tables = new Map<Table, Made>();

  /** Something was made, and is not in the table twice. */
  made(table: Table, kind: Numbered, thing: Handled): void {
    this.of(table).fresh[kind].push(thing);
  }

  /** A command of the script has ended: what it has made is told. */
  settle(tell: (table: Table, kind: Numbered, thing: Handled) => void): void {
    for (const [table, { fresh, settled }] of this.tables)
      for (const kind of KINDS) {
        for (const thing of fresh[kind]) {
          settled.push(thing);
          tell(table, kind, thing);
        }
        fresh[kind].length = 0;
      }
  }

  /** A thing stands in the place of another, with its number. */
  renamed(table: Table, before: Handled, now: Handled): void {
    const made = this.of(table);
    made.stands.set(now, made.stands.get(before) ?? before);
  }

  /** The number of a thing in a table; undefined where only the kernel knows it. */
  numberOf(table: Table, thing: Handled): number | undefined {
    if (thing.handle !== undefined) return thing.handle;
    const made = this.of(table);
    if (isListed(table)) return undefined;
    for (; made.counted < made.settled.length; made.counted++) {
      const one = made.settled[made.counted] as Handled;
      made.last += 1 + (isRule(one) ? unnamedIn([one]) : 0);
      made.numbers.set(one, made.last);
    }
    return made.numbers.get(made.stands.get(thing) ?? thing);
  }

  private of(table: Table): Made {
    const known = this.tables.get(table);
    if (known !== undefined) return known;
    const made: Made = {
      settled: [],
      fresh: { chain: [], object: [], set: [], flowtable: [], rule: [] },
      numbers: new Map(),
      stands: new Map(),
      counted: 0,
      last: 0,
    };
    this.tables.set(table, made);
    return made;
  }
}

/** A listing has numbers of a table, so that others are the kernel's too. */
export function isListed({ handle, chains, sets, objects, flowtables }: Table): boolean {
  const known = (things: Iterable<Handled>): boolean => {
    for (const thing of things) if (thing.handle !== undefined) return true;
    return false;
  };
  if (handle !== undefined || known(chains.values()) || known(sets.values())) return true;
  if (known(objects.values()) || known(flowtables.values())) return true;
  return [...chains.values()].some(({ rules }) => known(rules));
}

const isRule = (thing: Handled): thing is Rule => 'statements' in thing;

/** How many sets, maps and chains without a name rules make: those too have numbers. */
function unnamedIn(rules: readonly Rule[]): number {
  let count = 0;
  for (const { statements } of rules)
    for (const [at, statement] of statements.entries())
      count += statement.kind === 'block' ? blockCount(statement) : setsOf(statement, statements, at);
  return count;
}

function blockCount({ rules }: Extract<Statement, { kind: 'block' }>): number {
  return 1 + rules.length + unnamedIn(rules);
}

function setsOf(statement: Statement, statements: readonly Statement[], at: number): number {
  switch (statement.kind) {
    case 'match':
      return askedTypes(statement.left, statements, at) + mapsOf(statement.left) + comparedSet(statement);
    case 'vmap':
      return askedTypes(statement.key, statements, at) + (statement.data.kind === 'set' ? 1 : 0);
    case 'assign':
      return mapsOf(statement.from);
    case 'nat':
      return mapsOf(statement.address) + mapsOf(statement.portFrom);
    case 'uncertain':
      return (statement.meter === undefined ? 0 : 1) + mapsOf(statement.data) + namesChosen(statement.text);
    case 'note':
      return namesChosen(statement.text);
    default:
      return 0;
  }
}

/** A set of one value is that value. */
function comparedSet({ left, right }: Extract<Statement, { kind: 'match' }>): number {
  if (right.kind !== 'set') return 0;
  const [only] = right.elements;
  return right.elements.length === 1 && left.kind !== 'concat' && !isAny(only?.key) ? 0 : 1;
}

const isAny = (value: Value | undefined): boolean => value?.kind === 'any';

function mapsOf(selector: Selector | undefined): number {
  if (selector?.kind === 'binary') return mapsOf(selector.left);
  return selector?.kind === 'map' && selector.data.kind === 'set' ? 1 : 0;
}

/** nft asks for both types of an echo by a set. */
function askedTypes(selector: Selector, statements: readonly Statement[], at: number): number {
  const [field] = messageFields(selector);
  const echo = field?.field === 'id' || field?.field === 'sequence';
  return echo && field !== undefined && messageTypeBefore(statements, at).before(field) === 'asks' ? 1 : 0;
}

/** `counter name tcp dport map { … }` */
const namesChosen = (text: string): number => (/ map \{/.test(text) ? 1 : 0);
