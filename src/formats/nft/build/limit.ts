import { connectionAmount, readCounts, readLimit, readQuota } from './amounts.ts';
import { readSource } from './selector.ts';
import { readRight } from './right.ts';
import type { Selector } from '../ast/ast.ts';
import type { Cursor } from './cursor.ts';
import { note, readComment, type StatementReader } from './statement-reader.ts';

/** Statements that count, log and limit (`nft(8)`, STATEMENTS). */

/** An object by its name, or the map that chooses one. */
interface Reference {
  readonly refers?: string;
  readonly reads?: readonly Selector[];
  /** The kind of the objects that the map gives. */
  readonly gives?: string;
}

/** The name of an object, or a map that chooses one. */
export function readReference(kind: string, cursor: Cursor): Reference {
  const { mark } = cursor;
  const source = readSource(cursor, readRight);
  if (source === undefined) return {};
  if (source.kind === 'map') return { reads: [source], gives: kind };
  if (source.kind === 'value' && source.value.kind === 'symbol')
    return { refers: `${kind} ${source.value.text}` };
  cursor.backTo(mark);
  cursor.fail(`the name of a ${kind}, or a map that gives one`);
  return {};
}

/** What was counted is not part of the rule: a listing without it (`nft -s`) is the same ruleset. */
export const counter: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const named = cursor.take('name') !== undefined;
  const refers = named ? readReference('counter', cursor) : {};
  const text = cursor.textSince(mark);
  if (!named) readCounts(cursor);
  return { kind: 'note', text, ...refers, start, end: cursor.end };
};

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'];

/** `log prefix "x" level info` */
export const log: StatementReader = note(['log'], (cursor) => {
  let [level, group, flags, audit, others] = [false, false, false, false, false];
  for (;;) {
    const option = cursor.take('prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags');
    if (option === undefined) break;
    if (option === 'flags') readLogFlags(cursor);
    else if (option === 'prefix') readPrefix(cursor);
    else if (option !== 'level') cursor.count();
    else {
      // The last one counts, and it may be said again.
      audit = cursor.keyword() === 'audit';
      if (cursor.take(...LEVELS) === undefined) cursor.fail(`one of ${LEVELS.join(', ')}`);
    }
    others ||= option !== 'level';
    level ||= option === 'level';
    // What is said of the way to a program says that it goes there (src/evaluate.c of nftables, stmt_evaluate_log).
    group ||= option === 'group' || option === 'snaplen' || option === 'queue-threshold';
    flags ||= option === 'flags';
  }
  if (audit && others) cursor.fail('nothing else where the level is `audit`');
  if (flags && group) cursor.fail('flags or a group, as flags are of the kernel log');
  if (level && group)
    cursor.fail('a level or a group, as one of them goes to a program and the other to the kernel log');
});

/** A text, which in this place can be none of the words that begin an option (src/scanner.l of nftables). */
function readPrefix(cursor: Cursor): void {
  const word = cursor.word() ?? '';
  if (['prefix', 'snaplen', 'queue-threshold', 'level', 'group'].includes(word))
    cursor.fail('a text in quotation marks');
  readComment(cursor, LONGEST_PREFIX);
}

/** Bytes of a prefix (include/uapi/linux/netfilter/nf_log.h, NF_LOG_PREFIXLEN, with the end of the text). */
const LONGEST_PREFIX = 127;

function readLogFlags(cursor: Cursor): void {
  if (cursor.take('all', 'skuid', 'ether') !== undefined) return;
  const kind = cursor.take('tcp', 'ip');
  if (kind === undefined) cursor.fail('`all`, `tcp`, `ip`, `skuid` or `ether`');
  const flags = kind === 'tcp' ? ['sequence', 'options'] : ['options'];
  do if (cursor.take(...flags) === undefined) cursor.fail(flags.join(' or '));
  while (!cursor.failed && cursor.takeSign(',') !== undefined);
}

/** `limit rate [over] 5/minute [burst 5 packets]`, `limit name "x"`. */
export const limit: StatementReader = (cursor, start, mark) => {
  cursor.next();
  let refers: Reference = {};
  if (cursor.take('rate') === undefined) {
    if (cursor.take('name') === undefined) return cursor.fail('`rate` or `name`');
    refers = readReference('limit', cursor);
  } else {
    cursor.take('over');
    readLimit(cursor);
  }
  return { kind: 'uncertain', text: cursor.textSince(mark), ...refers, start, end: cursor.end };
};

/** `quota over 25 mbytes`, `quota name "x"` */
export const quota: StatementReader = (cursor, start, mark) => {
  cursor.next();
  let refers: Reference = {};
  if (cursor.take('name') !== undefined) refers = readReference('quota', cursor);
  else {
    cursor.take('over', 'until');
    readQuota(cursor);
  }
  return { kind: 'uncertain', text: cursor.textSince(mark), ...refers, start, end: cursor.end };
};

/** `ct count over 10` */
export const connectionCount: StatementReader = (cursor, start, mark) => {
  cursor.next();
  connectionAmount(cursor);
  return { kind: 'uncertain', text: cursor.textSince(mark), start, end: cursor.end };
};
