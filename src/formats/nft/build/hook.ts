import type { Family, Hook, Table } from '../ast/ast.ts';
import { Cursor, numberOf } from './cursor.ts';
import { isReserved } from './keywords.ts';

const HOOKS: Readonly<Record<string, readonly string[]>> = {
  ip: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  ip6: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  inet: ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting'],
  arp: ['input', 'output'],
  bridge: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  netdev: ['ingress', 'egress'],
};

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

/**
 * `type filter hook input device "eth0" priority filter`
 * @param apart the devices stand in a statement of their own
 */
export function readHook(cursor: Cursor, table: Table, apart = false): Hook | undefined {
  const start = cursor.start;
  if (cursor.take('type') === undefined) return cursor.fail('`type` or `policy`');
  const type = cursor.take('filter', 'nat', 'route');
  if (type === undefined) return cursor.fail('`filter`, `nat` or `route`');
  if (cursor.take('hook') === undefined) return cursor.fail('`hook`');
  const hook = cursor.take(...(HOOKS[table.family] as readonly string[]));
  if (hook === undefined) return cursor.fail(`a hook of ${table.family}: ${HOOKS[table.family]?.join(', ')}`);
  const devices: string[] = [];
  const word = cursor.take('device', 'devices');
  if (word !== undefined) {
    if (hook !== 'ingress' && hook !== 'egress')
      return cursor.fail('`priority`: only ingress and egress have devices');
    if (word === 'devices') {
      takeEquals(cursor);
      readDevices(cursor, devices);
    } else readDevice(cursor, devices);
  }
  const needs = hook === 'ingress' || hook === 'egress';
  const { free, listing } = cursor.problems;
  if (needs && devices.length === 0 && !apart && !cursor.failed && !free && !listing)
    return cursor.fail('`device` and the name of one');
  if (cursor.take('priority') === undefined) return cursor.fail('`priority`');
  const priority = readPriority(cursor, table.family, hook);
  if (priority === undefined) return undefined;
  return { type: type as Hook['type'], hook, priority, devices, start, end: cursor.end };
}

/** `devices` has a list behind `=`, and `device` one name without (src/parser_bison.y of nftables, dev_spec). */
function takeEquals(cursor: Cursor): void {
  const { free } = cursor.problems;
  if (cursor.takeSign('=') === undefined && !free) cursor.fail('`=` and devices in braces');
  if (cursor.keyword() !== undefined && !free) cursor.fail('devices in braces');
}

/** A device's name has at most so many bytes (include/uapi/linux/if.h, IFNAMSIZ, with the end of the text). */
const LONGEST_DEVICE = 15;

/** `devices = { eth0, eth1 }` in a block, from nft 1.0.8 on; undefined where something else stands there. */
export function readDeviceLine(cursor: Cursor): readonly string[] | undefined {
  const devices: string[] = [];
  if (cursor.take('devices') === undefined) return cursor.fail('`devices =`');
  takeEquals(cursor);
  readDevices(cursor, devices);
  if (!cursor.done) cursor.fail('the end of the statement');
  return cursor.failed ? undefined : devices;
}

/** Several devices in braces, each once; one by itself where a variable holds it, or in JSON. */
function readDevices(cursor: Cursor, devices: string[]): void {
  const group = cursor.peek();
  if (group?.kind !== 'group') {
    readDevice(cursor, devices);
    return;
  }
  if (!cursor.problems.free && cursor.holds(group) && !isDeviceList(cursor.problems.textAt(group)))
    cursor.fail('devices joined by `,` on one line');
  cursor.next();
  for (const inner of group.body.flat())
    if (inner.kind !== 'sign') {
      const more = new Cursor([inner], cursor.problems, inner);
      readDevice(more, devices);
      if (more.failed) cursor.failed = true;
    }
}

/** `{ eth0, eth1, }`: a line can end behind a comma, but the next begins with one (src/parser_bison.y, flowtable_list_expr). */
function isDeviceList(text: string): boolean {
  const shape = text
    .replaceAll(/#[^\n]*|\\\r?\n/g, ' ')
    .replaceAll(/"[^"\n]*"|\$?[\w./*\\][\w./*\\-]*/g, 'x')
    .replaceAll(/[ \t\r\f]+/g, '');
  return /^\{x(?:,x|,\n?)*\}$/.test(shape);
}

/** The name of one device. */
function readDevice(cursor: Cursor, devices: string[]): void {
  const atom = cursor.peek();
  const { free } = cursor.problems;
  if (atom?.kind !== 'word' && atom?.kind !== 'quoted') cursor.fail('the name of a device');
  else if (atom.text.length > LONGEST_DEVICE) cursor.fail(`a name of at most ${LONGEST_DEVICE} characters`);
  else if (atom.kind === 'word' && !free && (isReserved(atom.text) || numberOf(atom.text) !== undefined))
    cursor.fail('the name of a device, or this one in quotation marks');
  else if (devices.includes(atom.text) && !free) cursor.fail('each device once');
  else if (cursor.next() !== undefined) devices.push(atom.text);
}

/** Where the names of translation stand; newer versions take them at the other hook of the same translation too. */
const AT: Readonly<Record<string, readonly string[]>> = {
  dstnat: ['prerouting', 'output'],
  srcnat: ['postrouting', 'input'],
  out: ['output'],
};

/**
 * `filter`, `filter - 5`, `-150`; a variable can have one as a text (src/parser_bison.y of nftables,
 * extended_prio_spec; src/rule.c, std_prio_lookup).
 */
export function readPriority(cursor: Cursor, family: Family, hook: string): number | undefined {
  const atom = cursor.peek();
  if (atom?.kind === 'quoted' && (atom.variable === true || cursor.problems.free))
    return readText(atom.text, cursor, family, hook);
  const negative = cursor.takeSign('-') !== undefined;
  const number = numberOf(cursor.word());
  if (number !== undefined) {
    cursor.next();
    return kept(negative ? -number : number);
  }
  const base = negative ? undefined : named(cursor.word() ?? '', family, hook);
  if (base === undefined) return cursor.fail(`a number, or ${namesAt(family, hook)}`);
  cursor.next();
  if (atom?.kind === 'word' && atom.variable === true) return base;
  const sign = cursor.takeSign('+', '-');
  if (sign === undefined) return base;
  const offset = cursor.number('a number');
  return kept(BigInt(base) + (sign === '-' ? -offset : offset));
}

function namesOf(family: Family): Readonly<Record<string, number>> {
  if (family === 'bridge') return BRIDGE_PRIORITIES;
  return family === 'arp' || family === 'netdev' ? { filter: 0 } : PRIORITIES;
}

/** The names that a hook has, as messages have them. */
function namesAt(family: Family, hook: string): string {
  const names = Object.keys(namesOf(family)).filter((name) => named(name, family, hook) !== undefined);
  return names.length === 1 ? `\`${names[0]}\`` : `one of ${names.join(', ')}`;
}

function named(word: string, family: Family, hook: string): number | undefined {
  const names = namesOf(family);
  const at = Object.hasOwn(AT, word) ? AT[word] : undefined;
  if (!Object.hasOwn(names, word) || (at !== undefined && !at.includes(hook))) return undefined;
  return names[word];
}

function readText(text: string, cursor: Cursor, family: Family, hook: string): number | undefined {
  const found = /^(?:(-?\d+)|([a-z]+)(?: +([+-]) *(\d+))?)$/.exec(text);
  const base = found?.[1] ?? named(found?.[2] ?? '', family, hook);
  if (found === null || base === undefined) return cursor.fail('a priority such as `filter - 5`');
  cursor.next();
  const offset = BigInt(found[4] ?? 0);
  return kept(BigInt(base) + (found[3] === '-' ? -offset : offset));
}

/** Priorities have 32 bits with a sign; nft keeps those of a greater number. */
const kept = (priority: bigint): number => Number(BigInt.asIntN(32, priority));
