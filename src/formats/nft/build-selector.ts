import type { Selector, Value } from './ast.ts';
import { readOperand, readRight, takeOperator } from './build-value.ts';
import type { Cursor } from './cursor.ts';
import { expressionType, fieldsOf } from './types.ts';

const PAYLOADS = new Set(
  'ip ip6 tcp udp udplite sctp dccp icmp icmpv6 igmp ah esp comp th ether vlan arp gre vxlan geneve gretap'.split(
    ' ',
  ),
);
const EXTHDRS = new Set(['hbh', 'rt0', 'rt2', 'rt4', 'srh', 'frag', 'dst', 'mh']);
const META = new Set(
  (
    'length nfproto l4proto protocol priority random mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace ' +
    'rtclassid ibriport obriport ibridgename obridgename ibrname obrname pkttype cpu iifgroup oifgroup cgroup secpath ipsec ' +
    'iifkind oifkind ibrpvid ibrvproto time day hour secmark sdif sdifname broute'
  ).split(' '),
);
/** Keys that stand without `meta` (`nft(8)`, META EXPRESSIONS). */
const BARE_META = new Set(
  (
    'mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid ibriport obriport ibridgename ' +
    'obridgename ibrname obrname pkttype cpu iifgroup oifgroup cgroup time day hour'
  ).split(' '),
);
const RT = new Set(['classid', 'nexthop', 'mtu', 'ipsec']);
const CT_KEYS = new Set(
  (
    'state direction status mark expiration helper label l3proto saddr daddr protocol proto-src proto-dst bytes ' +
    'packets avgpkt zone id event secmark'
  ).split(' '),
);

/** A selector with its operators, concatenated ones, and a map behind it. */
export function readSelector(cursor: Cursor): Selector | undefined {
  const first = readBitwise(cursor, 0);
  if (first === undefined) return undefined;
  let selector: Selector = first;
  if (cursor.sign() === '.') {
    const of = [first];
    while (cursor.takeSign('.') !== undefined) {
      const more = readBitwise(cursor, 0);
      if (more === undefined) return undefined;
      of.push(more);
    }
    selector = { kind: 'concat', of, start: first.start, end: cursor.end };
  }
  if (cursor.take('map') === undefined) return selector;
  const data = readRight(cursor);
  return data && { kind: 'map', key: selector, data, start: selector.start, end: cursor.end };
}

function readBitwise(cursor: Cursor, depth: number): Selector | undefined {
  if (depth > 32) return cursor.fail('fewer brackets in brackets');
  let left = cursor.sign() === '(' ? readBracket(cursor, depth) : readOne(cursor);
  while (left !== undefined) {
    const op = takeOperator(cursor);
    if (op === undefined) return left;
    const right = readOperand(cursor, op);
    if (right === undefined) return undefined;
    left = { kind: 'binary', op, left, right, start: left.start, end: right.end };
  }
  return undefined;
}

function readBracket(cursor: Cursor, depth: number): Selector | undefined {
  cursor.takeSign('(');
  const inner = readBitwise(cursor, depth + 1);
  if (inner === undefined) return undefined;
  return cursor.takeSign(')') === undefined ? cursor.fail('`)`') : inner;
}

/** What a rule adds to a set: an expression, or several of which some may be constants. */
export function readDynamicKey(cursor: Cursor): Selector | undefined {
  const of: Selector[] = [];
  do {
    const part = beginsSelector(cursor) ? readBitwise(cursor, 0) : constant(readRight(cursor));
    if (part === undefined) return undefined;
    of.push(part);
  } while (cursor.takeSign('.') !== undefined);
  const [first] = of as [Selector];
  if (of.length > 1) return { kind: 'concat', of, start: first.start, end: cursor.end };
  return first.kind === 'value'
    ? cursor.fail('an expression, as what is added comes from the packet')
    : first;
}

function constant(value: Value | undefined): Selector | undefined {
  return value && { kind: 'value', value, start: value.start, end: value.end };
}

/** Whether a selector begins here, and no value. */
export function beginsSelector(cursor: Cursor): boolean {
  const word = cursor.word();
  if (word === undefined) return cursor.sign() === '@' && cursor.sign(2) === ',';
  if (BARE_META.has(word)) return true;
  const follows = cursor.word(1) !== undefined;
  return follows && (PAYLOADS.has(word) || EXTHDRS.has(word) || OTHERS.has(word));
}

const OTHERS = new Set('meta ct fib exthdr rt socket osf ipsec numgen jhash symhash tunnel'.split(' '));

function readOne(cursor: Cursor): Selector | undefined {
  const start = cursor.start;
  if (cursor.sign() === '@' && cursor.sign(2) === ',') return readRaw(cursor);
  const word = cursor.word();
  if (word === undefined) return cursor.fail('an expression');
  if (BARE_META.has(word)) {
    cursor.next();
    return { kind: 'meta', key: word, start, end: cursor.end };
  }
  cursor.next();
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
      const header = cursor.take(...EXTHDRS, 'rt');
      if (header === undefined) return cursor.fail(`an extension header: ${[...EXTHDRS, 'rt'].join(', ')}`);
      return { kind: 'exthdr', header, start, end: cursor.end };
    }
    default:
      return readOther(cursor, word, start);
  }
}

function readMeta(cursor: Cursor, start: number): Selector | undefined {
  const key = cursor.word();
  if (key === undefined || !META.has(key)) return cursor.fail('a key of `meta`, such as `iifname`');
  cursor.next();
  return { kind: 'meta', key, start, end: cursor.end };
}

function readPayload(cursor: Cursor, protocol: string, start: number): Selector | undefined {
  const options = protocol === 'sctp' ? 'chunk' : /^(?:tcp|ip|dccp)$/.test(protocol) ? 'option' : undefined;
  if (options !== undefined && cursor.word() === options) {
    cursor.next();
    if (cursor.sign() === '@') return readRaw(cursor, start);
    const mark = cursor.mark;
    const kinds = fieldsOf(`${protocol} ${options}`).map((field) => field.split(' ')[0] as string);
    const name = cursor.word() ?? '';
    if (
      protocol !== 'dccp' &&
      !kinds.includes(name) &&
      !(/^\d+$/.test(name) && Number(name) < 256 && protocol === 'tcp')
    )
      return cursor.fail(`an option: ${[...new Set(kinds)].join(', ')}`);
    cursor.next();
    const next = cursor.word();
    const whole =
      next === undefined || /^(?:exists|missing|set|map|vmap|and|or|eq|ne|[<>]|lt|gt|le|ge)$/.test(next);
    if (!whole && !/^\d/.test(next)) {
      const fields = fieldsOf(`${protocol} ${options} ${name}`);
      if (fields.length > 0 && !fields.includes(next)) return cursor.fail(`one of ${fields.join(', ')}`);
      cursor.next();
    }
    // A whole option is there or not, or a number of the type of its kind.
    const words = whole
      ? 'option'
      : `${protocol} ${protocol === 'sctp' ? 'chunk' : 'option'} ${cursor.textSince(mark)}`;
    return cursor.failed
      ? undefined
      : { kind: 'other', stateful: false, ...(words && { words }), start, end: cursor.end };
  }
  const field = cursor.word();
  if (field === undefined) return cursor.fail(`a field of \`${protocol}\``);
  cursor.next();
  // `vxlan ip saddr`, `gre tcp dport`: a header in the tunnel.
  if (/^(?:vxlan|geneve|gretap|gre)$/.test(protocol) && PAYLOADS.has(field)) {
    cursor.name('a field');
    return { kind: 'other', stateful: false, start, end: cursor.end };
  }
  if (protocol === 'arp' && (field === 'saddr' || field === 'daddr')) {
    const of = cursor.take('ip', 'ether');
    if (of === undefined) return cursor.fail('`ip` or `ether`');
    return { kind: 'payload', protocol, field: `${field} ${of}`, start, end: cursor.end };
  }
  if (fieldsOf(protocol).length > 0 && expressionType(`${protocol} ${field}`) === undefined) {
    cursor.back();
    return cursor.fail(`a field of \`${protocol}\`: ${fieldsOf(protocol).join(', ')}`);
  }
  return { kind: 'payload', protocol, field, start, end: cursor.end };
}

function readExthdr(cursor: Cursor, header: string, start: number): Selector | undefined {
  const field = cursor.name('a field of the extension header');
  if (
    field !== undefined &&
    fieldsOf(header).length > 0 &&
    expressionType(`${header} ${field}`) === undefined &&
    cursor.sign() !== '['
  ) {
    cursor.back();
    return cursor.fail(`a field of \`${header}\`: ${fieldsOf(header).join(', ')}`);
  }
  return field === undefined ? undefined : { kind: 'exthdr', header, field, start, end: cursor.end };
}

function readCt(cursor: Cursor, start: number): Selector | undefined {
  const direction = cursor.take('original', 'reply') as 'original' | 'reply' | undefined;
  const family = cursor.take('ip', 'ip6') as 'ip' | 'ip6' | undefined;
  const key = cursor.word();
  if (key === undefined || !CT_KEYS.has(key)) return cursor.fail('a key of `ct`, such as `state`');
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
  const result = cursor.take('oif', 'oifname', 'type');
  if (result === undefined) return cursor.fail('`oif`, `oifname` or `type`');
  return { kind: 'fib', flags, result, start, end: cursor.end };
}

/** `@th,16,16` */
function readRaw(cursor: Cursor, from?: number): Selector | undefined {
  const start = from ?? cursor.start;
  cursor.takeSign('@');
  if (cursor.take('ll', 'nh', 'th', 'ih') === undefined) return cursor.fail('`ll`, `nh`, `th` or `ih`');
  let bits = 0;
  for (let part = 0; part < 2; part++) {
    if (cursor.takeSign(',') === undefined) return cursor.fail('`,`');
    bits = Number(cursor.word());
    cursor.count();
  }
  return cursor.failed ? undefined : { kind: 'other', stateful: false, bits, start, end: cursor.end };
}

/** Expressions that read what a packet's description has no field for. */
function readOther(cursor: Cursor, word: string, start: number): Selector | undefined {
  const mark = cursor.mark;
  const made = (stateful: boolean, typed = false): Selector | undefined => {
    if (cursor.failed) return undefined;
    const words = typed ? { words: `${word} ${cursor.textSince(mark)}` } : {};
    return { kind: 'other', stateful, ...words, start, end: cursor.end };
  };
  switch (word) {
    case 'rt': {
      cursor.take('ip', 'ip6');
      const key = cursor.word();
      if (key === undefined || (!RT.has(key) && !fieldsOf('rt').includes(key)))
        return cursor.fail('a key of `rt`');
      cursor.next();
      if (!RT.has(key)) return { kind: 'exthdr', header: 'rt', field: key, start, end: cursor.end };
      return made(false, true);
    }
    case 'socket':
      if (cursor.take('transparent', 'mark', 'wildcard') !== undefined) return made(false, true);
      if (cursor.take('cgroupv2') === undefined)
        return cursor.fail('`transparent`, `mark`, `wildcard` or `cgroupv2`');
      if (cursor.take('level') !== undefined) cursor.next();
      return made(false, true);
    case 'osf':
      if (cursor.take('ttl') !== undefined) cursor.next();
      if (cursor.take('name', 'version') === undefined) return cursor.fail('`name` or `version`');
      return made(false);
    case 'ipsec':
      // Without a direction it is the key of `meta`.
      if (cursor.word() !== 'in' && cursor.word() !== 'out')
        return { kind: 'meta', key: word, start, end: cursor.end };
      if (cursor.take('in', 'out') === undefined) return cursor.fail('`in` or `out`');
      if (cursor.take('spnum') !== undefined) cursor.count();
      if (
        cursor.take('ip', 'ip6') === undefined ? !cursor.take('reqid', 'spi') : !cursor.take('saddr', 'daddr')
      )
        return cursor.fail('`reqid`, `spi`, or `ip` or `ip6` and `saddr` or `daddr`');
      return made(false);
    case 'tunnel':
      cursor.name('a key of `tunnel`');
      return made(false);
    case 'numgen':
    case 'jhash':
    case 'symhash':
      return readGenerator(cursor, word, start);
    default:
      cursor.failed = true;
      cursor.problems.error('nft-syntax', { start, end: cursor.end }, `unexpected \`${word}\` here`, {
        expected: 'a statement or an expression of nft(8)',
      });
      return undefined;
  }
}

/** `numgen inc mod 2 offset 1`, `jhash ip saddr mod 2`, `symhash mod 2`. */
function readGenerator(cursor: Cursor, word: string, start: number): Selector | undefined {
  if (word === 'numgen' && cursor.take('inc', 'random') === undefined)
    return cursor.fail('`inc` or `random`');
  if (word === 'jhash') {
    do if (readBitwise(cursor, 0) === undefined) return undefined;
    while (cursor.takeSign('.') !== undefined);
  }
  if (cursor.take('mod') === undefined) return cursor.fail('`mod`');
  const modulus = number(cursor, 1);
  if (word !== 'numgen' && cursor.take('seed') !== undefined) cursor.count();
  const offset = cursor.take('offset') === undefined ? 0n : number(cursor, 0);
  if (cursor.failed) return undefined;
  const most = modulus + offset - 1n;
  const stateful = word === 'numgen';
  // The kernel keeps them in 32 bits; one value alone nft does not look at.
  if (most > 0xffff_ffffn || modulus > 0xffff_ffffn)
    return cursor.fail('a modulus and an offset that are less than 2^32 together');
  return { kind: 'other', stateful, ...(most > 0n && { most }), start, end: cursor.end };
}

function number(cursor: Cursor, least: number): bigint {
  const text = cursor.word() ?? '';
  if (/^(?:\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(text) && Number(text) >= least) cursor.next();
  else cursor.fail(`a number from ${least} on`);
  return cursor.failed ? 0n : BigInt(text);
}

/** What is assigned, translated to, or looked up: a selector, or a plain value. */
export function readSource(
  cursor: Cursor,
  value: (cursor: Cursor) => Value | undefined,
): Selector | undefined {
  if (
    beginsSelector(cursor) ||
    (cursor.sign() === '(' && cursor.peek(1)?.kind === 'word' && isBracketed(cursor))
  )
    return readSelector(cursor);
  const read = value(cursor);
  return read && { kind: 'value', value: read, start: read.start, end: read.end };
}

function isBracketed(cursor: Cursor): boolean {
  const word = cursor.word(1);
  return word !== undefined && (BARE_META.has(word) || OTHERS.has(word) || PAYLOADS.has(word));
}
