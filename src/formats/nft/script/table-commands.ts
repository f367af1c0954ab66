import { type GroupAtom, isWord } from '../../../../grammars/nft/atoms.ts';
import type { Chain, Handled, NamedSet, Table, TableObject } from '../ast/ast.ts';
import { type BlockContext, blockOf, cursorOf, handleOf, newChain, readChainBlock } from '../build/block.ts';
import { readElements } from '../build/element.ts';
import { readFlowtable } from '../build/flowtable.ts';
import { readDeviceLine } from '../build/hook.ts';
import { checkObject, readObjectLine } from '../build/object.ts';
import { checkTracking } from '../check/tracking.ts';
import { readSetBlock } from '../build/set.ts';
import { byHandle, namesake } from './by-handle.ts';
import { flushRules } from './chain-rules.ts';
import type { CommandChecks } from '../check/commands.ts';
import type { Cursor } from '../build/cursor.ts';
import { isDeclaredAlike } from './set-shape.ts';
import { missing } from '../missing.ts';
import { objectName } from '../build/object-names.ts';
import type { Problems } from '../problems.ts';
import type { TableCommand } from './table-command.ts';
import { renameJumps } from './rename.ts';
import { RuleCommands } from './rule-commands.ts';
import {
  addElements,
  elementsOfBoth,
  refuseConstant,
  refuseMore,
  refuseKnown,
  removeElements,
} from './set-elements.ts';

/** Executes commands about chains, rules, sets, elements and objects of a table (`nft(8)`). */
export class TableCommands {
  private readonly problems: Problems;
  private readonly rules: RuleCommands;
  /** Sets that are declared with elements, and of which no command has been about elements since. */
  private readonly fresh = new WeakSet<NamedSet>();

  constructor(
    private readonly context: BlockContext,
    private readonly checks: CommandChecks,
  ) {
    this.problems = context.problems;
    this.rules = new RuleCommands(context, checks);
  }

  /** Does what the command says of something in a table. */
  run(command: TableCommand): void {
    const { verb, kind, table, cursor, place } = command;
    if (kind === 'rule') {
      this.rules.run(command);
      return;
    }
    if (cursor.take('handle') !== undefined) {
      const [store, has] = namesake(kind, table);
      this.checks.nameGone();
      const numberOf = (one: Handled): number | undefined => this.context.handles.numberOf(table, one);
      byHandle({ verb, store, has, numberOf }, cursor, place);
      return;
    }
    const name = objectName(kind, cursor);
    if (name === undefined) return;
    if (kind === 'chain') this.chain(name, command);
    else if (kind === 'set' || kind === 'map' || kind === 'meter') this.set(name, command);
    else if (kind === 'element') this.elements(name, command);
    else this.other(name, command);
  }

  /** Flowtables, and objects: counters, quotas, limits, helpers and the like. */
  private other(name: string, { verb, kind, table, cursor, scope, place }: TableCommand): void {
    const store: Map<string, TableObject> = kind === 'flowtable' ? table.flowtables : table.objects;
    const key = kind === 'flowtable' ? name : `${kind} ${name}`;
    if (verb === 'delete' || verb === 'destroy') {
      this.checks.nameGone(table, `${kind} ${name}`, place);
      if (!store.delete(key) && verb === 'delete') missing(this.problems, kind, name, place);
      this.end(cursor);
      return;
    }
    const fresh = !store.has(key);
    if (verb === 'create' && !fresh)
      this.problems.error('exists', place, `the ${kind} \`${name}\` exists already`);
    if (fresh) {
      this.checks.nameMade(table, `${kind} ${name}`);
      const made = { ...place, ...handleOf(cursor.peek()) };
      store.set(key, made);
      this.context.handles.made(table, kind === 'flowtable' ? 'flowtable' : 'object', made);
    }
    const block = cursor.peek();
    if (block?.kind === 'group') {
      cursor.next();
      const inner = scope.inner();
      if (kind === 'flowtable') readFlowtable(block, { table, place, fresh }, inner, this.context);
      const { layer, expects } = checkObject(kind, block, inner, this.context);
      const made = fresh ? store.get(key) : undefined;
      if (made !== undefined && expects !== undefined) made.expects = expects;
      if (/^ct (?:helper|timeout|expectation)$/.test(kind) && !this.problems.free)
        checkTracking(kind, layer, table.family, place, this.problems);
      if (!cursor.done) cursor.fail('the end of the statement');
    } else if (blockOf(cursor.atoms) !== undefined) cursor.fail('`{`');
    else readObjectLine(kind, cursor);
  }

  private chain(name: string, { verb, table, cursor, scope, place }: TableCommand): void {
    const existing = table.chains.get(name);
    if (verb === 'add' || verb === 'create') {
      if (existing !== undefined && verb === 'create')
        this.problems.error('exists', place, `the chain \`${name}\` exists already`);
      const chain = existing ?? newChain(name, { ...place, ...handleOf(cursor.peek()) });
      table.chains.set(name, chain);
      if (existing === undefined) {
        this.checks.nameMade(table, `chain ${name}`);
        this.context.handles.made(table, 'chain', chain);
      }
      const block = cursor.peek();
      if (block?.kind === 'group') {
        cursor.next();
        readChainBlock(block, { chain, table, fresh: existing === undefined }, scope.inner(), this.context);
      }
      if (!cursor.done) cursor.fail('the end of the statement');
      return;
    }
    const block = cursor.peek();
    const takes = verb === 'delete' || verb === 'destroy';
    if (takes && existing !== undefined && block?.kind === 'group' && isOfDevices(block)) {
      cursor.next();
      if (!cursor.done) cursor.fail('the end of the statement');
      takeDevices(block, existing, this.problems);
      return;
    }
    if (verb !== 'rename') this.end(cursor);
    if (existing === undefined) {
      if (verb !== 'destroy') missing(this.problems, 'chain', name, place);
    } else if (verb === 'flush') this.flush(table, existing);
    else if (verb === 'rename') {
      this.checks.nameGone();
      const renamed = cursor.identifier('the new name');
      if (renamed === undefined) return;
      if (table.chains.has(renamed)) {
        this.problems.error('exists', place, `there is a chain \`${renamed}\` already`, {
          expected: 'a name that no chain of the table has',
        });
        return;
      }
      table.chains.delete(name);
      const { counted: _, ...kept } = existing;
      const now = { ...kept, name: renamed };
      table.chains.set(renamed, now);
      this.context.handles.renamed(table, existing, now);
      renameJumps(table, name, renamed, (rule, changed) =>
        this.context.handles.renamed(table, rule, changed),
      );
    } else {
      this.flush(table, existing);
      table.chains.delete(name);
      this.checks.nameGone(table, `chain ${name}`, place);
    }
  }

  /** Nothing follows a name that is taken away. JSON may give more of the thing. */
  private end(cursor: Cursor): void {
    if (!cursor.done && !this.problems.free) cursor.fail('the end of the statement');
  }

  private flush(table: Table, chain: Chain): void {
    this.checks.rulesGone(table, chain.rules);
    flushRules(chain);
  }

  private set(name: string, { verb, kind, table, cursor, scope, place }: TableCommand): void {
    const existing = table.sets.get(name);
    if (verb === 'create' && existing !== undefined) {
      this.problems.error('exists', place, `the set \`${name}\` exists already`);
      return;
    }
    if (verb !== 'add' && verb !== 'create') {
      this.end(cursor);
      if (
        existing === undefined ||
        (verb === 'flush' && kind !== 'meter' && existing.isMap !== (kind === 'map'))
      ) {
        if (verb !== 'destroy' && kind !== 'meter') missing(this.problems, 'set', name, place);
        return;
      }
      this.checks.setGone(table, existing);
      if (verb === 'flush') existing.elements = [];
      else if (table.sets.delete(name)) this.checks.nameGone(table, `set ${name}`, place);
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
    if (existing !== undefined && !isDeclaredAlike(existing, set, place, this.problems)) return;
    const elements =
      existing === undefined ? [...set.elements] : elementsOfBoth(existing, set, this.problems);
    const listed = set.listed === true || existing?.listed === true;
    const made = {
      ...set,
      ...(existing && { flags: existing.flags }),
      ...handleOf(block),
      elements,
      listed,
      start: place.start,
      end: place.end,
    };
    table.sets.set(name, made);
    if (set.elements.length > 0) this.fresh.add(made);
    refuseMore(made, place, this.problems);
    if (existing === undefined) {
      this.checks.nameMade(table, `set ${name}`);
      this.context.handles.made(table, 'set', made);
    } else this.context.handles.renamed(table, existing, made);
  }

  private elements(name: string, { verb, table, cursor, place }: TableCommand): void {
    const set = table.sets.get(name);
    const group = cursor.next();
    if (set === undefined) {
      missing(this.problems, 'set', name, place);
      return;
    }
    if (group?.kind !== 'group') {
      cursor.fail('`{` and elements');
      return;
    }
    const elements = readElements(group, cursor);
    if (!cursor.done) cursor.fail('the end of the statement');
    // Only a variable can have none.
    if (elements.length === 0 && group.start > place.start && !this.problems.free) cursor.fail('elements');
    if (verb === 'create') refuseKnown(set, elements, this.problems);
    if (verb !== 'destroy') refuseConstant(set, table, place, this.problems);
    const fresh = this.fresh.delete(set);
    if (verb === 'add' || verb === 'create') {
      this.checks.targets(table, elements);
      addElements(set, elements);
      refuseMore(set, place, this.problems);
    } else if (verb === 'delete' || verb === 'destroy')
      removeElements(set, elements, { quiet: verb === 'destroy', fresh }, this.problems);
  }
}

/** Whether a block is about devices alone; what JSON says of a chain may be about more. */
function isOfDevices({ body }: GroupAtom): boolean {
  return body.length > 0 && body.every(([first]) => isWord(first, 'devices'));
}

/** `delete chain netdev t c { devices = { eth0 }; }`: a chain on no device sees nothing. */
function takeDevices(block: GroupAtom, chain: Chain, problems: Problems): void {
  for (const statement of block.body) {
    const cursor = cursorOf(statement, statement, problems);
    const devices = cursor && readDeviceLine(cursor);
    if (devices === undefined || chain.hook === undefined) continue;
    const left = chain.hook.devices.filter((name) => !devices.includes(name));
    chain.hook = left.length === 0 ? undefined : { ...chain.hook, devices: left };
  }
}
