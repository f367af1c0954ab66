import type { Statement } from '../ast/ast.ts';
import type { Cursor } from './cursor.ts';
import { isName } from './keywords.ts';

/** Reads one statement; `start` and `mark` are where it begins. Undefined behind an error. */
export type StatementReader = (cursor: Cursor, start: number, mark: number) => Statement | undefined;

/** A statement that decides nothing. */
export function note(
  words: readonly string[],
  more: (cursor: Cursor) => void,
  told?: string,
): StatementReader {
  return (cursor, start, mark) => {
    for (const word of words) cursor.take(word);
    more(cursor);
    const text = cursor.textSince(mark);
    return { kind: 'note', text, ...(told === undefined ? {} : { told }), start, end: cursor.end };
  };
}

/** A statement behind which any of these may happen. */
export function unknown(
  outcomes: readonly ('accept' | 'drop' | 'continue')[],
  more: (cursor: Cursor) => void,
): StatementReader {
  return (cursor, start, mark) => {
    cursor.next();
    more(cursor);
    return { kind: 'unknown', outcomes, text: cursor.textSince(mark), start, end: cursor.end };
  };
}

/** Bytes of a comment (src/parser_bison.y of nftables, comment_spec). */
const LONGEST_COMMENT = 128;

/** A text in quotation marks, or a word, of at most so many bytes; a variable is none. */
export function readComment(cursor: Cursor, longest = LONGEST_COMMENT): void {
  const atom = cursor.peek();
  const word =
    atom?.kind === 'word' && (isName(atom.text) || /^(?:[A-Za-z_].*\*|\d+[dhms].*)$/.test(atom.text));
  if (atom === undefined || !(atom.kind === 'quoted' || word) || atom.variable === true)
    cursor.fail('a text in quotation marks');
  else if (bytesOf(atom.text) > longest) cursor.fail(`a text of at most ${longest} bytes`);
  else cursor.next();
}

/** How many bytes a text has in UTF-8. */
function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
