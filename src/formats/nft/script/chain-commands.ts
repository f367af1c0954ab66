import { type GroupAtom, isWord } from '../../../../grammars/nft/atoms.ts';
import type { Chain, Table } from '../ast/ast.ts';
import { type BlockContext, cursorOf, handleOf, newChain, readChainBlock } from '../build/block.ts';
import { readDeviceLine } from '../build/hook.ts';
import type { CommandChecks } from '../check/commands.ts';
import { missing } from '../missing.ts';
import type { Problems } from '../problems.ts';
import { flushRules } from './chain-rules.ts';
import { renameJumps } from './rename.ts';
import { refuseRest, type TableCommand } from './table-command.ts';

/** Executes commands about chains (`nft(8)`, CHAINS). */
export class ChainCommands {
  private readonly problems: Problems;

  constructor(
    private readonly context: BlockContext,
    private readonly checks: CommandChecks,
  ) {
    this.problems = context.problems;
  }

  /** Does what the command says of the chain of this name; its cursor stands behind the name. */
  run(name: string, command: TableCommand): void {
    const { verb, table, cursor, place } = command;
    const existing = table.chains.get(name);
    if (verb === 'add' || verb === 'create') {
      this.add(name, existing, command);
      return;
    }
    if (existing !== undefined && this.takesDevices(existing, command)) return;
    if (verb !== 'rename') refuseRest(cursor);
    if (existing === undefined) {
      if (verb !== 'destroy') missing(this.problems, 'chain', name, place);
    } else if (verb === 'flush') this.flush(table, existing);
    else if (verb === 'rename') this.rename(existing, command);
    else {
      this.flush(table, existing);
      table.chains.delete(name);
      this.checks.nameGone(table, `chain ${name}`, place);
    }
  }

  private add(
    name: string,
    existing: Chain | undefined,
    { verb, table, cursor, scope, place }: TableCommand,
  ): void {
    const fresh = existing === undefined;
    if (!fresh && verb === 'create')
      this.problems.error('exists', place, `the chain \`${name}\` exists already`);
    const chain = existing ?? newChain(name, { ...place, ...handleOf(cursor.peek()) });
    table.chains.set(name, chain);
    if (fresh) {
      this.checks.nameMade(table, `chain ${name}`);
      this.context.handles.made(table, 'chain', chain);
    }
    const block = cursor.peek();
    if (block?.kind === 'group') {
      cursor.next();
      readChainBlock(block, { chain, table, fresh }, scope.inner(), this.context);
    }
    if (!cursor.done) cursor.fail('the end of the statement');
  }

  private rename(chain: Chain, { table, cursor, place }: TableCommand): void {
    this.checks.nameGone();
    const renamed = cursor.identifier('the new name');
    if (renamed === undefined) return;
    if (table.chains.has(renamed)) {
      this.problems.error('exists', place, `there is a chain \`${renamed}\` already`, {
        expected: 'a name that no chain of the table has',
      });
      return;
    }
    table.chains.delete(chain.name);
    const { counted: _, ...kept } = chain;
    const now = { ...kept, name: renamed };
    table.chains.set(renamed, now);
    const { handles } = this.context;
    handles.renamed(table, chain, now);
    renameJumps(table, chain.name, renamed, (rule, changed) => handles.renamed(table, rule, changed));
  }

  private flush(table: Table, chain: Chain): void {
    this.checks.rulesGone(table, chain.rules);
    flushRules(chain);
  }

  /** `delete chain netdev t c { devices = { eth0 }; }` takes devices from the chain, which stays; false where it is none such. */
  private takesDevices(chain: Chain, { verb, cursor }: TableCommand): boolean {
    const block = cursor.peek();
    const takes = verb === 'delete' || verb === 'destroy';
    if (!takes || block?.kind !== 'group' || !isOfDevices(block)) return false;
    cursor.next();
    if (!cursor.done) cursor.fail('the end of the statement');
    takeDevices(block, chain, this.problems);
    return true;
  }
}

/** Whether a block is about devices alone; what JSON says of a chain may be about more. */
function isOfDevices({ body }: GroupAtom): boolean {
  return body.length > 0 && body.every(([first]) => isWord(first, 'devices'));
}

/** Takes the block's devices from the chain: one on no device sees nothing. */
function takeDevices(block: GroupAtom, chain: Chain, problems: Problems): void {
  for (const statement of block.body) {
    const cursor = cursorOf(statement, statement, problems);
    const devices = cursor && readDeviceLine(cursor);
    if (devices === undefined || chain.hook === undefined) continue;
    const left = chain.hook.devices.filter((name) => !devices.includes(name));
    chain.hook = left.length === 0 ? undefined : { ...chain.hook, devices: left };
  }
}
