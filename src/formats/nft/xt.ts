import type { Statement } from './ast.ts';
import type { Cursor } from './cursor.ts';
import type { StatementReader } from './statement-reader.ts';

/*
 * Extensions of iptables in the tables of iptables-nft. A listing has their names at most (`nft(8)`, XT STATEMENT;
 * libnftables-json(5), XT): what a match asks for is not in the file. What a target does to a packet often is in its name.
 */

/** `xt match "string"`, `xt target "MASQUERADE"`. */
export const xt: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const what = cursor.take('match', 'target', 'watcher');
  const name = cursor.name('the name of an extension of iptables');
  const text = cursor.textSince(mark);
  const place = { start, end: cursor.end };
  if (what === 'target') return { kind: 'xt', name: name ?? '', text, ...place };
  // A comment matches every packet (net/netfilter/xt_comment.c); a watcher of ebtables looks on.
  if (what === 'watcher' || name === 'comment') return { kind: 'note', text, ...place };
  return { kind: 'uncertain', text, ...place };
};

/**
 * The rest of the line is the rest of the rule, but nft could not print what stands here (src/xt.c of nftables before
 * 1.0.7, xt_stmt_xlate). A target is the rule's last statement.
 */
export function readXtComment(cursor: Cursor): Statement {
  const start = cursor.start;
  const atom = cursor.next();
  const text = atom?.kind === 'xt' ? atom.text : '';
  cursor.rest();
  const place = { start, end: cursor.end };
  const name = /^# ?xt_([A-Z0-9]+)\s*(?:# handle \d+\s*)?$/.exec(text)?.[1];
  if (name !== undefined) return { kind: 'xt', name, text, ...place };
  return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text, ...place };
}
