import type { Element, Selector, Sent, Statement } from '../ast/ast.ts';
import { meter } from './dynamic.ts';
import { readSource } from './selector.ts';
import { readRight } from './right.ts';
import { checkValue, isVerdict } from '../check/value.ts';
import { type Cursor, numberOf } from './cursor.ts';
import { type StatementReader, unknown } from './statement-reader.ts';
import { readReference } from './limit.ts';
import { readSynproxy } from './synproxy.ts';
import { integerType, typeNamed } from '../types/types.ts';

/** Statements that send a packet elsewhere, and those that only iptables knows (`nft(8)`, STATEMENTS). */

/** `reject with icmpx type admin-prohibited` */
export const reject: StatementReader = (cursor, start) => {
  cursor.next();
  if (cursor.take('with') === undefined) return { kind: 'reject', start, end: cursor.end };
  const kinds = ['icmp', 'icmpv6', 'icmpx', 'tcp'] as const;
  const answer = cursor.take(...kinds) as (typeof kinds)[number] | undefined;
  if (answer === undefined) return cursor.fail('`icmp`, `icmpv6`, `icmpx` or `tcp reset`');
  if (answer === 'tcp') {
    if (cursor.take('reset') === undefined) return cursor.fail('`reset`');
  } else readCode(answer, cursor);
  return { kind: 'reject', with: answer, start, end: cursor.end };
};

/** `type host-unreachable` */
function readCode(answer: string, cursor: Cursor): void {
  cursor.take('type');
  const { start } = cursor;
  const text = cursor.keyword();
  const type = typeNamed(`${answer}_code`);
  if (text === undefined || type === undefined) {
    cursor.fail('what to answer with');
    return;
  }
  cursor.next();
  const code = numberOf(text);
  if (code !== undefined) {
    // nft keeps the last byte of a number, and takes 255 for none (src/evaluate.c of nftables, stmt_evaluate_reject).
    const most = answer === 'icmpx' ? 3n : 254n;
    if ((code & 255n) <= most) return;
    cursor.back();
    cursor.fail(`a number from 0 to ${most}`);
    return;
  }
  const value = { kind: 'symbol', text, quoted: false, start, end: cursor.end } as const;
  if (!checkValue(value, [type], cursor)) cursor.failed = true;
}

/** `queue num 1-3 bypass`, `queue flags bypass to 1-3`: a program decides (src/parser_bison.y of nftables, queue_stmt). */
export const queue: StatementReader = unknown(['accept', 'drop'], (cursor) => {
  const { mark } = cursor;
  const flags: string[] = [];
  let spread: boolean | undefined;
  if (cursor.take('flags') !== undefined) {
    readQueueFlags(cursor, flags);
    const word = cursor.take('to', 'num');
    if (word !== undefined) spread = readQueues(cursor, word);
    else if (!cursor.problems.free) cursor.fail('`to` and the number of a queue');
  } else if (cursor.take('to') !== undefined) spread = readQueues(cursor, 'to');
  else
    while (!cursor.failed && ['num', 'bypass', 'fanout'].includes(cursor.keyword() ?? ''))
      if (cursor.take('num') !== undefined) spread = readQueues(cursor, 'num');
      else readQueueFlags(cursor, flags);
  if (!flags.includes('fanout') || spread !== false || cursor.failed) return;
  cursor.backTo(mark);
  cursor.fail('several queues, such as `num 1-3`, for `fanout`');
});

/** `bypass,fanout` */
function readQueueFlags(cursor: Cursor, flags: string[]): void {
  do {
    const flag = cursor.take('bypass', 'fanout');
    if (flag === undefined) cursor.fail('`bypass` or `fanout`');
    else flags.push(flag);
  } while (!cursor.failed && cursor.takeSign(',') !== undefined);
}

/** Whether a range of queues is given: behind `num` stand numbers, behind `to` other expressions too. */
function readQueues(cursor: Cursor, word: string): boolean {
  const { mark } = cursor;
  const source = readSource(cursor, readRight);
  if (word === 'num' && source !== undefined && source.kind !== 'value') {
    cursor.backTo(mark);
    cursor.fail('the number of a queue, or `to` in place of `num`');
  }
  if (!cursor.failed && source !== undefined && !isQueue(source)) {
    cursor.backTo(mark);
    cursor.fail('the number of a queue from 0 to 65535, a map, or a generator of such numbers');
  }
  if (source?.kind === 'map' && source.data.kind === 'set') checkQueues(source.data.elements, cursor);
  return isSpread(source, cursor);
}

/** Each number that a map gives is that of a queue. */
function checkQueues(elements: readonly Element[], cursor: Cursor): void {
  for (const { data } of elements)
    if (data !== undefined && !isVerdict(data) && !cursor.failed)
      cursor.failed = !checkValue(data, [integerType(16)], cursor);
}

/** Numbers, and what is looked up or made (src/parser_bison.y of nftables, queue_stmt_expr; src/evaluate.c, stmt_evaluate_queue). */
function isQueue(source: Selector): boolean {
  if (source.kind === 'value' || source.kind === 'map') return true;
  const made = source.kind === 'other' && (source.always !== undefined || source.of !== undefined);
  return made && (source.most ?? 0n) <= 0xffffn;
}

/** Queues have 16 bits; whether they are several, and written so (src/evaluate.c, stmt_evaluate_queue: fanout requires a range). */
function isSpread(source: Selector | undefined, cursor: Cursor): boolean {
  if (source?.kind !== 'value') return false;
  const { value } = source;
  if (!cursor.failed && !checkValue(value, [integerType(16)], cursor)) cursor.failed = true;
  return value.kind === 'range';
}

/** `tproxy ip to 1.2.3.4:80` */
export const tproxy: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const family = cursor.take('ip', 'ip6') as 'ip' | 'ip6' | undefined;
  if (cursor.take('to') === undefined) return cursor.fail('`to`');
  const address = cursor.sign() === ':' ? undefined : readSource(cursor, readRight);
  const port = cursor.takeSign(':') === undefined ? undefined : readSource(cursor, readRight);
  const sent = {
    what: 'tproxy',
    ...(family && { family }),
    ...(address && { address }),
    ...(port && { port }),
  } as const;
  return { kind: 'uncertain', text: cursor.textSince(mark), sent, start, end: cursor.end };
};

/** `synproxy mss 1460 wscale 7`: the host answers itself. */
export const synproxy: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const refers = cursor.take('name') === undefined ? {} : readReference('synproxy', cursor);
  if (refers.refers === undefined && refers.gives === undefined) readSynproxy(cursor);
  const text = cursor.textSince(mark);
  return { kind: 'unknown', outcomes: ['drop', 'continue'], text, ...refers, start, end: cursor.end };
};

/** `dup to 1.2.3.4 device "eth0"`: a copy goes there; what it is sent to may come of a map. */
export const dup: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const sent = readSent('dup', cursor);
  const reads = sent.address === undefined ? [] : [sent.address];
  return { kind: 'note', text: cursor.textSince(mark), sent, reads, start, end: cursor.end };
};

/** `fwd to "eth0"`, `fwd ip to 1.2.3.4 device "eth0"` */
export const fwd: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const family = cursor.take('ip', 'ip6') as 'ip' | 'ip6' | undefined;
  const sent = readSent('fwd', cursor, family);
  const outcomes = ['accept', 'drop', 'continue'] as const;
  return { kind: 'unknown', outcomes, text: cursor.textSince(mark), sent, start, end: cursor.end };
};

/** `to 1.2.3.4 device "eth0"` */
function readSent(what: 'dup' | 'fwd', cursor: Cursor, family?: 'ip' | 'ip6'): Sent {
  if (cursor.take('to') === undefined) cursor.fail('`to`');
  if (cursor.sign() === '@' && cursor.sign(2) !== ',') cursor.fail('one target: a set has several');
  if (cursor.peek()?.kind === 'group') cursor.fail('one target');
  const address = cursor.failed ? undefined : readSource(cursor, readRight);
  // An address has a family and a device (src/parser_bison.y of nftables, fwd_stmt).
  const bare = what === 'fwd' && family === undefined && !cursor.problems.free;
  if (bare && cursor.keyword() === 'device') cursor.fail('`fwd ip to` or `fwd ip6 to`, and an address');
  const device = cursor.take('device') === undefined ? undefined : readSource(cursor, readRight);
  if (family !== undefined && device === undefined) cursor.fail('`device` and its name');
  return { what, ...(family && { family }), ...(address && { address }), ...(device && { device }) };
}

/** `flow add @f`, and the old form of meters, `flow table x { … }`. */
export const flow: StatementReader = (cursor, start, mark) => {
  if (cursor.word(1) === 'table') {
    cursor.next();
    if (cursor.keyword(2) === 'size')
      return cursor.fail('`meter` in place of `flow table`, which has no size');
    return meter(cursor, start, mark);
  }
  cursor.next();
  if (cursor.take('add', 'offload') === undefined) return cursor.fail('`add` or `offload`');
  if (cursor.takeSign('@') === undefined) return cursor.fail('`@` and the name of a flowtable');
  const name = cursor.identifier('the name of a flowtable');
  const told =
    'packets of established connections may pass by the flowtable, without the rules of later hooks';
  return {
    kind: 'note',
    text: cursor.textSince(mark),
    told,
    refers: `flowtable ${name}`,
    start,
    end: cursor.end,
  };
};

/** What a JSON listing says and nobody knows: a comparison may hold or not, behind a statement anything may happen. */
export function readOpaque(cursor: Cursor, { kind, text }: { kind: string; text: string }): Statement {
  const { start } = cursor;
  cursor.next();
  const place = { start, end: cursor.end };
  if (kind === 'opaque-match') return { kind: 'uncertain', text, ...place };
  return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text, ...place };
}
