import { parseScript } from '../../../../grammars/nft/parser.ts';
import type { Place, Rule, Statement } from '../ast/ast.ts';
import { Cursor } from './cursor.ts';
import { Problems } from '../problems.ts';
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
  // A watcher of ebtables looks on.
  return what === 'watcher' ? { kind: 'note', text, ...place } : matchOf(name ?? '', text, place);
};

/**
 * `fullcone to :1024-65535`: a statement that the nft of some builds of OpenWrt has, for a module that is not the kernel's own. It does what
 * the target FULLCONENAT of iptables does, of which nobody knows where it sends a packet.
 */
export const fullcone: StatementReader = (cursor, start, mark) => {
  while (!cursor.done && cursor.peek()?.kind !== 'handle' && cursor.word() !== 'comment') cursor.next();
  return { kind: 'xt', name: 'FULLCONENAT', text: cursor.textSince(mark), start, end: cursor.end };
};

/** A comment matches every packet (net/netfilter/xt_comment.c). */
function matchOf(name: string, text: string, place: Place): Statement {
  return { kind: name === 'comment' ? 'note' : 'uncertain', text, ...place };
}

/**
 * The rest of the line is the rest of the rule, but nft could not print what stands here (src/xt.c of nftables before
 * 1.0.7, xt_stmt_xlate): `# xt_addrtype counter packets 0 bytes 0 jump DOCKER`. A target is the rule's last statement, and its name is in
 * capitals; what stands behind a match depends on it. Where the rest is no rule, it is a comment, or anything.
 *
 * @param read reads the rest
 */
export function readXtComment(cursor: Cursor, read: (cursor: Cursor) => Rule | undefined): Rule {
  const { start } = cursor;
  const atom = cursor.next();
  const text = atom?.kind === 'xt' ? atom.text : '';
  cursor.rest();
  const place = { start, end: cursor.end };
  const target = /^# ?xt_([A-Z0-9]+)\s*(?:# handle (\d+)\s*)?$/.exec(text);
  if (target?.[1] !== undefined) return only({ kind: 'xt', name: target[1], text, ...place }, target[2]);
  const [written, name] = /^# ?xt_([a-z]\w*)\s/.exec(text) ?? [];
  const rest = written && readRest(text.slice(written.length), start + written.length, cursor, read);
  if (rest === undefined || rest === '' || name === undefined || rest.statements.length === 0)
    return only({ kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text, ...place });
  return { ...rest, statements: [matchOf(name, `xt match "${name}"`, place), ...rest.statements] };
}

function only(statement: Statement, handle?: string): Rule {
  const { start, end } = statement;
  return { statements: [statement], ...(handle !== undefined && { handle: Number(handle) }), start, end };
}

/** The rest of the rule where it is one; what is wrong with it is not told, as it may be a comment. */
function readRest(
  text: string,
  base: number,
  { problems, depth }: Cursor,
  read: (cursor: Cursor) => Rule | undefined,
): Rule | undefined {
  // A handle stands at the end of a line.
  const { statements, problem } = parseScript(`${text}\n`, base);
  const [atoms, ...more] = statements.filter((one) => one.length > 0);
  if (problem !== undefined || atoms === undefined || more.length > 0) return undefined;
  const trial = new Problems(problems.file);
  const rule = read(new Cursor(atoms, trial, { start: base, end: base + text.length }, depth));
  return trial.errors.length > 0 ? undefined : rule;
}
