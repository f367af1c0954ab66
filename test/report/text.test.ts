import { describe, expect, it } from 'vitest';
import { columns } from '../../src/report/columns.ts';
import { renderOpeningsText } from '../../src/report/openings-text.ts';
import { renderText } from '../../src/report/text.ts';
import { numberRanges } from '../../src/report/text-coverage.ts';
import { finding, report } from './sample.ts';

const plain = { colour: false, width: 80 };

describe('the text report', () => {
  const text = renderText(report, plain);

  it('reads as its golden file', async () => {
    await expect(text).toMatchFileSnapshot('../../fixtures/report/full/report.txt');
  });

  it('keeps to 80 columns but for what must stay whole', () => {
    const long = text.split('\n').filter((line) => [...line].length > 80);
    expect(long.every((line) => line.trimStart().startsWith('{"hook"'))).toBe(true);
    expect(long).toHaveLength(2);
  });

  it('keeps to them where lines go on, and where characters are wide', () => {
    const coverage = (text: string, reason: string) =>
      ({ file: 'rules.v4', line: 15, status: 'approximated', text, reason }) as const;
    const words = 'every word of this reason has nine letters or less '.repeat(9);
    const told = renderText(
      { ...report, coverage: [coverage('字'.repeat(90), words), coverage('x'.repeat(90), 'short')] },
      plain,
    );
    const wide = told.split('\n').filter((line) => columns(line) > 80 && !line.includes('{"hook"'));
    expect(wide).toEqual([]);
    const rules = Array.from({ length: 6 }, (_, i) => ({
      file: 'a/rather/long/path/to/rules.v4',
      line: i + 1,
      column: 1,
    }));
    const opening = { hook: 'input', certainty: 'definite', box: { family: 'ipv4' }, rules } as const;
    const families = { ipv4: 'assessed', ipv6: 'assessed' } as const;
    const list = renderOpeningsText(
      { schemaVersion: '1', families, openings: [opening], coverage: [] },
      plain,
    );
    expect(list.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('puts the host with the worst finding first, and the worst finding of a host first', () => {
    expect(text.indexOf('ss1 (security-server)')).toBeLessThan(text.indexOf('clean (security-server)'));
    expect(text.indexOf('HIGH conflicting')).toBeLessThan(text.indexOf('LOW excessive'));
  });

  it('ends with the counts', () => {
    expect(text.trimEnd().split('\n').at(-1)).toBe(
      'summary: 0 missing, 1 excessive, 1 conflicting, 1 undetermined, 1 satisfied',
    );
  });

  it('gives each witness as a line that `trace` can read', () => {
    const witnesses = text.split('\n').filter((line) => line.trimStart().startsWith('{"hook"'));
    expect(witnesses.map((line) => JSON.parse(line))).toEqual([
      finding.witness,
      report.hosts[1]?.findings[0]?.witness,
    ]);
  });

  it('puts carets below the rule, past its counters', () => {
    const all = text.split('\n');
    const at = all.findIndex((line) => line.includes('31 | [0:0] -A INPUT'));
    expect(all[at + 1]?.indexOf('^')).toBe(all[at]?.indexOf('-A INPUT'));
  });

  it('names every coverage line, quoted or by number', () => {
    for (const line of [40, 41, 42, 50]) expect(text).toContain(`    ${line} | -A INPUT`);
    expect(text).toContain('and 2 more lines: 44-45');
  });

  it('colours only when asked', () => {
    expect(text).not.toContain('\u001b');
    const coloured = renderText(report, { colour: true, width: 80 });
    expect(coloured).toContain('\u001b[31mHIGH\u001b[0m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences begin with one
    expect(coloured.replace(/\u001b\[[0-9;]*m/g, '')).toBe(text);
  });

  it('is the same text for the same report', () => {
    expect(renderText(structuredClone(report), plain)).toBe(text);
  });
});

describe('line numbers', () => {
  it('joins neighbours and drops repeats', () => {
    expect(numberRanges([9, 3, 7, 8, 8])).toBe('3, 7-9');
    expect(numberRanges([])).toBe('');
  });
});
