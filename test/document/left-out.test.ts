import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/api/document.ts';
import { unwrap } from '../baseline/support.ts';
import { bytes, draftFrom } from './support.ts';

const HEAD = '| Source | Destination | Port | Protocol |\n|---|---|---|---|\n';

const linesOf = (text: string): number[] => {
  const { loose, source } = unwrap(readDocument(bytes(text), 'page.md'));
  return loose.map(({ start }) => source.position(start).line);
};

describe('what stands outside of the tables is told', () => {
  it('rows after a line that breaks the table', () => {
    const text = `${HEAD}| a | b | 80 | TCP |\nbroken\n| c | d | 443 | TCP |\n`;
    expect(draftFrom(text).rows).toHaveLength(1);
    expect(linesOf(text)).toEqual([5]);
    expect(draftFrom(text).review.map(({ text: mark }) => mark)).toContainEqual(
      'Lines outside of tables look like connections and were not read: 5.',
    );
  });

  it('a table in a block of code', () => {
    expect(linesOf(`${HEAD}| a | b | 80 | TCP |\n\n\`\`\`\n${HEAD}| c | d | 443 | TCP |\n\`\`\`\n`)).toEqual([
      8,
    ]);
  });

  it('lines with arrows, lists of ports and protocols in sentences', () => {
    const text = `${HEAD}| a | b | 80 | TCP |\n\nVPN → Mill: 22\n- 443/80: clients\nOpen 5500/tcp too.\nIn 2024 nothing.\n`;
    expect(linesOf(text)).toEqual([5, 6, 7]);
  });
});

describe('where tables stand', () => {
  it.each([
    ['in a quote', HEAD.replace(/^/gm, '> ').replace(/> $/, '> | a | b | 80 | TCP |\n')],
    ['in a list', `- item\n\n  ${HEAD.replaceAll('\n', '\n  ')}| a | b | 80 | TCP |\n`],
    ['in a box with colons', `:::(info)\n${HEAD}| a | b | 80 | TCP |\n:::\n`],
    ['with line breaks of Windows', `Ports\n${HEAD}| a | b | 80 | TCP |\nEnd\n`.replaceAll('\n', '\r\n')],
    ['at the very end', `${HEAD}| a | b | 80 | TCP |`],
  ])('%s they are read', (_, text) => {
    const { rows } = draftFrom(text);
    expect(rows.map(({ cells }) => Object.values(cells).join(' '))).toEqual(['a b 80 TCP']);
    expect(rows[0]?.review).toEqual([]);
  });
});

describe('directions against columns', () => {
  it('are told', () => {
    const text =
      '| Type | From | To | Port | Protocol |\n|-|-|-|-|-|\n'.replace('Type', 'Direction') +
      '| In | Mill | Press | 80 | TCP |\n| In | Press | Mill | 81 | TCP |\n| Out | Press | Bank | 82 | TCP |\n';
    expect(draftFrom(text).rows.map(({ review }) => review.length)).toEqual([0, 1, 0]);
  });
});
