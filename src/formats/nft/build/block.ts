import { type Atom, type GroupAtom, isWord } from '../../../../grammars/nft/atoms.ts';
import type { Chain, Handled, Hook, Place, Table } from '../ast/ast.ts';
import { checkEnd } from './block-end.ts';
import { readDeviceLine, readHook } from './hook.ts';
import { readRule } from './statement.ts';
import { appendRule } from '../script/chain-rules.ts';
import { Cursor } from './cursor.ts';
import type { Handles } from '../script/handles.ts';
import type { Includes } from '../script/includes.ts';
import type { Problems } from '../problems.ts';
import { readComment } from './statement-reader.ts';
import type { TableNumbers } from '../script/table-numbers.ts';
import { asTranslated } from '../script/translated-rules.ts';
import type { Scope } from './variables.ts';

/** Parts of a block that it can have once. */
export class Once {
  private readonly seen = new Map<string, Place>();

  constructor(private readonly problems: Problems) {}

  /** Notes a part, and tells it where it stands for the second time. */
  see(part: string, place: Place): void {
    if (this.seen.has(part) && !this.problems.free)
      this.problems.error('twice', place, `this block has a \`${part}\` already`, {
        help: 'take one of them away',
      });
    this.seen.set(part, place);
  }

  /** Where a part stands. */
  where(part: string): Place | undefined {
    return this.seen.get(part);
  }
}

/** What the blocks of a script are read with. */
export interface BlockContext {
  readonly problems: Problems;
  readonly includes: Includes;
  readonly handles: Handles;
  readonly numbers: TableNumbers;
  /** The next base chain's order of registration. */
  sequence: number;
}

/** The chain whose block is read. */
export interface Declared {
  readonly chain: Chain;
  readonly table: Table;
  /** It was not there before. */
  readonly fresh: boolean;
}

/** The statements of a chain's block: its hook, its policy and its rules, which are appended. */
export function readChainBlock(
  group: GroupAtom,
  declared: Declared,
  scope: Scope,
  context: BlockContext,
): void {
  const { chain } = declared;
  checkEnd(group, context.problems);
  const once = new Once(context.problems);
  const devicesApart = group.body.some(([first]) => isWord(first, 'devices'));
  context.includes.walk(group.body, scope, (raw) => {
    const cursor = cursorOf(scope.expand(raw), raw, context.problems);
    if (cursor === undefined) return;
    // A match of iptables that begins a rule: see readRule.
    const listed = context.problems.ofIptables && cursor.peek(2) !== undefined;
    const word = cursor.word() === 'comment' && listed ? undefined : cursor.word();
    if (word === 'policy' || word === 'comment') once.see(word, raw[0] as Atom);
    if (word === 'type' || word === 'policy') readChainSpec(cursor, declared, context, devicesApart);
    else if (word === 'devices') addDevices(cursor, chain);
    else if (word === 'comment') {
      cursor.next();
      readComment(cursor);
      if (!cursor.done) cursor.fail('the end of the statement');
    } else if (cursor.word() === 'flags' && cursor.word(1) === 'offload') return;
    else {
      const read = readRule(cursor);
      if (read === undefined) return;
      const rule = declared.table.translated === true ? asTranslated(read, declared.table) : read;
      appendRule(chain, rule);
      context.handles.made(declared.table, 'rule', rule);
    }
  });
  const policy = once.where('policy');
  // Where the hook itself is wrong, that has been said.
  if (
    policy !== undefined &&
    chain.hook === undefined &&
    !group.body.some(([first]) => isWord(first, 'type'))
  )
    context.problems.error('no-hook', policy, 'a chain without a hook has no policy', {
      expected: '`type filter hook … priority …` in this chain',
    });
}

/** A cursor over a statement's atoms; undefined where variables left none. */
export function cursorOf(
  atoms: readonly Atom[],
  raw: readonly Atom[],
  problems: Problems,
): Cursor | undefined {
  const [first, last] = [raw[0], raw[raw.length - 1]];
  if (first === undefined || last === undefined || atoms.length === 0) return undefined;
  return new Cursor(atoms, problems, { start: first.start, end: last.end });
}

/** `type filter hook input priority filter`, or `policy drop`: one of a statement, but in what JSON says. */
function readChainSpec(
  cursor: Cursor,
  { chain, table, fresh }: Declared,
  context: BlockContext,
  devicesApart: boolean,
): void {
  do {
    if (cursor.take('policy') !== undefined) {
      const policy = cursor.take('accept', 'drop') ?? variablePolicy(cursor);
      if (policy === undefined) cursor.fail('`accept` or `drop`');
      else chain.policy = policy as 'accept' | 'drop';
    } else {
      const hook = readHook(cursor, table, devicesApart);
      if (hook === undefined) return;
      if (!fresh && !sameHook(chain.hook, hook)) {
        context.problems.error(
          'exists',
          hook,
          `the chain \`${chain.name}\` is there already, at another place`,
          {
            expected: 'the same type, hook and priority',
          },
        );
        return;
      }
      if (chain.hook === undefined) chain.sequence = context.sequence++;
      chain.hook = withDevices(hook, chain.hook?.devices ?? []);
      if (!devicesApart) leaveDevicesOpen(chain, hook, context.problems);
    }
  } while (!cursor.done && context.problems.free);
  if (!cursor.done) cursor.fail('the end of the statement');
}

/**
 * A listing may have an ingress chain without devices: kernels from 6.14 on keep a chain whose devices are gone
 * (net/netfilter/nft_chain_filter.c, nft_netdev_event). It sees nothing then, but a listing may have lost more than that.
 */
function leaveDevicesOpen(chain: Chain, hook: Hook, problems: Problems): void {
  const isOfDevices = hook.hook === 'ingress' || hook.hook === 'egress';
  if (!isOfDevices || hook.devices.length > 0 || problems.free) return;
  const place = { start: hook.start, end: hook.end };
  problems.cover(
    'approximated',
    hook,
    `the listing does not say on which devices \`${chain.name}\` is: it may see a packet or not`,
  );
  appendRule(chain, {
    statements: [
      { kind: 'uncertain', text: `the devices of ${chain.name}`, ...place },
      { kind: 'verdict', verdict: { kind: 'accept', ...place }, ...place },
    ],
    ...place,
  });
}

/** `policy $p`: a variable has it as a text (src/parser_bison.y of nftables, policy_expr). */
function variablePolicy(cursor: Cursor): string | undefined {
  const atom = cursor.peek();
  if (atom?.kind !== 'quoted' || atom.variable !== true || !/^(?:accept|drop)$/.test(atom.text))
    return undefined;
  cursor.next();
  return atom.text;
}

/** More devices for a chain that has a hook, the one of this block or of before. */
function addDevices(cursor: Cursor, chain: Chain): void {
  if (chain.hook === undefined) {
    cursor.fail('a hook of this chain before its devices');
    return;
  }
  const devices = readDeviceLine(cursor);
  if (devices !== undefined) chain.hook = withDevices(chain.hook, devices);
}

/** A chain that is there already keeps its devices (net/netfilter/nf_tables_api.c, nf_tables_updchain, from Linux 6.4 on). */
function withDevices(hook: Hook, more: readonly string[]): Hook {
  return { ...hook, devices: [...new Set([...more, ...hook.devices])] };
}

/** Where a base chain is cannot be changed (net/netfilter/nf_tables_api.c, nf_tables_updchain). */
function sameHook(was: Chain['hook'], now: NonNullable<Chain['hook']>): boolean {
  return was?.type === now.type && was.hook === now.hook && was.priority === now.priority;
}

/** The last atom of a statement that is a block. */
export function blockOf(atoms: readonly Atom[]): GroupAtom | undefined {
  const last = atoms[atoms.length - 1];
  return last?.kind === 'group' ? last : undefined;
}

/** The handle that a listing has behind a block's opening brace. */
export function handleOf(block: Atom | undefined): Handled {
  const first = block?.kind === 'group' && !('made' in block) ? block.body[0] : undefined;
  return first?.length === 1 && first[0]?.kind === 'handle' ? { handle: Number(first[0].text) } : {};
}

/** An empty table. */
export function newTable(family: Table['family'], name: string, place: Place & Handled): Table {
  return {
    ...(place.handle !== undefined && { handle: place.handle }),
    family,
    name,
    dormant: false,
    chains: new Map(),
    sets: new Map(),
    flowtables: new Map(),
    objects: new Map(),
    start: place.start,
    end: place.end,
  };
}

/** An empty chain. */
export function newChain(name: string, place: Place & Handled): Chain {
  return {
    ...(place.handle !== undefined && { handle: place.handle }),
    name,
    hook: undefined,
    policy: 'accept',
    sequence: 0,
    rules: [],
    start: place.start,
    end: place.end,
  };
}
