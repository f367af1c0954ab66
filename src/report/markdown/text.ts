import { visible } from '../visible.ts';

/** Characters of one text; a config line of a million is not repeated. */
const LONGEST = 1000;

/**
 * Other people's text as a code span (CommonMark 6.1): nothing in it is markup, HTML, a link, or the name of somebody who would be
 * told. Fenced by more backticks than it has in a row.
 */
export function code(text: string): string {
  return span(shown(text));
}

/**
 * The same for a cell of a table (GFM 4.10), where a bar ends the cell even in a code span and a backslash saves it. Backslashes of
 * the text right before a bar can't be told from that one, and are written as other unsafe signs are.
 */
export function cellCode(text: string): string {
  const safe = shown(text).replace(/\\+(?=\|)/g, (run) => '\\u{5c}'.repeat(run.length));
  return span(safe).replaceAll('|', '\\|');
}

function shown(text: string): string {
  const cut =
    text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length - LONGEST} characters more)` : text;
  return visible(cut).trim() || '(empty)';
}

function span(text: string): string {
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** A table; cells are Markdown already. Nothing where there are no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return `${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}\n`;
}
