import type { Atom, GroupAtom } from '../../../grammars/nft/atoms.ts';
import type { Chain, Family, NamedSet, Place, Table } from './ast.ts';
import { checkEnd } from './block-end.ts';
import {
  type BlockContext,
  blockOf,
  cursorOf,
  handleOf,
  newChain,
  newTable,
  Once,
  readChainBlock,
} from './build-block.ts';
import { checkObject } from './build-object.ts';
import { readRule } from './build-statement.ts';
import { readSetBlock } from './build-set.ts';
import { readElements } from './build-element.ts';
import { byHandle, namesake } from './by-handle.ts';
import type { Cursor } from './cursor.ts';
import type { Includes } from './includes.ts';
import { objectName } from './object-names.ts';
import type { Problems } from './problems.ts';
import { rulePlace } from './rule-place.ts';
import { removeElements } from './set-elements.ts';
import { readComment } from './statement-reader.ts';
import { Scope } from './variables.ts';

const FAMILIES: readonly Family[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];
const VERBS = ['add', 'create', 'insert', 'replace', 'delete', 'destroy', 'flush', 'list', 'reset', 'rename'];
const OBJECTS = ['counter', 'quota', 'limit', 'ct', 'secmark', 'synproxy', 'tunnel'];

/** Executes the commands of a ruleset or script in order; what is left at the end is what counts (`nft(8)`, -f). */
export class ScriptReader {
  readonly tables = new Map<string, Table>();
  private readonly context: BlockContext;

  constructor(
    private readonly problems: Problems,
    includes: Includes,
  ) {
    this.context = { problems, includes, sequence: 0 };
  }

  /** Every statement of the file. */
  run(statements: readonly (readonly Atom[])[]): void {
    const scope = new Scope(this.problems);
    this.checkLast(statements[statements.length - 1]);
    this.context.includes.walk(statements, scope, (raw) => this.command(raw, scope));
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
    // Blocks have scopes of their own: only the words before one are expanded here.
    const block = blockOf(raw);
    const head = block === undefined ? raw : raw.slice(0, -1);
    const isTable = raw.slice(0, 2).some((atom) => atom.kind === 'word' && atom.text === 'table');
    const atoms = block !== undefined && isTable ? [...scope.expand(head), block] : scope.expand(raw);
    const cursor = cursorOf(atoms, raw, this.problems);
    if (cursor === undefined) return;
    const place = { start: cursor.start, end: raw[raw.length - 1]?.end ?? cursor.start };
    const verb = cursor.take(...VERBS) ?? 'add';
    if (verb === 'list' || verb === 'reset') return;
    if (cursor.word() === 'ruleset' && verb === 'flush') this.flushRuleset(cursor);
    else this.object(verb, cursor, scope, place);
  }

  private flushRuleset(cursor: Cursor): void {
    cursor.next();
    const family = cursor.take(...FAMILIES);
    for (const [key, table] of this.tables)
      if (family === undefined || table.family === family) this.tables.delete(key);
    if (!cursor.done) cursor.fail('the end of the statement');
  }

  private object(verb: string, cursor: Cursor, scope: Scope, place: Place): void {
    const kind = cursor.take(
      'table',
      'chain',
      'rule',
      'set',
      'map',
      'element',
      'flowtable',
      'meter',
      ...OBJECTS,
    );
    const wanted = kind ?? 'rule';
    if (kind === undefined && verb !== 'add' && verb !== 'insert' && verb !== 'replace') {
      cursor.fail('`table`, `chain`, `rule`, `set`, `map`, `element` or another object');
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
      byHandle(verb, this.tables, (_, key) => key.startsWith(`${family} `), cursor, place);
      return;
    }
    const name = cursor.identifier('the name of a table');
    if (name === undefined) return;
    if (wanted === 'table') {
      this.table(verb, family, name, cursor, scope, place);
      return;
    }
    const table = this.tables.get(`${family} ${name}`);
    if (table === undefined) {
      if (verb !== 'destroy') this.missing('table', `${family} ${name}`, place);
      return;
    }
    this.inTable(verb, object, table, cursor, scope, place);
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
      if (existing === undefined && verb === 'delete') this.missing('table', key, place);
      this.tables.delete(key);
      if (!cursor.done) cursor.fail('the end of the statement');
      return;
    }
    if (verb === 'flush') {
      if (existing === undefined) this.missing('table', key, place);
      for (const chain of existing?.chains.values() ?? []) chain.rules = [];
      return;
    }
    if (verb === 'create' && existing !== undefined)
      this.problems.error('exists', place, `the table \`${key}\` exists already`);
    const table = existing ?? newTable(family, name, { ...place, ...handleOf(cursor.peek()) });
    this.tables.set(key, table);
    const block = blockOf(cursor.atoms);
    if (block !== undefined && cursor.peek() === block) {
      cursor.next();
      this.tableBlock(block, table, scope.inner());
    }
    if (!cursor.done) cursor.fail('the end of the statement');
  }

  private tableBlock(block: GroupAtom, table: Table, scope: Scope): void {
    checkEnd(block, this.problems);
    const once = new Once(this.problems);
    this.context.includes.walk(block.body, scope, (raw) => {
      const group = blockOf(raw);
      const head = group === undefined ? raw : raw.slice(0, -1);
      const atoms = group === undefined ? scope.expand(raw) : [...scope.expand(head), group];
      const cursor = cursorOf(atoms, raw, this.problems);
      if (cursor === undefined) return;
      const place = { start: cursor.start, end: raw[raw.length - 1]?.end ?? cursor.start };
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
          this.inTable('add', object, table, cursor, scope, place);
        }
      }
    });
  }

  private inTable(
    verb: string,
    kind: string,
    table: Table,
    cursor: Cursor,
    scope: Scope,
    place: Place,
  ): void {
    if (kind === 'rule') {
      this.rule(verb, table, cursor, place);
      return;
    }
    if (cursor.take('handle') !== undefined) {
      const [store, has] = namesake(kind, table);
      byHandle(verb, store, has, cursor, place);
      return;
    }
    const name = objectName(kind, cursor);
    if (name === undefined) return;
    if (kind === 'chain') this.chain(verb, name, table, cursor, scope, place);
    else if (kind === 'set' || kind === 'map' || kind === 'meter')
      this.set(verb, kind, name, table, cursor, scope, place);
    else if (kind === 'element') this.elements(verb, name, table, cursor, place);
    else {
      const store = kind === 'flowtable' ? table.flowtables : table.objects;
      const key = kind === 'flowtable' ? name : `${kind} ${name}`;
      if (verb === 'delete' || verb === 'destroy') {
        if (!store.delete(key) && verb === 'delete') this.missing(kind, name, place);
      } else store.set(key, { ...place, ...handleOf(cursor.peek()) });
      const block = cursor.peek();
      if (block?.kind === 'group') {
        cursor.next();
        checkObject(key.slice(0, -name.length - 1), block, scope.inner(), this.context);
        if (!cursor.done) cursor.fail('the end of the statement');
      } else if (blockOf(cursor.atoms) !== undefined) cursor.fail('`{`');
      else cursor.rest();
    }
  }

  private chain(verb: string, name: string, table: Table, cursor: Cursor, scope: Scope, place: Place): void {
    const existing = table.chains.get(name);
    if (verb === 'add' || verb === 'create') {
      if (existing !== undefined && verb === 'create')
        this.problems.error('exists', place, `the chain \`${name}\` exists already`);
      const chain = existing ?? newChain(name, { ...place, ...handleOf(cursor.peek()) });
      table.chains.set(name, chain);
      const block = cursor.peek();
      if (block?.kind === 'group') {
        cursor.next();
        readChainBlock(block, chain, table, scope.inner(), this.context);
      }
      if (!cursor.done) cursor.fail('the end of the statement');
      return;
    }
    if (existing === undefined) {
      if (verb !== 'destroy') this.missing('chain', name, place);
    } else if (verb === 'flush') existing.rules = [];
    else if (verb === 'rename') {
      const renamed = cursor.identifier('the new name');
      if (renamed === undefined) return;
      table.chains.delete(name);
      table.chains.set(renamed, { ...existing, name: renamed });
      for (const chain of table.chains.values())
        chain.rules = chain.rules.map((rule) => renameJumps(rule, name, renamed));
    } else table.chains.delete(name);
  }

  private set(
    verb: string,
    kind: string,
    name: string,
    table: Table,
    cursor: Cursor,
    scope: Scope,
    place: Place,
  ): void {
    const existing = table.sets.get(name);
    if (verb === 'create' && existing !== undefined) {
      this.problems.error('exists', place, `the set \`${name}\` exists already`);
      return;
    }
    if (verb !== 'add' && verb !== 'create') {
      if (existing === undefined || (kind !== 'meter' && existing.isMap !== (kind === 'map'))) {
        if (verb !== 'destroy' && kind !== 'meter') this.missing('set', name, place);
      } else if (verb === 'flush') existing.elements = [];
      else table.sets.delete(name);
      return;
    }
    const block = cursor.next();
    if (block?.kind !== 'group') {
      cursor.fail('`{` and the set');
      return;
    }
    if (!cursor.done) cursor.fail('the end of the statement');
    const set = readSetBlock({ block, name, isMap: kind === 'map' }, scope.inner(), this.context);
    if (set === undefined) return;
    if (existing !== undefined && shapeOf(existing) !== shapeOf(set)) {
      this.problems.error('exists', place, `there is another set \`${name}\` already`, {
        expected: 'the same type of elements',
      });
      return;
    }
    const elements = [...(existing?.elements ?? []), ...set.elements];
    table.sets.set(name, { ...set, ...handleOf(block), elements, start: place.start, end: place.end });
  }

  private elements(verb: string, name: string, table: Table, cursor: Cursor, place: Place): void {
    const set = table.sets.get(name);
    const group = cursor.next();
    if (set === undefined) {
      this.missing('set', name, place);
      return;
    }
    if (group?.kind !== 'group') {
      cursor.fail('`{` and elements');
      return;
    }
    const elements = readElements(group, cursor);
    if (verb === 'add' || verb === 'create') for (const element of elements) set.elements.push(element);
    else if (verb === 'delete' || verb === 'destroy')
      removeElements(set, elements, verb === 'destroy', this.problems);
  }

  private rule(verb: string, table: Table, cursor: Cursor, place: Place): void {
    const name = cursor.identifier('the name of a chain');
    if (name === undefined) return;
    const chain = table.chains.get(name);
    if (chain === undefined) {
      this.missing('chain', name, place);
      return;
    }
    const at = rulePlace(verb, chain, cursor, place, this.problems);
    if (at === undefined) return;
    if (verb === 'delete' || verb === 'destroy') {
      chain.rules.splice(at, 1);
      if (!cursor.done) cursor.fail('the end of the statement');
      return;
    }
    const rule = readRule(cursor);
    if (rule !== undefined)
      chain.rules.splice(at, verb === 'replace' ? 1 : 0, { ...rule, start: place.start });
  }

  private missing(kind: string, name: string, place: Place): void {
    this.problems.error(`no-such-${kind}`, place, `there is no ${kind} \`${name}\` before this`, {
      help: 'give the whole ruleset, as `nft list ruleset` prints it',
    });
  }
}

/** `helper`, `timeout` or `expectation` behind `ct`. */
function ctObject(cursor: Cursor): string {
  const kind = cursor.take('helper', 'timeout', 'expectation');
  if (kind === undefined) cursor.fail('`helper`, `timeout` or `expectation`');
  return `ct ${kind}`;
}

/** `flags dormant`; listings may have several. */
function readFlags(table: Table, cursor: Cursor): void {
  const flags = ['dormant', 'owner', 'persist'];
  do {
    const flag = cursor.take(...flags);
    if (flag === undefined) cursor.fail(`one of ${flags.join(', ')}`);
    table.dormant ||= flag === 'dormant';
  } while (cursor.takeSign(',') !== undefined);
  if (!cursor.done) cursor.fail('the end of the statement');
}

function beginsRule(cursor: Cursor): boolean {
  const offset = FAMILIES.includes(cursor.word() as Family) ? 1 : 0;
  return cursor.peek(offset + 2) !== undefined && cursor.word(offset) !== undefined;
}

/** What two declarations of one set must have in common. */
function shapeOf({ keys, data, verdicts, isMap }: NamedSet): string {
  const names = (types: NamedSet['keys']): string =>
    (types ?? []).map((type) => type?.name ?? '').join(' . ');
  return `${isMap} ${verdicts} ${names(keys)} : ${names(data)}`;
}

function renameJumps(rule: Chain['rules'][number], from: string, to: string): Chain['rules'][number] {
  return {
    ...rule,
    statements: rule.statements.map((statement) => {
      if (statement.kind !== 'verdict' || !('chain' in statement.verdict)) return statement;
      return statement.verdict.chain === from
        ? { ...statement, verdict: { ...statement.verdict, chain: to } }
        : statement;
    }),
  };
}
