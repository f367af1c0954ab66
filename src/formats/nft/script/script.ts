import { type Atom, type GroupAtom, isWord } from '../../../../grammars/nft/atoms.ts';
import type { Family, Handled, NamedSet, Place, Rule, Table } from '../ast/ast.ts';
import { checkEnd } from '../build/block-end.ts';
import { type BlockContext, blockOf, cursorOf, handleOf, newTable, Once } from '../build/block.ts';
import { byHandle } from './by-handle.ts';
import { flushRules } from './chain-rules.ts';
import { CommandChecks } from '../check/commands.ts';
import type { Cursor } from '../build/cursor.ts';
import { checkDescription } from './describe-command.ts';
import { Handles } from './handles.ts';
import type { Includes } from './includes.ts';
import { checkListing } from './list-command.ts';
import type { Problems } from '../problems.ts';
import { readComment } from '../build/statement-reader.ts';
import { beginsRule, ctObject, FAMILIES, readFlags } from './words.ts';
import { TableNumbers } from './table-numbers.ts';
import { isOfIptables } from './translated-rules.ts';
import { TableCommands } from './table-commands.ts';
import { missing, noCommand } from '../missing.ts';
import { Scope } from '../build/variables.ts';

const VERBS = [
  ...['add', 'create', 'insert', 'replace', 'delete', 'destroy', 'flush', 'list', 'reset', 'rename'],
  'describe',
];
const OBJECTS = ['counter', 'quota', 'limit', 'ct', 'secmark', 'synproxy', 'tunnel'];

const KINDS = ['table', 'chain', 'rule', 'set', 'map', 'element', 'flowtable', 'meter', ...OBJECTS];
/** What some commands are about (src/parser_bison.y of nftables, base_cmd); the others are about everything. */
const KINDS_OF: Readonly<Record<string, readonly string[]>> = {
  insert: ['rule'],
  replace: ['rule'],
  create: KINDS.filter((kind) => kind !== 'rule' && kind !== 'meter'),
  flush: ['table', 'chain', 'set', 'map', 'meter'],
  rename: ['chain'],
};

/** Executes the commands of a ruleset or script in order; what is left at the end is what counts (`nft(8)`, -f). */
export class ScriptReader {
  readonly tables = new Map<string, Table>();
  private readonly context: BlockContext;
  private readonly commands: TableCommands;
  private readonly checks: CommandChecks;

  constructor(
    private readonly problems: Problems,
    includes: Includes,
  ) {
    this.context = { problems, includes, handles: new Handles(), numbers: new TableNumbers(), sequence: 0 };
    this.checks = new CommandChecks(problems);
    this.commands = new TableCommands(this.context, this.checks);
  }

  /** Whether the commands themselves are in order: what errors there are is about single rules. */
  get ran(): boolean {
    return this.problems.errors.length === this.checks.found;
  }

  /** Whether a rule that is left was looked at when it was made, and nothing was taken away since. */
  isChecked(rule: Rule): boolean {
    return this.checks.isChecked(rule);
  }

  /** Every statement of the file. */
  run(statements: readonly (readonly Atom[])[]): void {
    const scope = new Scope(this.problems);
    this.checkLast(statements[statements.length - 1]);
    this.context.includes.walk(statements, scope, (raw) => {
      this.command(raw, scope);
      this.context.handles.settle((table, kind, thing) => {
        // A set of the same command may have been declared anew, and then it is another thing.
        if (kind === 'rule') this.checks.ruleMade(table, thing as Rule);
        else if (kind === 'set') this.checks.mapMade(table, thing as NamedSet);
      });
    });
  }

  /** A definition needs an end of its own (src/parser_bison.y of nftables, common_block); a command may end with the file. */
  private checkLast(last: readonly Atom[] | undefined): void {
    const [first, end] = [last?.[0], last?.at(-1)?.end];
    const { file, free } = this.problems;
    if (free || first?.kind !== 'word' || !/^(?:(?:re|un)?define|include)$/.test(first.text)) return;
    if (end !== undefined && !/[\n;]/.test(file.text.slice(end)))
      this.problems.error('nft-syntax', { start: end, end }, 'the file ends here', {
        expected: 'a line break',
      });
  }

  private command(raw: readonly Atom[], scope: Scope): void {
    const isTable = raw.slice(0, 2).some((atom) => isWord(atom, 'table'));
    const read = this.statement(raw, scope, isTable);
    if (read === undefined) return;
    const { cursor, place } = read;
    const verb = cursor.take(...VERBS) ?? 'add';
    if (verb === 'list' || verb === 'reset') {
      if (!this.problems.free) checkListing(verb, this.tables, cursor, place);
      return;
    }
    if (verb === 'describe') {
      checkDescription(cursor);
      return;
    }
    if (cursor.word() === 'ruleset' && verb === 'flush') this.flushRuleset(cursor);
    else this.object(verb, cursor, scope, place);
  }

  /** A cursor over a statement. A block has a scope of its own: where it is kept, only the words before it are expanded. */
  private statement(
    raw: readonly Atom[],
    scope: Scope,
    keepsBlock: boolean,
  ): { readonly cursor: Cursor; readonly place: Place } | undefined {
    const block = keepsBlock ? blockOf(raw) : undefined;
    const atoms = block === undefined ? scope.expand(raw) : [...scope.expand(raw.slice(0, -1)), block];
    const cursor = cursorOf(atoms, raw, this.problems);
    return (
      cursor && { cursor, place: { start: cursor.start, end: raw[raw.length - 1]?.end ?? cursor.start } }
    );
  }

  private flushRuleset(cursor: Cursor): void {
    cursor.next();
    const family = cursor.take(...FAMILIES);
    for (const [key, table] of this.tables)
      if (family === undefined || table.family === family) {
        this.checks.tableGone(table);
        this.tables.delete(key);
      }
    if (!cursor.done) cursor.fail('the end of the statement');
  }

  private object(verb: string, cursor: Cursor, scope: Scope, place: Place): void {
    const kind = cursor.take(...KINDS);
    const wanted = kind ?? 'rule';
    const kinds = KINDS_OF[verb] ?? KINDS;
    if ((kind === undefined && verb !== 'add') || !kinds.includes(wanted)) {
      if (kind !== undefined) cursor.back();
      cursor.fail(kinds.map((word) => `\`${word}\``).join(', '));
      return;
    }
    if (kind === undefined && !beginsRule(cursor)) {
      cursor.fail('`table`, or a command of nft(8)');
      return;
    }
    const object = kind === 'ct' ? ctObject(cursor) : wanted;
    const family = (cursor.take(...FAMILIES) ?? 'ip') as Family;
    if (cursor.done && kind === 'table' && verb === 'flush') return;
    if (kind === 'table' && cursor.take('handle') !== undefined) {
      const has = (_: Handled, key: string): boolean => key.startsWith(`${family} `);
      const { numbers } = this.context;
      const numberOf = (table: Handled): number | undefined => numbers.of(table, this.tables.values());
      const gone = byHandle({ verb, store: this.tables, has, numberOf }, cursor, place);
      if (gone?.handle === undefined) numbers.tell(gone, place, this.problems);
      this.checks.tableGone(gone);
      return;
    }
    const name = cursor.identifier('the name of a table');
    if (name === undefined) return;
    if (wanted !== 'table' && !this.problems.free && cursor.peek()?.kind === 'group') {
      cursor.fail(`the name of the ${wanted} behind that of its table, or a \`table\` around it`);
      return;
    }
    if (wanted === 'table') {
      this.table(verb, family, name, cursor, scope, place);
      return;
    }
    const table = this.tables.get(`${family} ${name}`);
    if (table === undefined) {
      if (kind === undefined && !this.problems.free) noCommand(this.problems, place);
      else if (verb !== 'destroy') missing(this.problems, 'table', `${family} ${name}`, place);
      return;
    }
    this.commands.run({ verb, kind: object, table, cursor, scope, place });
  }

  private table(
    verb: string,
    family: Family,
    name: string,
    cursor: Cursor,
    scope: Scope,
    place: Place,
  ): void {
    const key = `${family} ${name}`;
    const existing = this.tables.get(key);
    if (verb === 'delete' || verb === 'destroy') {
      if (existing === undefined && verb === 'delete') missing(this.problems, 'table', key, place);
      this.checks.tableGone(existing);
      this.tables.delete(key);
      if (!cursor.done) cursor.fail('the end of the statement');
      return;
    }
    if (verb === 'flush') {
      if (!cursor.done && !this.problems.free) cursor.fail('the end of the statement');
      if (existing === undefined) missing(this.problems, 'table', key, place);
      for (const chain of existing?.chains.values() ?? []) flushRules(chain);
      return;
    }
    if (verb === 'create' && existing !== undefined)
      this.problems.error('exists', place, `the table \`${key}\` exists already`);
    const table = existing ?? newTable(family, name, { ...place, ...handleOf(cursor.peek()) });
    if (existing === undefined) this.context.numbers.made(table);
    this.tables.set(key, table);
    // A command without flags takes them away (net/netfilter/nf_tables_api.c, nf_tables_updtable).
    const slept = table.dormant;
    table.dormant = false;
    const block = blockOf(cursor.atoms);
    if (block !== undefined && cursor.peek() === block) {
      cursor.next();
      this.tableBlock(block, table, scope.inner());
    }
    if (slept && !table.dormant) this.wake(table);
    const late = FAMILIES.includes(cursor.word() as Family);
    if (!cursor.done)
      cursor.fail(
        late ? `the family before the name: \`table ${cursor.word()} ${name}\`` : 'the end of the statement',
      );
  }

  /** The chains of a table that slept are registered when it wakes. */
  private wake({ chains }: Table): void {
    for (const chain of chains.values())
      if (chain.hook !== undefined) chain.sequence = this.context.sequence++;
  }

  private tableBlock(block: GroupAtom, table: Table, scope: Scope): void {
    checkEnd(block, this.problems);
    table.translated = isOfIptables(table, block);
    this.problems.ofIptables = table.translated;
    const once = new Once(this.problems);
    this.context.includes.walk(block.body, scope, (raw) => {
      const group = blockOf(raw);
      const read = this.statement(raw, scope, true);
      if (read === undefined) return;
      const { cursor, place } = read;
      if (cursor.take('flags') !== undefined) readFlags(table, cursor);
      else if (cursor.take('comment') !== undefined) {
        once.see('comment', raw[0] as Atom);
        readComment(cursor);
        if (!cursor.done) cursor.fail('the end of the statement');
      } else if (cursor.word() === 'elements') cursor.fail('`chain`, `set`, `map` or another object');
      else {
        const kind = cursor.take('chain', 'set', 'map', 'flowtable', 'meter', ...OBJECTS);
        if (kind === undefined) cursor.fail('`chain`, `set`, `map`, `flowtable` or another object');
        else {
          if (group === undefined) cursor.fail('a block in braces');
          const object = kind === 'ct' ? ctObject(cursor) : kind;
          this.commands.run({ verb: 'add', kind: object, table, cursor, scope, place });
        }
      }
    });
    this.problems.ofIptables = false;
  }
}
