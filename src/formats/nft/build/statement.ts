import type { Rule, Statement } from '../ast/ast.ts';
import { readComparison } from './comparison.ts';
import { dynamic, meter, oldDynamic } from './dynamic.ts';
import { connectionCount, counter, limit, log, quota, readReference } from './limit.ts';
import { readNat } from './nat.ts';
import { readKind } from './payload.ts';
import { dup, flow, fwd, queue, readOpaque, reject, synproxy, tproxy } from './special.ts';
import { readVerdict } from './element.ts';
import { Cursor } from './cursor.ts';
import { checkEnd } from './block-end.ts';
import { note, readComment, type StatementReader } from './statement-reader.ts';
import { asListed } from './listed-concat.ts';
import { fullcone, readXtComment, xt } from './xt.ts';

/** The statements of a rule, up to the end of the line. */
export function readRule(cursor: Cursor): Rule | undefined {
  const start = cursor.start;
  const statements: Statement[] = [];
  let handle: number | undefined;
  while (!cursor.done) {
    const atom = cursor.peek();
    if (atom?.kind === 'handle') {
      cursor.next();
      handle = Number(atom.text);
      continue;
    }
    if (atom?.kind === 'xt') {
      const rest = readXtComment(cursor, readRule);
      statements.push(...rest.statements);
      handle = rest.handle ?? handle;
      continue;
    }
    if (cursor.take('comment') !== undefined) {
      readRuleComment(cursor);
      continue;
    }
    const statement = readStatement(cursor);
    if (statement === undefined) return undefined;
    statements.push(asListed(statement));
  }
  if (statements.length === 0 && handle === undefined && !cursor.problems.free) cursor.fail('a statement');
  if (cursor.failed) return undefined;
  return { statements, ...(handle !== undefined && { handle }), start, end: cursor.end };
}

/** Bytes of a comment of iptables, without its end (include/uapi/linux/netfilter/xt_comment.h, XT_MAX_COMMENT_LEN). */
const LONGEST_OF_IPTABLES = 255;

/**
 * A comment ends a rule. nft from 1.1.6 on lists the match `comment` of iptables so too, where it stands in the rule, and then does not read
 * its own listing (src/xt.c of nftables, xt_stmt_xlate).
 */
function readRuleComment(cursor: Cursor): void {
  const { ofIptables } = cursor.problems;
  readComment(cursor, ofIptables ? LONGEST_OF_IPTABLES : undefined);
  if (!ofIptables && !cursor.done && cursor.peek()?.kind !== 'handle') cursor.fail('the end of the rule');
}

function readStatement(cursor: Cursor): Statement | undefined {
  const start = cursor.start;
  const mark = cursor.mark;
  const atom = cursor.peek();
  if (atom?.kind === 'opaque' || atom?.kind === 'opaque-match') return readOpaque(cursor, atom);
  if ((cursor.word() === 'jump' || cursor.word() === 'goto') && cursor.peek(1)?.kind === 'group')
    return readUnnamed(cursor, start);
  const verdict = readVerdict(cursor);
  if (verdict !== undefined) return { kind: 'verdict', verdict, start, end: cursor.end };
  const reader = readers(cursor);
  if (reader === undefined) return cursor.failed ? undefined : readComparison(cursor);
  const statement = reader(cursor, start, mark);
  return cursor.failed ? undefined : statement;
}

/**
 * `jump { … }`, `goto { … }` (`nft(8)`, VERDICT STATEMENTS). A chain without a name takes no others: nft's blocks have so many
 * levels (src/parser_bison.y, open_scope), and the kernel adds no rules to a chain that is in use (nf_tables_newrule).
 */
function readUnnamed(cursor: Cursor, start: number): Statement | undefined {
  const { mark } = cursor;
  const call = cursor.take('jump', 'goto') === 'goto' ? 'goto' : 'jump';
  const group = cursor.next();
  if (group?.kind !== 'group') return cursor.fail('`{` and rules');
  if (cursor.depth > 0) {
    cursor.backTo(mark);
    return cursor.fail('rules that go to named chains, in a chain without a name');
  }
  checkEnd(group, cursor.problems);
  const rules: Rule[] = [];
  for (const line of group.body) {
    const [first, last] = [line[0], line[line.length - 1]];
    if (first === undefined || last === undefined) continue;
    const inner = new Cursor(line, cursor.problems, { start: first.start, end: last.end }, cursor.depth + 1);
    const rule = readRule(inner);
    if (rule !== undefined) rules.push(rule);
    if (inner.failed) cursor.failed = true;
  }
  return cursor.failed ? undefined : { kind: 'block', call, rules, start, end: cursor.end };
}

function readers(cursor: Cursor): StatementReader | undefined {
  const word = cursor.keyword();
  if (word === undefined) return undefined;
  if (word === 'ct') return ctStatement(cursor);
  if ((word === 'tcp' || word === 'udp') && cursor.word(1) === undefined) return undefined;
  if (word === 'tunnel' && cursor.word(1) === 'name') return tunnel;
  return Object.hasOwn(STATEMENTS, word) ? STATEMENTS[word] : undefined;
}

/** `tunnel name "t1"`, from nft 1.1.6 on: what a packet is wrapped in when it leaves. */
const tunnel: StatementReader = (cursor, start, mark) => {
  cursor.next();
  cursor.next();
  const refers = readReference('tunnel', cursor);
  return { kind: 'note', text: cursor.textSince(mark), ...refers, start, end: cursor.end };
};

/** `ct count over 10`, `ct helper set "ftp"`: statements that begin like an expression. */
function ctStatement(cursor: Cursor): StatementReader | undefined {
  const key = cursor.keyword(1);
  if (key === 'count') return connectionCount;
  const objects = ['helper', 'timeout', 'expectation'];
  if (key === undefined || !objects.includes(key) || cursor.keyword(2) !== 'set') return undefined;
  return (inner, start, mark) => {
    for (let word = 0; word < 3; word++) inner.next();
    const refers = readReference(`ct ${key}`, inner);
    return { kind: 'note', text: inner.textSince(mark), ...refers, start, end: inner.end };
  };
}

const STATEMENTS: Readonly<Record<string, StatementReader>> = {
  counter,
  log,
  limit,
  quota,
  reject,
  queue,
  notrack: (cursor, start) => {
    cursor.next();
    return { kind: 'notrack', start, end: cursor.end };
  },
  dnat: readNat,
  snat: readNat,
  redirect: readNat,
  masquerade: readNat,
  add: dynamic,
  update: dynamic,
  delete: dynamic,
  set: oldDynamic,
  meter,
  tproxy,
  synproxy,
  dup,
  fwd,
  flow,
  xt,
  fullcone,
  // `last used 1m3s`, `last used never`: when a packet came here (nft(8), LAST STATEMENT, from 1.0.8 on).
  last: note(['last'], (cursor) => {
    if (cursor.take('used') !== undefined) cursor.name('a time, or `never`');
  }),
  reset: note(['reset'], (cursor) => {
    if (cursor.take('tcp') === undefined || cursor.take('option') === undefined) cursor.fail('`tcp option`');
    readKind(cursor, 'tcp', 'option');
  }),
};
