import { expect, it } from 'vitest';

/** A row of a page that names a fixture for each construct. */
export interface ConstructRow {
  readonly construct: string;
  readonly fixture: string;
  /** The one file of the fixture that has the text, where it is named. */
  readonly file: string | undefined;
  readonly text: string;
}

/** The rows of the page's tables; `unescaped` gives the text of a fixture for what a table can hold of it. */
export function constructRows(page: string, unescaped: (text: string) => string): readonly ConstructRow[] {
  return page.split('\n').flatMap((line): ConstructRow[] => {
    const cells = /^\| (.+) \| ([\w/.-]+) \| `(?:(listing\.\w+): )?(.+)` \|$/.exec(line);
    if (cells === null) return [];
    const [, construct = '', fixture = '', file, text = ''] = cells;
    return [{ construct, fixture, file, text: unescaped(text) }];
  });
}

/** What holds of every such page. */
export function itIsWhole(page: string, rows: readonly ConstructRow[]): void {
  it('has every line of its tables read', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('| '));
    const heads = lines.filter((line) => /^\| (?:construct|---) \|/.test(line));
    expect(rows.length).toBe(lines.length - heads.length);
    expect(rows.length).toBeGreaterThan(130);
  });

  it('names each construct once', () => {
    const names = rows.map(({ construct }) => construct);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });
}
