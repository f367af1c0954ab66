import { describe, expect, it } from 'vitest';
import { parseLines } from '../../../grammars/iptables/parser.ts';

/** The lines as `kind: words`, with counters in front. */
function lines(text: string): string[] {
  const { lines: nodes, problem } = parseLines(text);
  expect(problem).toBeUndefined();
  return nodes.map(({ kind, counters, words }) => {
    const before = counters === undefined ? '' : `${counters.image} `;
    return `${before}${kind}: ${words.map((word) => word.image).join(' · ')}`;
  });
}

describe('the grammar of iptables dumps', () => {
  it('tells the kinds of lines apart by their first character', () => {
    const text =
      '# c\n*filter\n:INPUT DROP [1:2]\n-A INPUT -j x\n[3:4] -A INPUT\n[5:6]-A INPUT\n\n  \nCOMMIT\n#end';
    expect(lines(text)).toEqual([
      'comment: # c',
      'table: filter',
      'chain: INPUT · DROP · [1:2]',
      'command: -A · INPUT · -j · x',
      '[3:4] command: -A · INPUT',
      '[5:6] command: -A · INPUT',
      'commit: COMMIT',
      'comment: #end',
    ]);
  });

  it('takes an indented line for a command whatever it looks like', () => {
    expect(lines(' *filter\n\t:x -\n #y\n')).toEqual(['command: *filter', 'command: :x · -', 'command: #y']);
  });

  it('takes COMMIT for a word unless it stands alone', () => {
    expect(lines('COMMIT x\nCOMMITS\nCOMMIT  \nCOMMIT\r\nCOMMIT')).toEqual([
      'command: COMMIT · x',
      'command: COMMITS',
      'commit: COMMIT',
      'commit: COMMIT',
      'commit: COMMIT',
    ]);
  });

  it('lets a quote open anywhere in a word and end it', () => {
    expect(lines('-A ab"c d"ef "" "a\\"b" x"y\n"z w"\n')).toEqual([
      'command: -A · ab"c d" · ef · "" · "a\\"b" · x"y',
      'command: "z w"',
    ]);
  });

  it('does not look at what follows the name of a table', () => {
    expect(lines('*filter x\n*nat')).toEqual(['table: filter · x', 'table: nat']);
  });

  it('takes any other character into words', () => {
    expect(lines('-A \u0001# 日本* 💥 [x] a!b\n')).toEqual([
      'command: -A · \u0001# · 日本* · 💥 · [x] · a!b',
    ]);
  });

  it.each([
    ['*\n', 1],
    ['*', 1],
    [':\n', 1],
    ['[1:2]\n', 5],
  ])('says where %j is wrong', (text, offset) => {
    expect(parseLines(text).problem?.offset).toBe(offset);
  });
});
