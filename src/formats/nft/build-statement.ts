import type { CompareOp, Rule, Selector, Statement } from './ast.ts';
import { dynamic, meter, oldDynamic } from './build-dynamic.ts';
import { connectionCount, counter, limit, log, quota, readReference } from './build-limit.ts';
import { readNat } from './build-nat.ts';
import { readSelector, readSource } from './build-selector.ts';
import { readRight, readVerdict } from './build-value.ts';
import { checkValue } from './check-value.ts';
import { Cursor } from './cursor.ts';
import { checkEnd } from './block-end.ts';
import { readSynproxy } from './synproxy.ts';
import { note, readComment, type StatementReader, unknown } from './statement-reader.ts';
import { typeNamed } from './types.ts';

const COMPARE: Readonly<Record<string, CompareOp>> = {
  '==': '==',
  '!=': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
};

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
    if (cursor.take('comment') !== undefined) {
      readComment(cursor);
      if (!cursor.done && cursor.peek()?.kind !== 'handle') cursor.fail('the end of the rule');
      continue;
    }
    const statement = readStatement(cursor);
    if (statement === undefined) return undefined;
    statements.push(statement);
  }
  if (cursor.failed) return undefined;
  return { statements, ...(handle !== undefined && { handle }), start, end: cursor.end };
}

function readStatement(cursor: Cursor): Statement | undefined {
  const start = cursor.start;
  const mark = cursor.mark;
  const atom = cursor.peek();
  if (atom?.kind === 'xt') return readXtComment(cursor);
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

/** Chains in chains. */
const DEEPEST = 3;

/** `jump { … }`, `goto { … }` (`nft(8)`, VERDICT STATEMENTS). */
function readUnnamed(cursor: Cursor, start: number): Statement | undefined {
  const call = cursor.take('jump', 'goto') === 'goto' ? 'goto' : 'jump';
  const group = cursor.next();
  if (group?.kind !== 'group' || cursor.depth >= DEEPEST) return cursor.fail('fewer chains in chains');
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
  const word = cursor.word();
  if (word === undefined) return undefined;
  if (word === 'ct') return ctStatement(cursor);
  if ((word === 'tcp' || word === 'udp') && cursor.word(1) === undefined) return undefined;
  return Object.hasOwn(STATEMENTS, word) ? STATEMENTS[word] : undefined;
}

/** `ct count over 10`, `ct helper set "ftp"`: statements that begin like an expression. */
function ctStatement(cursor: Cursor): StatementReader | undefined {
  const key = cursor.word(1);
  if (key === 'count') return connectionCount;
  const objects = ['helper', 'timeout', 'expectation'];
  if (key === undefined || !objects.includes(key) || cursor.word(2) !== 'set') return undefined;
  return (inner, start, mark) => {
    for (let word = 0; word < 3; word++) inner.next();
    const refers = readReference(`ct ${key}`, inner);
    return { kind: 'note', text: inner.textSince(mark), ...refers, start, end: inner.end };
  };
}

const reject: StatementReader = (cursor, start) => {
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
  const text = cursor.word();
  const type = typeNamed(`${answer}_code`);
  if (text === undefined || type === undefined) {
    cursor.fail('what to answer with');
    return;
  }
  cursor.next();
  const value = { kind: 'symbol', text, quoted: false, start, end: cursor.end } as const;
  if (!checkValue(value, [type], cursor)) cursor.failed = true;
}

const queue: StatementReader = unknown(['accept', 'drop'], (cursor) => {
  const options = () => {
    do cursor.name('`bypass` or `fanout`');
    while (cursor.takeSign(',') !== undefined);
  };
  cursor.take('flags') && options();
  if (cursor.take('num', 'to') !== undefined) readSource(cursor, readBitsOrRange);
  cursor.take('flags');
  if (cursor.word() === 'bypass' || cursor.word() === 'fanout') options();
});

function readBitsOrRange(cursor: Cursor) {
  return readRight(cursor);
}

const tproxy: StatementReader = (cursor, start, mark) => {
  cursor.next();
  cursor.take('ip', 'ip6');
  if (cursor.take('to') === undefined) return cursor.fail('`to`');
  if (cursor.sign() !== ':') readSource(cursor, readRight);
  if (cursor.takeSign(':') !== undefined) readSource(cursor, readRight);
  return { kind: 'uncertain', text: cursor.textSince(mark), start, end: cursor.end };
};

const synproxy: StatementReader = unknown(['drop', 'continue'], (cursor) => {
  if (cursor.take('name') !== undefined) readSource(cursor, readRight);
  else readSynproxy(cursor);
});

function copied(cursor: Cursor): void {
  if (cursor.take('to') !== undefined) readSource(cursor, readRight);
  if (cursor.take('device') !== undefined) readSource(cursor, readRight);
}

const flow: StatementReader = (cursor, start, mark) => {
  cursor.next();
  cursor.take('add', 'offload');
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

const xt: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const what = cursor.take('match', 'target', 'watcher');
  cursor.name('the name of an extension of iptables');
  const text = cursor.textSince(mark);
  const place = { start, end: cursor.end };
  if (what === 'match') return { kind: 'uncertain', text, ...place };
  return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text, ...place };
};

/** What a JSON listing says and nobody knows: a comparison may hold or not, behind a statement anything may happen. */
function readOpaque(cursor: Cursor, { kind, text }: { kind: string; text: string }): Statement {
  const { start } = cursor;
  cursor.next();
  const place = { start, end: cursor.end };
  if (kind === 'opaque-match') return { kind: 'uncertain', text, ...place };
  return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text, ...place };
}

/** The rest of the line is the rest of the rule, but nft could not print what stands here. */
function readXtComment(cursor: Cursor): Statement {
  const start = cursor.start;
  const atom = cursor.next();
  const text = atom?.kind === 'xt' ? atom.text : '';
  cursor.rest();
  return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text, start, end: cursor.end };
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
  dup: note(['dup'], copied),
  fwd: unknown(['accept', 'drop', 'continue'], copied),
  flow,
  xt,
  reset: note(['reset', 'tcp', 'option'], (cursor) => void cursor.name('the name of an option')),
};

/** A match, a verdict map, or an assignment: what begins with an expression. */
function readComparison(cursor: Cursor): Statement | undefined {
  const mark = cursor.mark;
  const left = readSelector(cursor);
  if (left === undefined) return undefined;
  const { start } = left;
  if (cursor.take('vmap') !== undefined) {
    const data = readRight(cursor);
    return data && { kind: 'vmap', key: left, data, text: cursor.textSince(mark), start, end: cursor.end };
  }
  if (cursor.take('set') !== undefined) return readAssignment(cursor, left, mark);
  const sign = cursor.sign() ?? cursor.word() ?? '';
  // `ct state ! established`: none of the bits.
  if (sign === '!') {
    cursor.next();
    const none = readRight(cursor);
    if (none === undefined) return undefined;
    const zero = { kind: 'symbol', text: '0', quoted: false, start: none.start, end: none.end } as const;
    const text = cursor.textSince(mark);
    const what = { kind: 'match', left, op: '==', right: zero, mask: none, none: true } as const;
    return { ...what, text, start, end: cursor.end };
  }
  const op = Object.hasOwn(COMPARE, sign) ? COMPARE[sign] : undefined;
  if (op !== undefined) cursor.next();
  const right = readRight(cursor);
  if (right === undefined) return undefined;
  // `syn / fin,syn,rst,ack`
  const mask = cursor.takeSign('/') === undefined ? undefined : readRight(cursor);
  if (cursor.failed) return undefined;
  const text = cursor.textSince(mark);
  return {
    kind: 'match',
    left,
    op: op ?? 'implicit',
    right,
    ...(mask && { mask }),
    text,
    start,
    end: cursor.end,
  };
}

function readAssignment(cursor: Cursor, to: Selector, mark: number): Statement | undefined {
  const from = readSource(cursor, readRight);
  return from && { kind: 'assign', to, from, text: cursor.textSince(mark), start: to.start, end: cursor.end };
}
