import type { Selector } from '../ast/ast.ts';
import type { Cursor } from './cursor.ts';
import { fieldsOf } from '../types/types.ts';

/** Expressions that read what a packet's description has no field for (`nft(8)`, PRIMARY EXPRESSIONS). */

const RT = new Set(['classid', 'nexthop', 'mtu', 'ipsec']);

type Inner = (cursor: Cursor, depth: number) => Selector | undefined;

/** What begins with `rt`, `socket`, `osf`, `ipsec`, `tunnel`, or is made by a generator; its first word is read. */
export function readOther(cursor: Cursor, word: string, start: number, inner: Inner): Selector | undefined {
  const mark = cursor.mark;
  const made = (words?: string, stateful = false): Selector | undefined =>
    cursor.failed ? undefined : { kind: 'other', stateful, ...(words && { words }), start, end: cursor.end };
  switch (word) {
    case 'rt':
      return readRoute(cursor, start);
    case 'socket':
      return made(
        readSocket(cursor) ? `${word} ${cursor.textSince(mark)}` : undefined,
        cursor.textSince(mark) === UNKNOWN_LEVEL,
      );
    case 'osf':
      if (cursor.take('ttl') !== undefined && cursor.take('loose', 'skip') === undefined)
        return cursor.fail('`loose` or `skip`');
      if (cursor.take('name', 'version') === undefined) return cursor.fail('`name` or `version`');
      return made('osf');
    case 'ipsec':
      // Without a direction it is the key of `meta`.
      if (cursor.keyword() !== 'in' && cursor.word() !== 'out')
        return { kind: 'meta', key: word, start, end: cursor.end };
      return made(readIpsec(cursor));
    case 'tunnel':
      cursor.name('a key of `tunnel`');
      return made();
    case 'numgen':
    case 'jhash':
    case 'symhash':
      return readGenerator(cursor, word, start, inner);
    default:
      cursor.back();
      return cursor.fail('a statement or an expression of nft(8)');
  }
}

/** `rt nexthop`, `rt ip6 nexthop`; other keys are fields of the routing header of IPv6. */
function readRoute(cursor: Cursor, start: number): Selector | undefined {
  const family = cursor.take('ip', 'ip6');
  const key = cursor.keyword();
  const fields = family === undefined ? fieldsOf('rt') : [];
  if (key === undefined || (!RT.has(key) && !fields.includes(key)))
    return cursor.fail(`a key of \`rt\`: ${[...RT, ...fields].join(', ')}`);
  cursor.next();
  if (!RT.has(key)) return { kind: 'exthdr', header: 'rt', field: key, start, end: cursor.end };
  const words = key === 'nexthop' && family !== undefined ? `rt ${family} nexthop` : `rt ${key}`;
  return { kind: 'other', stateful: false, words, start, end: cursor.end };
}

/** A level that nft does not know, as in its JSON: two such need not be one. */
const UNKNOWN_LEVEL = 'cgroupv2 level 0';

function readSocket(cursor: Cursor): boolean {
  if (cursor.take('transparent', 'mark', 'wildcard') !== undefined) return true;
  if (cursor.take('cgroupv2') === undefined) cursor.fail('`transparent`, `mark`, `wildcard` or `cgroupv2`');
  else if (cursor.take('level') === undefined) cursor.fail('`level`');
  else cursor.count();
  return !cursor.failed;
}

/** Policies in one packet that a state can be one of (net/netfilter/nft_xfrm.c, XFRM_MAX_DEPTH). */
const DEEPEST = 6n;

/** `in reqid`, `out spnum 1 ip6 daddr`. Returns the words that its type is known by. */
function readIpsec(cursor: Cursor): string | undefined {
  const way = cursor.take('in', 'out') ?? 'in';
  if (cursor.take('spnum') !== undefined && cursor.number('a number') >= DEEPEST) {
    cursor.back();
    return cursor.fail(`a number from 0 to ${DEEPEST - 1n}`);
  }
  const family = cursor.take('ip', 'ip6');
  const key = family === undefined ? cursor.take('reqid', 'spi') : cursor.take('saddr', 'daddr');
  if (key === undefined) return cursor.fail('`reqid`, `spi`, or `ip` or `ip6` and `saddr` or `daddr`');
  return family === undefined ? `ipsec ${way} ${key}` : `ipsec ${way} ${family} ${key}`;
}

/** `numgen inc mod 2 offset 1`, `jhash ip saddr mod 2`, `symhash mod 2`. */
function readGenerator(cursor: Cursor, word: string, start: number, inner: Inner): Selector | undefined {
  if (word === 'numgen' && cursor.take('inc', 'random') === undefined)
    return cursor.fail('`inc` or `random`');
  const of: Selector[] = [];
  if (word === 'jhash')
    do {
      const part = inner(cursor, 0);
      if (part === undefined) return undefined;
      of.push(part);
    } while (cursor.takeSign('.') !== undefined);
  if (cursor.take('mod') === undefined) return cursor.fail('`mod`');
  const modulus = cursor.number('a number from 1 on');
  if (modulus === 0n && !cursor.failed) {
    cursor.back();
    return cursor.fail('a number from 1 on');
  }
  if (word === 'jhash' && cursor.take('seed') !== undefined) cursor.count();
  // nft keeps 32 bits of it.
  const offset = cursor.take('offset') === undefined ? 0n : cursor.number('a number') & 0xffff_ffffn;
  if (cursor.failed) return undefined;
  const most = modulus + offset - 1n;
  const stateful = word === 'numgen' && modulus > 1n;
  // The kernel keeps them in 32 bits; one value alone nft does not look at.
  if (most > 0xffff_ffffn || modulus > 0xffff_ffffn)
    return cursor.fail('a modulus and an offset that are less than 2^32 together');
  // A hash is made of fields, which a packet may lack; of one number alone it is that one (net/netfilter/nft_numgen.c, nft_hash.c).
  const always = word === 'jhash' && modulus > 1n ? undefined : { from: offset, to: most };
  const made = { ...(most > 0n && { most }), ...(of.length > 0 && { of }), ...(always && { always }) };
  return { kind: 'other', stateful, ...made, start, end: cursor.end };
}
