/**
 * A text whose pipe tables have their blank lines and delimiter lines again, and the way back to the original's
 * offsets. Only whole lines are inserted, and never within a line.
 */
export interface RestoredText {
  readonly text: string;
  /** The offset in the original of an offset in `text`; that of the insertion's place for inserted characters. */
  original(offset: number): number;
}

interface Line {
  readonly start: number;
  /** The end without the line break. */
  readonly end: number;
}

/** Lines of bars without a delimiter line that are taken as one paragraph; more only cost the parser time. */
const LONGEST_RUN = 64;

/**
 * Puts a blank line before and after every pipe table. A page that is saved as plain text loses them, and a parser then
 * takes the line above the table for a part of it, and the lines below for rows. Where a table has lost its
 * delimiter line too, `isHeader` tells a line of headings.
 *
 * @param isHeader whether the cells of a line are the headings of a table of connections
 */
export function restoreTables(text: string, isHeader: (cells: readonly string[]) => boolean): RestoredText {
  const lines = linesOf(text);
  const insertions: { at: number; text: string }[] = [];
  let inside = false;
  let bars = 0;
  for (const [i, line] of lines.entries()) {
    const own = text.slice(line.start, line.end);
    const next = lines[i + 1];
    // In a quote every line has its mark; the parser finds its tables as they are.
    const barred = own.includes('|') && !/^\s*>/.test(own);
    bars = barred && !inside ? bars + 1 : 0;
    if (inside && !barred) {
      insertions.push({ at: line.start, text: '\n' });
      inside = false;
    }
    if (inside || !barred || next === undefined) continue;
    const below = text.slice(next.start, next.end);
    if (isDelimiter(below)) insertions.push({ at: line.start, text: '\n' });
    else if (below.includes('|') && isHeader(splitBars(own))) {
      insertions.push({ at: line.start, text: '\n' });
      insertions.push({ at: next.start, text: `${'|---'.repeat(splitBars(own).length)}|\n` });
    } else {
      if (bars % LONGEST_RUN === 0 && !own.includes('<')) insertions.push({ at: line.start, text: '\n' });
      continue;
    }
    inside = true;
  }
  return insertAll(text, insertions);
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    lines.push({ start, end: end > start && text[end - 1] === '\r' ? end - 1 : end });
    start = end + 1;
  }
  return lines;
}

/** The line under a pipe table's headings: `|---|:--:|`. */
export function isDelimiter(line: string): boolean {
  if (!line.includes('|') || !line.includes('-') || /[^\s|:-]/.test(line)) return false;
  return splitBars(line).every((cell) => /^:?-+:?$/.test(cell));
}

/** The cells of a line with bars, those at its ends left out. A bar after a backslash is none (GFM, 4.10). */
export function splitBars(line: string): string[] {
  const cells = line.trim().split(/(?<!\\)\|/);
  if (cells[0] === '') cells.shift();
  if (cells.at(-1) === '') cells.pop();
  return cells.map((cell) => cell.trim());
}

function insertAll(text: string, insertions: readonly { at: number; text: string }[]): RestoredText {
  const parts: string[] = [];
  /** Of each insertion: its end in the new text, and how much was inserted up to there. */
  const ends: number[] = [];
  const shifts: number[] = [];
  let from = 0;
  let shift = 0;
  for (const { at, text: inserted } of insertions) {
    parts.push(text.slice(from, at), inserted);
    from = at;
    shift += inserted.length;
    ends.push(at + shift);
    shifts.push(shift);
  }
  parts.push(text.slice(from));
  const original = (offset: number): number => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) <= offset) low = middle + 1;
      else high = middle;
    }
    const before = low === 0 ? 0 : (shifts[low - 1] as number);
    const at = insertions[low]?.at;
    return at === undefined ? offset - before : Math.min(offset - before, at);
  };
  return { text: parts.join(''), original };
}
