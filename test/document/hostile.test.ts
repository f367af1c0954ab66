import { describe, expect, it } from 'vitest';
import { LONGEST_DOCUMENT, MOST_ROWS } from '../../src/document/effort.ts';
import { draftFrom, refusals, yamlFrom } from './support.ts';
import { processorTime } from '../support/processor.ts';

const HEAD = '| Source | Destination | Port | Protocol |\n|---|---|---|---|\n';
const TABLE = `${HEAD}| a | b | 80 | TCP |\n`;
const HTML = '<table><tr><th>Source<th>Destination<th>Port<tr><td>A<td>B<td>80</table>';

describe('documents that would take too long', () => {
  it.each([
    [
      '50 MB of HTML',
      'page.html',
      `<!doctype html>${'<p>x</p>'.repeat(6_250_000)}`,
      'page.html:1:1 document-too-large',
    ],
    ['50 MB of Markdown', 'page.md', 'x'.repeat(50_000_000), 'page.md:1:1 document-too-large'],
    ['50 MB of CSV', 'page.csv', 'a,b\n'.repeat(12_500_000), 'page.csv:1:1 document-too-large'],
    ['a million open elements', 'page.html', `<div>`.repeat(1_000_000), /document-too-large/],
    [
      'elements nested as deep as a stack is',
      'page.html',
      `${'<i>'.repeat(700)}${'<div>'.repeat(6000)}${HTML}`,
      /document-too-/,
    ],
    [
      'formatting that is opened again everywhere',
      'page.html',
      `${'<b>'.repeat(300)}${'<p>x'.repeat(100_000)}`,
      /document-too-large/,
    ],
    ['paragraphs without end', 'page.html', '<p>'.repeat(1_000_000), /document-too-large/],
    ['cells in SVG', 'page.html', `<svg>${'<td>'.repeat(1_000_000)}`, /document-too-large/],
    ['quotes in quotes', 'page.md', `${'>'.repeat(200_000)}\n\n${TABLE}`, 'page.md:1:1 document-too-large'],
    [
      'lists in lists on every line',
      'page.md',
      `${'- - - - a\n'.repeat(8000)}\n${TABLE}`,
      /document-too-large/,
    ],
    [
      'a value that no table has, on the third line',
      'page.csv',
      `Source,Destination,Port\na,b,80\na,b,"${'4'.repeat(1_100_000)}"\n`,
      'page.csv:3:1 csv-syntax',
    ],
    [
      'a line of a hundred thousand cells',
      'page.md',
      `${'|a'.repeat(100_000)}\n${TABLE}`,
      'page.md:1:1 document-too-large',
    ],
    ['too many lines', 'page.md', `${'a\n'.repeat(20_000)}\n${TABLE}`, 'page.md:1:1 document-too-large'],
    [
      'too many rows',
      'page.csv',
      `Source,Destination,Port\n${'a,b,80\n'.repeat(MOST_ROWS + 1)}`,
      'page.csv:1:1 document-too-large',
    ],
  ])('%s', (_, name, text, expected) => {
    const started = processorTime();
    const [said = ''] = refusals(text, name);
    expect(said).toMatch(expected);
    // Less than a second; without the limits these take minutes, or all memory.
    expect(processorTime() - started).toBeLessThan(20_000);
  });

  it('reads a long page within the limits', () => {
    const long = `${'lorem ipsum dolor sit amet\n'.repeat(1000)}\n${HEAD}${'| a | b | 80 | TCP |\n'.repeat(200)}`;
    expect(long.length).toBeLessThan(LONGEST_DOCUMENT.markdown);
    const { rows } = draftFrom(long);
    expect(rows).toHaveLength(200);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(200);
  });
});

/** Control characters but for line feeds, and marks that have no glyph or turn the writing direction. */
function unseen(character: string): boolean {
  const code = character.codePointAt(0) as number;
  if (code === 10) return false;
  return (
    code < 32 || (code >= 127 && code < 160) || /[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.test(character)
  );
}

describe('cells that mean harm', () => {
  const cell = (text: string): string => `${HEAD}| ${text} | b | 80 | TCP |\n`;

  it.each([
    ['YAML', '*a "&b": !!js/function {[#', '*a "&b": !!js/function {[#'],
    ['an escape of a terminal', 'x\u001b[31mred', 'x\u001b[31mred'],
    ['a turn of the writing direction', 'x\u202egnp.exe', 'x\u202egnp.exe'],
    ['a formula', '=1+1', '=1+1'],
    ['a key of objects', '__proto__', '__proto__'],
    ['a reserved word', 'none', 'none'],
    ['no letter of ASCII', 'Сервер', 'Сервер'],
    ['brackets without end', '('.repeat(50_000), '('.repeat(50_000)],
  ])('%s', (_, text, kept) => {
    const yaml = yamlFrom(cell(text));
    expect([...yaml].filter(unseen)).toEqual([]);
    expect(draftFrom(cell(text)).rows[0]?.cells.Source).toBe(kept);
  });

  it('headings that mean harm', () => {
    const text =
      '| Source | Destination | Port | `__proto__` | constructor | \u202ex |\n|-|-|-|-|-|-|\n| a | b | 80 | c | d | e |\n';
    const [row] = draftFrom(text).rows;
    expect(Object.entries(row?.cells ?? {})).toContainEqual(['__proto__', 'c']);
    expect(Object.values(row?.cells ?? {})).toEqual(['a', 'b', '80', 'c', 'd', 'e']);
  });

  it('names that differ only in letters without ASCII stay two roles', () => {
    const { rows } = draftFrom(`${HEAD}| Сервер 1 | Клиент 1 | 80 | TCP |\n`);
    expect(rows[0]?.connections[0]?.source).not.toBe(rows[0]?.connections[0]?.destination);
  });
});
