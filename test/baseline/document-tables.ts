/** One table of a document: its headings, and every cell's text with white space as single spaces. */
export interface DocumentTable {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const collapse = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Pipe tables, with and without outer bars, with and without blank lines around them. */
export function pipeTables(text: string): DocumentTable[] {
  const cells = (line: string): string[] =>
    line
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|')
      .map(collapse);
  const tables: { headings: string[]; rows: string[][] }[] = [];
  const lines = text.split('\n');
  let inside = false;
  for (const [i, line] of lines.entries()) {
    if (/^\|?-+\|/.test(line)) {
      tables.push({ headings: cells(lines[i - 1] ?? ''), rows: [] });
      inside = true;
    } else if (!line.includes('|')) inside = false;
    else if (inside) tables.at(-1)?.rows.push(cells(line));
  }
  return tables;
}

/** Tables in HTML as plain as these documents': no nesting, no merged cells, no entities. */
export function htmlTables(text: string): DocumentTable[] {
  const inner = (html: string, tag: string): string[] =>
    [...html.matchAll(new RegExp(`<${tag}(?: [^>]*)?>([\\s\\S]*?)</${tag}>`, 'g'))].map(
      ([, one = '']) => one,
    );
  return inner(text, 'table').map((table) => ({
    headings: inner(table, 'th').map(collapse),
    rows: inner(inner(table, 'tbody').join(''), 'tr').map((row) => inner(row, 'td').map(collapse)),
  }));
}
