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

describe('lines of a page', () => {
  it('are those that a browser shows, wherever they stand in the text', () => {
    const text = `<!doctype html><title>x</title><p>Open 5500/tcp too.</p>
<table><tr><th>Source</th><th>Destination</th><th>Port</th><th>Protocol</th></tr><tr><td>a</td><td>b</td><td>80</td><td>TCP</td></tr></table><ul><li>443: updates</li><li>In 2024 nothing.</li>
<li><b>VPN</b> &rarr; Mill: 22</li></ul>`;
    const { loose, source } = unwrap(readDocument(bytes(text), 'page.html'));
    expect(loose.map(({ start, end }) => source.text.slice(start, end))).toEqual([
      'Open 5500/tcp too.',
      '443: updates',
      '<b>VPN</b> &rarr; Mill: 22',
    ]);
  });
});

describe('a word that forbids', () => {
  it.each([
    ['| a | b | 23 | TCP (DENY) | x |', 'DENY', 'Protocol'],
    ['| a | b | 23 (blocked) | TCP | x |', 'blocked', 'Port'],
    ['| a | b | 23 closed | TCP | x |', 'closed', 'Port'],
    ['| a | b (denied) | 23 | TCP | x |', 'denied', 'Destination'],
    ['| a | b | 23 | TCP | Must not be open |', 'Must not', 'Purpose'],
    ['| a | b | 23 | TCP | is not allowed from here |', 'not allowed', 'Purpose'],
  ])('%s is marked', (row, word, heading) => {
    const head = '| Source | Destination | Port | Protocol | Purpose |\n|-|-|-|-|-|\n';
    const [read] = draftFrom(`${head}${row}\n`).rows;
    expect(read?.review).toContain(
      `\`${word}\` under \`${heading}\` may say that the connection is not to be open; the row is read as one that allows it.`,
    );
  });

  it('says nothing more where the row is read as one that forbids', () => {
    const text = '| Source | Destination | Port | Protocol | Action | Purpose |\n|-|-|-|-|-|-|\n';
    const [read] = draftFrom(`${text}| a | b | 23 | TCP | Deny | must be blocked |\n`).rows;
    expect([read?.review, read?.connections[0]?.level]).toEqual([[], 'prohibited']);
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
