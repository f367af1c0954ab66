import type { Atom } from '../../../../grammars/nft/atoms.ts';
import { connectionAmount, readLimit, readQuota } from './amounts.ts';
import type { Element, Value, Verdict } from '../ast/ast.ts';
import { readPlainElements } from './elements.ts';
import { readConcat } from './value.ts';
import { checkFlat, checkLines } from './element-lines.ts';
import { Cursor } from './cursor.ts';
import { readComment } from './statement-reader.ts';
import { readLifetime, readTime } from '../types/time.ts';

/** A statement's atoms without regard to line breaks. */
function flat(group: Extract<Atom, { kind: 'group' }>): readonly Atom[] {
  return group.body.length === 1 ? (group.body[0] as readonly Atom[]) : group.body.flat();
}

/** The elements between braces. */
export function readElements(group: Extract<Atom, { kind: 'group' }>, outer: Cursor): Element[] {
  const plain = group.flat === undefined ? undefined : readPlainElements(group.flat, group.start + 1);
  if (plain !== undefined) {
    if (!outer.problems.free) checkFlat(group, outer.problems);
    return plain;
  }
  const elements: Element[] = [];
  checkLines(group, outer);
  const cursor = new Cursor(flat(group), outer.problems, { start: group.start, end: group.end - 1 });
  while (!cursor.done) {
    const inner = cursor.peek();
    if (inner?.kind === 'group') {
      cursor.next();
      // A variable that holds a set stands for its elements.
      for (const element of readElements(inner, cursor)) elements.push(element);
    } else {
      const element = readElement(cursor);
      if (element === undefined) break;
      elements.push(element);
    }
    if (!cursor.done && cursor.takeSign(',') === undefined) cursor.fail('`,` or `}`');
    // `22,,23` and a comma at the end are none of nft's errors.
    while (cursor.sign() === ',') cursor.next();
  }
  if (cursor.failed) outer.failed = true;
  return elements;
}

/** `key [counters and limits] [timeout, expires, comment] [: data]` (src/parser_bison.y of nftables, set_elem_expr). */
function readElement(cursor: Cursor): Element | undefined {
  const { start } = cursor;
  const key: Value | undefined =
    cursor.takeSign('*') === undefined ? readKey(cursor) : { kind: 'any', start, end: cursor.end };
  if (key === undefined) return undefined;
  const counts = readElementCounts(cursor);
  const stateful = counts.some((word) => word !== 'counter' && word !== 'last');
  const times = readElementOptions(cursor);
  let data: Value | Verdict | undefined;
  if (cursor.takeSign(':') !== undefined) {
    data = readVerdict(cursor) ?? readConcat(cursor);
    if (data === undefined) return undefined;
  }
  const more = {
    ...(data === undefined ? {} : { data }),
    ...(times && { times }),
    ...(counts.length > 0 && { counts }),
  };
  return { key, ...more, stateful, start: key.start, end: cursor.end };
}

/**
 * A variable that holds a list without braces stands for one value with all the bits of it (src/parser_bison.y of nftables, list_rhs_expr; `ct
 * state { $states, related }` is listed as `{ established | new, related }`).
 */
function readKey(cursor: Cursor): Value | undefined {
  const first = readConcat(cursor);
  if (first === undefined || !isOfList(cursor)) return first;
  const of = [first];
  while (isOfList(cursor)) {
    cursor.next();
    const value = readConcat(cursor);
    if (value === undefined) return undefined;
    of.push(value);
  }
  return { kind: 'list', of, start: first.start, end: cursor.end };
}

function isOfList(cursor: Cursor): boolean {
  const atom = cursor.peek();
  return atom?.kind === 'sign' && atom.text === ',' && atom.variable === true;
}

/** `counter packets 0 bytes 0 limit rate 5/second ct count 5`: the words that begin them. */
export function readElementCounts(cursor: Cursor): readonly string[] {
  const counts: string[] = [];
  for (;;) {
    const word = cursor.take('counter', 'limit', 'ct', 'quota', 'last');
    if (word === undefined) return counts;
    counts.push(word);
    if (word === 'counter') readElementCounter(cursor);
    else readElementLimit(word, cursor);
  }
}

/** `packets 0 bytes 0`, or neither. */
function readElementCounter(cursor: Cursor): void {
  if (cursor.take('packets') === undefined) return;
  cursor.count();
  if (cursor.take('bytes') === undefined) cursor.fail('`bytes`');
  cursor.count();
}

function readElementLimit(word: string, cursor: Cursor): void {
  if (word === 'limit') {
    if (cursor.take('rate') === undefined) cursor.fail('`rate`');
    cursor.take('over');
    readLimit(cursor);
  } else if (word === 'ct') connectionAmount(cursor);
  else if (word === 'quota') {
    cursor.take('over', 'until');
    readQuota(cursor);
  } else if (cursor.take('used') !== undefined) cursor.name('a time, or `never`');
}

/** `timeout 1h expires 5m comment "…"`; whether there is a time. */
function readElementOptions(cursor: Cursor): boolean {
  for (let [times, comments] = [false, 0]; ; ) {
    const option = cursor.take('timeout', 'expires', 'comment');
    if (option === undefined) return times;
    times ||= option !== 'comment';
    if (option === 'timeout') readLifetime(cursor);
    else if (option === 'expires') readTime(cursor);
    else if (comments++ > 0) cursor.fail('one comment');
    else readComment(cursor);
  }
}

/** A verdict, where one comes. */
export function readVerdict(cursor: Cursor): Verdict | undefined {
  const start = cursor.start;
  const simple = cursor.take('accept', 'drop', 'continue', 'return');
  if (simple !== undefined)
    return { kind: simple as 'accept' | 'drop' | 'continue' | 'return', start, end: cursor.end };
  const jump = cursor.take('jump', 'goto');
  if (jump === undefined) return undefined;
  const chain = cursor.chainName(true);
  if (chain === undefined) return undefined;
  return { kind: jump as 'jump' | 'goto', chain, start, end: cursor.end };
}
