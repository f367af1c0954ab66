import { breakable, columns } from './columns.ts';
import { visible } from './visible.ts';

/**
 * Lines of at most `width` columns. A word longer than a line stands alone and whole, because what is cut in
 * the middle (an address, a path) can't be copied. Scripts that have no spaces between words are broken anywhere.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const add = (word: string, blank: boolean): void => {
    const more = columns(word);
    if (line !== '' && (!blank || used + 1 + more > width)) {
      lines.push(line);
      line = '';
    }
    used = line === '' ? more : used + 1 + more;
    line = line === '' ? word : `${line} ${word}`;
  };
  for (const word of text.split(/ +/))
    for (const [at, piece] of breakable(word, width).entries()) if (piece !== '') add(piece, at === 0);
  if (line !== '') lines.push(line);
  return lines;
}

/** Lines as text that is safe for a terminal, each broken under itself where it is longer than the width. */
export function foldedText(lines: readonly string[], width: number): string {
  return lines
    .flatMap((line) => folded(visible(line), width))
    .map((line) => `${line}\n`)
    .join('');
}

/** A line broken under itself, two columns further in than it begins. */
function folded(line: string, width: number): string[] {
  const indent = line.length - line.trimStart().length;
  const parts = wrap(line.slice(indent), Math.max(width - indent - 2, 20));
  return parts.length === 0 ? [''] : parts.map((part, i) => ' '.repeat(i === 0 ? indent : indent + 2) + part);
}

/** A labelled paragraph: the label once, then the text wrapped beside it. Empty text gives nothing. */
export function labelled(label: string, text: string, indent: number, width: number): string[] {
  const column = indent + LABEL_WIDTH;
  return wrap(text, Math.max(width - column, 20)).map((line, i) =>
    i === 0 ? `${' '.repeat(indent)}${label.padEnd(LABEL_WIDTH)}${line}` : `${' '.repeat(column)}${line}`,
  );
}

/** Columns of a label, its distance to the text included. */
const LABEL_WIDTH = 12;

/** `1 finding`, `2 findings`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}
