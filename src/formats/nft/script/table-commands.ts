import type { Handled, NamedSet, TableObject } from '../ast/ast.ts';
import { type BlockContext, blockOf, handleOf } from '../build/block.ts';
import { readElements } from '../build/element.ts';
import { readFlowtable } from '../build/flowtable.ts';
import { checkObject, readObjectLine } from '../build/object.ts';
import { checkTracking } from '../check/tracking.ts';
import { readSetBlock } from '../build/set.ts';
import { byHandle, namesake } from './by-handle.ts';
import type { CommandChecks } from '../check/commands.ts';
import { isDeclaredAlike } from './set-shape.ts';
import { missing } from '../missing.ts';
import { objectName } from '../build/object-names.ts';
import type { Problems } from '../problems.ts';
import { refuseRest, type TableCommand } from './table-command.ts';
import { ChainCommands } from './chain-commands.ts';
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
  private readonly chains: ChainCommands;
  private readonly rules: RuleCommands;
  /** Sets that are declared with elements, and of which no command has been about elements since. */
  private readonly fresh = new WeakSet<NamedSet>();

  constructor(
    private readonly context: BlockContext,
    private readonly checks: CommandChecks,
  ) {
    this.problems = context.problems;
    this.chains = new ChainCommands(context, checks);
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
    if (kind === 'chain') this.chains.run(name, command);
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
      refuseRest(cursor);
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

  private set(name: string, command: TableCommand): void {
    const { verb, table, place } = command;
    const existing = table.sets.get(name);
    if (verb === 'create' && existing !== undefined)
      this.problems.error('exists', place, `the set \`${name}\` exists already`);
    else if (verb === 'add' || verb === 'create') this.declare(name, existing, command);
    else this.clear(name, existing, command);
  }

  /** `flush`, `delete` and `destroy`. */
  private clear(
    name: string,
    existing: NamedSet | undefined,
    { verb, kind, table, cursor, place }: TableCommand,
  ): void {
    refuseRest(cursor);
    const isOther = verb === 'flush' && kind !== 'meter' && existing?.isMap !== (kind === 'map');
    if (existing === undefined || isOther) {
      if (verb !== 'destroy' && kind !== 'meter') missing(this.problems, 'set', name, place);
      return;
    }
    this.checks.setGone(table, existing);
    if (verb === 'flush') existing.elements = [];
    else if (table.sets.delete(name)) this.checks.nameGone(table, `set ${name}`, place);
  }

  /** A set that is there already gets the elements besides. */
  private declare(
    name: string,
    existing: NamedSet | undefined,
    { kind, table, cursor, scope, place }: TableCommand,
  ): void {
    const block = cursor.next();
    if (block?.kind !== 'group') {
      cursor.fail('`{` and the set');
      return;
    }
    if (!cursor.done) cursor.fail('the end of the statement');
    const set = readSetBlock({ block, name, isMap: kind === 'map' }, scope.inner(), this.context);
    if (set === undefined) return;
    if (existing !== undefined && !isDeclaredAlike(existing, set, place, this.problems)) return;
    const made = {
      ...set,
      ...(existing && { flags: existing.flags }),
      ...handleOf(block),
      elements: existing === undefined ? [...set.elements] : elementsOfBoth(existing, set, this.problems),
      listed: set.listed === true || existing?.listed === true,
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
