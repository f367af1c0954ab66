import type { Statement } from './ast.ts';
import { meter } from './build-dynamic.ts';
import { readSource } from './build-selector.ts';
import { readRight } from './build-right.ts';
import { checkValue } from './check-value.ts';
import { type Cursor, numberOf } from './cursor.ts';
import { type StatementReader, unknown } from './statement-reader.ts';
import { readSynproxy } from './synproxy.ts';
import { typeNamed } from './types.ts';

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

/** `queue num 1-3 bypass`: a program decides. */
export const queue: StatementReader = unknown(['accept', 'drop'], (cursor) => {
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

/** `tproxy to 1.2.3.4:80` */
export const tproxy: StatementReader = (cursor, start, mark) => {
  cursor.next();
  cursor.take('ip', 'ip6');
  if (cursor.take('to') === undefined) return cursor.fail('`to`');
  if (cursor.sign() !== ':') readSource(cursor, readRight);
  if (cursor.takeSign(':') !== undefined) readSource(cursor, readRight);
  return { kind: 'uncertain', text: cursor.textSince(mark), start, end: cursor.end };
};

/** `synproxy mss 1460 wscale 7`: the host answers itself. */
export const synproxy: StatementReader = unknown(['drop', 'continue'], (cursor) => {
  if (cursor.take('name') !== undefined) readSource(cursor, readRight);
  else readSynproxy(cursor);
});

/** `to 1.2.3.4 device "eth0"`, behind `dup` and `fwd`. */
export function copied(cursor: Cursor): void {
  cursor.take('ip', 'ip6');
  if (cursor.take('to') === undefined) cursor.fail('`to`');
  else readSource(cursor, readRight);
  if (cursor.take('device') !== undefined) readSource(cursor, readRight);
}

/** `flow add @f`, and the old form of meters, `flow table x { … }`. */
export const flow: StatementReader = (cursor, start, mark) => {
  if (cursor.word(1) === 'table') {
    cursor.next();
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

/** `xt match "string"`, an extension of iptables. */
export const xt: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const what = cursor.take('match', 'target', 'watcher');
  cursor.name('the name of an extension of iptables');
  const text = cursor.textSince(mark);
  const place = { start, end: cursor.end };
  if (what === 'match') return { kind: 'uncertain', text, ...place };
  return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text, ...place };
};

/** What a JSON listing says and nobody knows: a comparison may hold or not, behind a statement anything may happen. */
export function readOpaque(cursor: Cursor, { kind, text }: { kind: string; text: string }): Statement {
  const { start } = cursor;
  cursor.next();
  const place = { start, end: cursor.end };
  if (kind === 'opaque-match') return { kind: 'uncertain', text, ...place };
  return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text, ...place };
}

/** The rest of the line is the rest of the rule, but nft could not print what stands here. */
export function readXtComment(cursor: Cursor): Statement {
  const start = cursor.start;
  const atom = cursor.next();
  const text = atom?.kind === 'xt' ? atom.text : '';
  cursor.rest();
  return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text, start, end: cursor.end };
}
