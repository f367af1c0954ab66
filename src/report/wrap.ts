/**
 * Lines of at most `width` columns. A word longer than a line stands alone and whole, because what is cut in
 * the middle (an address, a path) can't be copied.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    if (word === '') continue;
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines;
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
