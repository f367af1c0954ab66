import type { Atom, GroupAtom } from '../../../../grammars/nft/atoms.ts';
import { readLimit, readQuota } from './amounts.ts';
import { readTime } from '../types/time.ts';
import { type Cursor, numberOf } from './cursor.ts';
import { isReserved } from './keywords.ts';

/** Reads one part of an object's body; false where it is none. */
export interface PartReader {
  (cursor: Cursor): boolean;
  /** What must come before the body's end. */
  missing?: () => string | undefined;
  /** The last part ends here, and needs an end of its own. */
  needsEnd?: (at: number) => boolean;
}

const FAMILIES = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

const STATES: Readonly<Record<string, readonly string[]>> = {
  tcp: 'syn_sent syn_recv established fin_wait close_wait last_ack time_wait close syn_sent2 retrans unack'.split(
    ' ',
  ),
  udp: ['unreplied', 'replied'],
};

function helper(cursor: Cursor): boolean {
  if (cursor.take('type') !== undefined) {
    if (cursor.peek()?.kind === 'quoted') cursor.next();
    else cursor.fail('the name of a helper in quotation marks');
    return protocol(cursor);
  }
  return layer(cursor);
}

function protocol(cursor: Cursor): boolean {
  if (cursor.take('protocol') === undefined || cursor.take('tcp', 'udp') === undefined)
    cursor.fail('`protocol tcp` or `protocol udp`');
  return true;
}

function layer(cursor: Cursor): boolean {
  if (cursor.take('l3proto') === undefined) return false;
  if (cursor.take(...FAMILIES) === undefined) cursor.fail('`ip`, `ip6` or `inet`');
  return true;
}

function expectation(cursor: Cursor): boolean {
  if (cursor.word() === 'protocol') return protocol(cursor);
  const word = cursor.take('dport', 'timeout', 'size');
  if (word === undefined) return layer(cursor);
  if (word === 'timeout') readTime(cursor);
  else if ((cursor.number('a number') & (word === 'dport' ? 0xffffn : 0xffn)) === 0n) {
    // nft keeps the last bits of a number, and none of them is none (src/netlink.c of nftables).
    cursor.back();
    cursor.fail(word === 'dport' ? 'a port from 1 to 65535' : 'a number from 1 to 255');
  }
  return true;
}

/** `protocol tcp`, `l3proto ip`, `policy = { established : 100 }` */
function timeout(): PartReader {
  let of: string | undefined;
  return (cursor) => {
    if (cursor.word() === 'protocol') {
      of = cursor.word(1);
      return protocol(cursor);
    }
    if (cursor.take('policy') === undefined) return layer(cursor);
    if (cursor.takeSign('=') === undefined) cursor.fail('`=`');
    const group = cursor.next();
    if (group?.kind === 'group') readStates(group, of ?? 'tcp', cursor);
    else cursor.fail('`{` and states of a connection');
    return true;
  };
}

function readStates(group: GroupAtom, of: string, outer: Cursor): void {
  const atoms: readonly Atom[] = group.body.flat();
  const states = STATES[of] ?? [];
  const inner = outer.within(atoms, group);
  while (!inner.done) {
    if (inner.take(...states) === undefined) inner.fail(`a state of ${of}: ${states.join(', ')}`);
    if (inner.takeSign(':') === undefined) inner.fail('`:`');
    // Newer versions of nft take times with units.
    if (numberOf(inner.word()) === undefined) readTime(inner);
    else inner.count();
    if (inner.done) break;
    if (inner.takeSign(',') === undefined) inner.fail('`,` or `}`');
    else if (inner.done) inner.fail('a state and its time');
  }
  const text = outer.problems.free ? '' : outer.problems.textAt(group).replaceAll(/#[^\n]*|\\\r?\n/g, '');
  if (/[;\n]/.test(text)) outer.fail('states on one line, and no `;` between them');
  if (atoms.length === 0) outer.fail('a state and its time in the braces');
  if (inner.failed) outer.failed = true;
}

/** What reads the parts of each kind's body; made anew for each body, as a part may depend on one before it. */
const PARTS: Readonly<Record<string, () => PartReader>> = {
  'ct helper': () => helper,
  'ct timeout': timeout,
  'ct expectation': () => expectation,
  counter: () => (cursor) => {
    if (cursor.take('packets') === undefined) return false;
    cursor.count();
    if (cursor.take('bytes') === undefined) cursor.fail('`bytes`');
    cursor.count();
    return true;
  },
  quota: () => (cursor) => {
    const over = cursor.take('over', 'until');
    if (over === undefined && !/^\d/.test(cursor.word() ?? '')) return false;
    // nft takes several, and the last one counts.
    do {
      readQuota(cursor);
    } while (!cursor.done && (cursor.take('over', 'until') !== undefined || /^\d/.test(cursor.word() ?? '')));
    return true;
  },
  limit: () => (cursor) => {
    if (cursor.take('rate') === undefined) return false;
    cursor.take('over');
    readLimit(cursor, 0n);
    return true;
  },
  synproxy: synproxyConfig,
  secmark: () => (cursor) => {
    const atom = cursor.peek();
    if (atom?.kind !== 'quoted' && (atom?.kind !== 'word' || isReserved(atom.text))) return false;
    cursor.next();
    return true;
  },
};

/** What makes a reader of the parts that bodies of the kind have; undefined where the kind is not known. */
export function partsOf(kind: string): (() => PartReader) | undefined {
  return Object.hasOwn(PARTS, kind) ? PARTS[kind] : undefined;
}

/**
 * `mss 1460 wscale 7 timestamp sack-perm` in this order. Where the first ends its line the second does too, and what follows
 * one end of a statement, not two, belongs to it (src/parser_bison.y of nftables, synproxy_config).
 */
function synproxyConfig(): PartReader {
  let next: 'mss' | 'wscale' | 'options' = 'mss';
  let behind = 0;
  const number = (cursor: Cursor, then: typeof next): void => {
    cursor.count();
    next = then;
    behind = cursor.end;
  };
  const options = (cursor: Cursor): boolean => {
    next = 'mss';
    const timestamp = cursor.take('timestamp') !== undefined;
    return cursor.take('sack-perm', 'sack-permitted') !== undefined || timestamp;
  };
  const read: PartReader = (cursor) => {
    if (next === 'options') {
      // The options follow one end of a statement, not two.
      if (separators(behind, cursor) === 1 && options(cursor)) return true;
      next = 'mss';
      if (cursor.word() === 'comment') return true;
    }
    if (next === 'mss') {
      if (cursor.take('mss', 'maxseg') === undefined) return false;
      number(cursor, 'wscale');
      if (cursor.done) return true;
    }
    const between = separators(behind, cursor);
    if (between > 1 || cursor.take('wscale') === undefined) cursor.fail('`wscale`');
    number(cursor, 'options');
    if (between === 0) options(cursor);
    else if (!cursor.done) cursor.fail('the end of the statement');
    return true;
  };
  read.missing = () => (next === 'wscale' ? 'wscale' : undefined);
  read.needsEnd = (at) => next === 'options' && at === behind;
  return read;
}

/** How many ends of statements stand between a place and what comes next. */
function separators(from: number, cursor: Cursor): number {
  const between = cursor.problems.textAt({ start: from, end: cursor.start }).replaceAll(/#.*|\\\r?\n/g, '');
  return between.match(/[\n;]/g)?.length ?? 0;
}
