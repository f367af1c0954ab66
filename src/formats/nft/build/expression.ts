import type { Selector } from '../ast/ast.ts';
import { readOther } from './other.ts';
import { PAYLOADS, readPayload } from './payload.ts';
import type { Cursor } from './cursor.ts';
import { expressionType, fieldsOf } from '../types/types.ts';

const EXTHDRS = new Set(['hbh', 'rt0', 'rt2', 'rt4', 'srh', 'frag', 'dst', 'mh']);
/** Those that `exthdr` can ask for (src/parser_bison.y of nftables, exthdr_key). */
const EXISTING = ['hbh', 'rt', 'frag', 'dst', 'mh'];
const META = new Set(
  (
    'length nfproto l4proto protocol priority random mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace ' +
    'rtclassid ibriport obriport ibridgename obridgename ibrname obrname pkttype cpu iifgroup oifgroup cgroup secpath ipsec ' +
    'iifkind oifkind ibrpvid ibrvproto ibrhwaddr time day hour secmark sdif sdifname broute'
  ).split(' '),
);
/** Keys that stand without `meta` (`nft(8)`, META EXPRESSIONS). */
const BARE_META = new Set(
  (
    'mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid ibriport obriport ibridgename ' +
    'obridgename ibrname obrname pkttype cpu iifgroup oifgroup cgroup time day hour'
  ).split(' '),
);
/** Keys of `ct` without a direction; `event` and `secmark` can only be set (`nft(8)`, CONNTRACK EXPRESSIONS). */
const CT_KEYS = new Set(
  'state direction status mark expiration helper label l3proto protocol bytes packets avgpkt zone id event secmark saddr daddr'.split(
    ' ',
  ),
);
const CT_DIRECTED = new Set(
  'saddr daddr l3proto protocol proto-src proto-dst bytes packets avgpkt zone'.split(' '),
);
const OTHERS = new Set('meta ct fib exthdr rt socket osf ipsec numgen jhash symhash tunnel'.split(' '));

/** Whether an expression begins here, or so many atoms further on, and no value. */
export function beginsExpression(cursor: Cursor, ahead = 0): boolean {
  const word = cursor.keyword(ahead);
  if (word === undefined) return cursor.sign(ahead) === '@' && cursor.sign(ahead + 2) === ',';
  if (BARE_META.has(word)) return true;
  const next = cursor.keyword(ahead + 1);
  if (cursor.problems.listing && PAYLOADS.has(word)) return isFieldOf(word, next);
  return next !== undefined && (PAYLOADS.has(word) || EXTHDRS.has(word) || OTHERS.has(word));
}

/** nft lists `ip protocol set icmp accept`, which it does not read itself: there stands a protocol, and no header with a field. */
function isFieldOf(header: string, next: string | undefined): boolean {
  const fields = fieldsOf(header);
  if (next === undefined || fields.length === 0) return next !== undefined;
  return PAYLOADS.has(next) || fields.some((field) => field.split(' ')[0] === next);
}

/** One expression, without operators (`nft(8)`, PRIMARY EXPRESSIONS). @param inner reads what a hash is made of */
export function readExpression(
  cursor: Cursor,
  inner: (cursor: Cursor, depth: number) => Selector | undefined,
): Selector | undefined {
  const start = cursor.start;
  if (cursor.sign() === '@' && cursor.sign(2) === ',') return readRaw(cursor);
  const word = cursor.keyword();
  if (word === undefined) return cursor.fail('an expression');
  cursor.next();
  if (BARE_META.has(word)) return { kind: 'meta', key: word, start, end: cursor.end };
  if (PAYLOADS.has(word)) return readPayload(cursor, word, start);
  if (EXTHDRS.has(word)) return readExthdr(cursor, word, start);
  switch (word) {
    case 'meta':
      return readMeta(cursor, start);
    case 'ct':
      return readCt(cursor, start);
    case 'fib':
      return readFib(cursor, start);
    case 'exthdr': {
      const header = cursor.take(...EXISTING);
      if (header === undefined) return cursor.fail(`an extension header: ${EXISTING.join(', ')}`);
      return { kind: 'exthdr', header, start, end: cursor.end };
    }
    default:
      return readOther(cursor, word, start, inner);
  }
}

function readMeta(cursor: Cursor, start: number): Selector | undefined {
  const key = cursor.keyword();
  if (key === undefined || !META.has(key)) return cursor.fail('a key of `meta`, such as `iifname`');
  cursor.next();
  return { kind: 'meta', key, start, end: cursor.end };
}

/** `frag id`, `rt0 addr[1]` */
function readExthdr(cursor: Cursor, header: string, start: number): Selector | undefined {
  const field = cursor.name('a field of the extension header');
  if (field === undefined) return undefined;
  const place = { start, end: cursor.end };
  // nft knows the types of the first two (src/exthdr.c of nftables).
  if (expressionType(`${header} ${field}[1]`) !== undefined && cursor.takeSign('[') !== undefined) {
    if (![1n, 2n].includes(cursor.number('1 or 2'))) {
      cursor.back();
      return cursor.fail('1 or 2');
    }
    if (cursor.takeSign(']') === undefined) return cursor.fail('`]`');
    return { kind: 'exthdr', header, field: `${field}[1]`, ...place, end: cursor.end };
  }
  // So nft lists bits of a header where their number is not that of the field, as behind `vmap`.
  const listed = field === 'unknown' && cursor.problems.listing;
  if (!listed && fieldsOf(header).length > 0 && expressionType(`${header} ${field}`) === undefined) {
    cursor.back();
    return cursor.fail(`a field of \`${header}\`: ${fieldsOf(header).join(', ')}`);
  }
  return { kind: 'exthdr', header, field, ...place };
}

function readCt(cursor: Cursor, start: number): Selector | undefined {
  const direction = cursor.take('original', 'reply') as 'original' | 'reply' | undefined;
  const family = direction === undefined ? undefined : (cursor.take('ip', 'ip6') as 'ip' | 'ip6' | undefined);
  const key = cursor.keyword();
  const keys = direction === undefined ? CT_KEYS : family === undefined ? CT_DIRECTED : ['saddr', 'daddr'];
  if (key === undefined || ![...keys].includes(key))
    return cursor.fail(
      `a key of \`ct${direction === undefined ? '' : ` ${direction}`}\`: ${[...keys].join(', ')}`,
    );
  cursor.next();
  const more = { ...(direction && { direction }), ...(family && { family }) };
  return { kind: 'ct', key, ...more, start, end: cursor.end };
}

function readFib(cursor: Cursor, start: number): Selector | undefined {
  const flags: string[] = [];
  do {
    const flag = cursor.take('saddr', 'daddr', 'mark', 'iif', 'oif');
    if (flag === undefined) return cursor.fail('`saddr`, `daddr`, `mark`, `iif` or `oif`');
    flags.push(flag);
  } while (cursor.takeSign('.') !== undefined);
  const asked = cursor.take('oif', 'oifname', 'type', 'check');
  if (asked === undefined) return cursor.fail('`oif`, `oifname` or `type`');
  // From 1.1.4 on nft lists `oif missing` as `check missing` (nft(8), FIB EXPRESSIONS).
  const result = asked === 'check' ? 'oif' : asked;
  return { kind: 'fib', flags, result, start, end: cursor.end };
}

/** All registers of nftables have 512 bits, and an offset is 16 bits of bytes (net/netfilter/nft_payload.c). */
const MOST_BITS = 512n;
const FARTHEST = 0x1_0000n * 8n;

/** `@th,16,16` */
function readRaw(cursor: Cursor): Selector | undefined {
  const start = cursor.start;
  cursor.takeSign('@');
  const base = cursor.take('ll', 'nh', 'th', 'ih');
  if (base === undefined) return cursor.fail('`ll`, `nh`, `th` or `ih`');
  const numbers: bigint[] = [];
  for (let part = 0; part < 2; part++) {
    if (cursor.takeSign(',') === undefined) return cursor.fail('`,`');
    // nft keeps 32 bits of each.
    numbers.push(BigInt.asUintN(32, cursor.number('a number')));
  }
  if (cursor.failed) return undefined;
  const [offset, bits] = numbers as [bigint, bigint];
  if (offset >= FARTHEST || bits + (offset % 8n) > MOST_BITS) {
    cursor.back();
    return cursor.fail(`at most ${MOST_BITS} bits, from less than ${FARTHEST} on`);
  }
  // Where ports are it reads ports (src/payload.c of nftables, payload_init_raw).
  const port = base === 'th' && bits === 16n && (offset === 0n || offset === 16n);
  const type = port ? { words: offset === 0n ? 'th sport' : 'th dport' } : { bits: Number(bits) };
  const raw = { base, offset: Number(offset), bits: Number(bits) };
  return { kind: 'other', stateful: false, ...type, raw, assignable: true, start, end: cursor.end };
}
