import type { Atom, GroupAtom } from '../../../grammars/nft/atoms.ts';
import type { Chain, Handled, Hook, Place, Table } from './ast.ts';
import { checkEnd } from './block-end.ts';
import { readRule } from './build-statement.ts';
import { Cursor } from './cursor.ts';
import type { Includes } from './includes.ts';
import type { Problems } from './problems.ts';
import { readComment } from './statement-reader.ts';
import type { Scope } from './variables.ts';

/** Named priorities (`nft(8)`, CHAINS); bridge has its own. */
const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};
const BRIDGE_PRIORITIES: Readonly<Record<string, number>> = {
  dstnat: -300,
  filter: -200,
  out: 100,
  srcnat: 300,
};

const HOOKS: Readonly<Record<string, readonly string[]>> = {
  ip: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  ip6: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  inet: ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting'],
  arp: ['input', 'output'],
  bridge: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  netdev: ['ingress', 'egress'],
};

/** What the blocks of a script are read with. */
export interface BlockContext {
  readonly problems: Problems;
  readonly includes: Includes;
  /** The next base chain's order of registration. */
  sequence: number;
}

/** The statements of a chain's block: its hook, its policy and its rules, which are appended. */
export function readChainBlock(
  group: GroupAtom,
  chain: Chain,
  table: Table,
  scope: Scope,
  context: BlockContext,
): void {
  checkEnd(group, context.problems);
  context.includes.walk(group.body, scope, (raw) => {
    const cursor = cursorOf(scope.expand(raw), raw, context.problems);
    if (cursor === undefined) return;
    if (cursor.word() === 'type' || cursor.word() === 'policy' || cursor.word() === 'devices')
      readChainSpec(cursor, chain, table, context);
    else if (cursor.take('comment') !== undefined) {
      readComment(cursor);
      if (!cursor.done) cursor.fail('the end of the statement');
    } else if (cursor.word() === 'flags' && cursor.word(1) === 'offload') return;
    else {
      const rule = readRule(cursor);
      if (rule !== undefined) chain.rules.push(rule);
    }
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

/** `type filter hook input priority filter; policy drop;` */
function readChainSpec(cursor: Cursor, chain: Chain, table: Table, context: BlockContext): void {
  while (!cursor.done) {
    if (cursor.take('policy') !== undefined) {
      const policy = cursor.take('accept', 'drop');
      if (policy === undefined) cursor.fail('`accept` or `drop`');
      else chain.policy = policy as 'accept' | 'drop';
    } else {
      const hook = readHook(cursor, table);
      if (hook === undefined) return;
      if (chain.hook === undefined) chain.sequence = context.sequence++;
      chain.hook = hook;
    }
  }
}

function readHook(cursor: Cursor, table: Table): Hook | undefined {
  const start = cursor.start;
  if (cursor.take('type') === undefined) return cursor.fail('`type` or `policy`');
  const type = cursor.take('filter', 'nat', 'route');
  if (type === undefined) return cursor.fail('`filter`, `nat` or `route`');
  if (cursor.take('hook') === undefined) return cursor.fail('`hook`');
  const hook = cursor.take(...(HOOKS[table.family] as readonly string[]));
  if (hook === undefined) return cursor.fail(`a hook of ${table.family}: ${HOOKS[table.family]?.join(', ')}`);
  const devices: string[] = [];
  if (cursor.take('device', 'devices') !== undefined) {
    cursor.takeSign('=');
    readDevices(cursor, devices);
  }
  if (cursor.take('priority') === undefined) return cursor.fail('`priority`');
  const priority = readPriority(cursor, table);
  if (priority === undefined) return undefined;
  return { type: type as Hook['type'], hook, priority, devices, start, end: cursor.end };
}

function readDevices(cursor: Cursor, devices: string[]): void {
  const atom = cursor.next();
  if (atom?.kind === 'word' || atom?.kind === 'quoted') devices.push(atom.text);
  else if (atom?.kind === 'group') {
    for (const inner of atom.body.flat())
      if (inner.kind === 'word' || inner.kind === 'quoted') devices.push(inner.text);
      else if (inner.kind === 'group') {
        const more = new Cursor([inner], cursor.problems, inner);
        readDevices(more, devices);
      }
  } else cursor.fail('the name of a device');
}

/** `filter`, `filter - 5`, `-150`, `dstnat+10`. */
export function readPriority(cursor: Cursor, table: Table): number | undefined {
  cursor.takeSign('=');
  const named = table.family === 'bridge' ? BRIDGE_PRIORITIES : PRIORITIES;
  const negative = cursor.takeSign('-', '+') === '-';
  const word = cursor.word();
  const found = /^([a-z]+)(-\d+)?$/.exec(word ?? '');
  const base = found?.[1] !== undefined && Object.hasOwn(named, found[1]) ? named[found[1]] : numberOf(word);
  if (base === undefined) return cursor.fail(`a number, or one of ${Object.keys(named).join(', ')}`);
  cursor.next();
  let priority = (negative ? -base : base) + Number(found?.[2] ?? 0);
  const sign = cursor.takeSign('+', '-');
  if (sign !== undefined) {
    const offset = numberOf(cursor.word());
    if (offset === undefined) return cursor.fail('a number');
    cursor.next();
    priority += sign === '-' ? -offset : offset;
  }
  return priority;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
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
