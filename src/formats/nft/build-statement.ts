import type { Atom } from '../../../grammars/nft/atoms.ts';
import type { CompareOp, Rule, Selector, Statement } from './ast.ts';
import { readNat } from './build-nat.ts';
import { readDynamicKey, readSelector, readSource } from './build-selector.ts';
import { readRight, readVerdict, skipPairs } from './build-value.ts';
import { Cursor } from './cursor.ts';

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

/** A text in quotation marks, or a word. */
export function readComment(cursor: Cursor): void {
  const atom = cursor.peek();
  if (atom?.kind === 'quoted' || (atom?.kind === 'word' && /^[A-Za-z_]/.test(atom.text))) cursor.next();
  else cursor.fail('a comment in quotation marks');
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

type StatementReader = (cursor: Cursor, start: number, mark: number) => Statement | undefined;

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
    const refers = readReference('ct', inner);
    return { kind: 'note', text: inner.textSince(mark), ...refers, start, end: inner.end };
  };
}

const connectionCount: StatementReader = (cursor, start, mark) => {
  cursor.next();
  cursor.next();
  cursor.take('over');
  cursor.count();
  return { kind: 'uncertain', text: cursor.textSince(mark), start, end: cursor.end };
};

function note(words: readonly string[], more: (cursor: Cursor) => void, told?: string): StatementReader {
  return (cursor, start, mark) => {
    for (const word of words) cursor.take(word);
    more(cursor);
    const text = cursor.textSince(mark);
    return { kind: 'note', text, ...(told === undefined ? {} : { told }), start, end: cursor.end };
  };
}

function unknown(
  outcomes: readonly ('accept' | 'drop' | 'continue')[],
  more: (cursor: Cursor) => void,
): StatementReader {
  return (cursor, start, mark) => {
    cursor.next();
    more(cursor);
    return { kind: 'unknown', outcomes, text: cursor.textSince(mark), start, end: cursor.end };
  };
}

/** The name of an object, or a map that chooses one; `refers` where there is one name. */
function readReference(kind: string, cursor: Cursor): { readonly refers?: string } {
  const source = readSource(cursor, readRight);
  if (source?.kind !== 'value' || source.value.kind !== 'symbol') return {};
  return { refers: `${kind} ${source.value.text}` };
}

/** What was counted is not part of the rule: a listing without it (`nft -s`) is the same ruleset. */
const counter: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const named = cursor.take('name') !== undefined;
  const refers = named ? readReference('counter', cursor) : {};
  const text = cursor.textSince(mark);
  if (!named) skipPairs(cursor, 'packets', 'bytes');
  return { kind: 'note', text, ...refers, start, end: cursor.end };
};

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'];

const log: StatementReader = note(['log'], (cursor) => {
  let [level, group] = [false, false];
  for (;;) {
    const option = cursor.take('prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags');
    if (option === undefined) break;
    if (option === 'flags') readLogFlags(cursor);
    else if (option === 'prefix') readComment(cursor);
    else if (option !== 'level') cursor.count();
    else if (cursor.take(...LEVELS) === undefined) cursor.fail(`one of ${LEVELS.join(', ')}`);
    level ||= option === 'level';
    group ||= option === 'group';
  }
  if (level && group)
    cursor.fail('a level or a group, as one of them goes to a program and the other to the kernel log');
});

function readLogFlags(cursor: Cursor): void {
  if (cursor.take('all', 'skuid', 'ether') !== undefined) return;
  const kind = cursor.take('tcp', 'ip');
  if (kind === undefined) cursor.fail('`all`, `tcp`, `ip`, `skuid` or `ether`');
  const flags = kind === 'tcp' ? ['sequence', 'options'] : ['options'];
  do if (cursor.take(...flags) === undefined) cursor.fail(flags.join(' or '));
  while (!cursor.failed && cursor.takeSign(',') !== undefined);
}

/** `limit rate [over] 5/minute [burst 5 packets]`, `limit name "x"`. */
const limit: StatementReader = (cursor, start, mark) => {
  cursor.next();
  let refers: { readonly refers?: string } = {};
  if (cursor.take('rate') === undefined) {
    if (cursor.take('name') === undefined) return cursor.fail('`rate` or `name`');
    refers = readReference('limit', cursor);
  } else {
    cursor.take('over');
    readLimit(cursor);
  }
  return { kind: 'uncertain', text: cursor.textSince(mark), ...refers, start, end: cursor.end };
};

const TIMES = ['second', 'minute', 'hour', 'day', 'week'];

/** `5/minute burst 5 packets`, `10 mbytes/second burst 5 kbytes`. */
export function readLimit(cursor: Cursor): void {
  cursor.count();
  const unit = /^([km]?bytes)(?:\/(.*))?$/.exec(cursor.word() ?? '');
  if (unit !== null) cursor.next();
  const time = unit?.[2] ?? (cursor.takeSign('/') === undefined ? undefined : cursor.word());
  if (time === undefined || !TIMES.includes(time)) cursor.fail(`\`/\` and one of ${TIMES.join(', ')}`);
  else if (unit?.[2] === undefined) cursor.next();
  if (cursor.take('burst') === undefined) return;
  cursor.count();
  const units = unit === null ? ['packets'] : ['bytes', 'kbytes', 'mbytes'];
  if (cursor.take(...units) === undefined) cursor.fail(units.join(', '));
}

/** `25 mbytes` */
function readAmount(cursor: Cursor): void {
  cursor.count();
  if (cursor.take('bytes', 'kbytes', 'mbytes') === undefined) cursor.fail('`bytes`, `kbytes` or `mbytes`');
}

const quota: StatementReader = (cursor, start, mark) => {
  cursor.next();
  let refers: { readonly refers?: string } = {};
  if (cursor.take('name') !== undefined) refers = readReference('quota', cursor);
  else {
    cursor.take('over', 'until');
    readAmount(cursor);
    if (cursor.take('used') !== undefined) readAmount(cursor);
  }
  return { kind: 'uncertain', text: cursor.textSince(mark), ...refers, start, end: cursor.end };
};

const reject: StatementReader = (cursor, start) => {
  cursor.next();
  let kind: string | undefined;
  if (cursor.take('with') !== undefined) {
    kind = cursor.take('icmp', 'icmpv6', 'icmpx', 'tcp');
    if (kind === undefined) cursor.fail('`icmp`, `icmpv6`, `icmpx` or `tcp reset`');
    cursor.take('type');
    cursor.name('what to answer with');
  }
  const answer = kind as 'icmp' | 'icmpv6' | 'icmpx' | 'tcp' | undefined;
  return { kind: 'reject', ...(answer && { with: answer }), start, end: cursor.end };
};

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

/** `add @set { ip saddr … }`, `update @set { … }`, `delete @set { … }`. */
const dynamic: StatementReader = (cursor, start, mark) => {
  const op = cursor.next();
  if (cursor.takeSign('@') === undefined) return cursor.fail('`@` and the name of a set');
  const name = cursor.name('the name of a set');
  const group = cursor.next();
  if (group?.kind !== 'group' || group.body.length !== 1) return cursor.fail('`{` and an element');
  const key = readDynamicKey(new Cursor(group.body[0] as readonly Atom[], cursor.problems, group));
  if (key === undefined) cursor.failed = true;
  const text = cursor.textSince(mark);
  const place = { start, end: cursor.end };
  if (op?.kind === 'word' && op.text === 'delete') return { kind: 'note', text, ...place };
  return { kind: 'uncertain', text, ...(name && { changes: name }), ...(key && { key }), ...place };
};

/** `set add ip saddr @s`, the old form of the above. */
const oldDynamic: StatementReader = (cursor, start, mark) => {
  cursor.next();
  cursor.take('add', 'update', 'delete');
  while (!cursor.done && cursor.sign() !== '@') cursor.next();
  cursor.takeSign('@');
  const changes = cursor.name('the name of a set');
  const text = cursor.textSince(mark);
  return { kind: 'uncertain', text, ...(changes === undefined ? {} : { changes }), start, end: cursor.end };
};

const meter: StatementReader = (cursor, start, mark) => {
  cursor.next();
  cursor.identifier('the name of a meter');
  if (cursor.take('size') !== undefined) cursor.count();
  const group = cursor.next();
  if (group?.kind !== 'group' || group.body.length !== 1) return cursor.fail('`{` and a key');
  const key = readDynamicKey(new Cursor(group.body[0] as readonly Atom[], cursor.problems, group));
  if (key === undefined) cursor.failed = true;
  return { kind: 'uncertain', text: cursor.textSince(mark), start, end: cursor.end };
};

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
  while (cursor.take('mss', 'wscale') !== undefined) cursor.next();
  if (cursor.peek()?.kind === 'quoted') cursor.next();
  cursor.take('timestamp');
  cursor.take('sack-perm');
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
    return { kind: 'match', left, op: '==', right: zero, mask: none, text, start, end: cursor.end };
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
