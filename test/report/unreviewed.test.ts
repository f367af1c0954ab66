import { describe, expect, it } from 'vitest';
import { renderReport } from '../../src/api/reports.ts';
import type { Report } from '../../src/finding/report.ts';
import { report } from './sample.ts';

const [first] = report.baselines as readonly [Report['baselines'][number]];
const draft: Report = { ...report, baselines: [{ ...first, unreviewed: { rows: 6, document: 1 } }] };

describe('a baseline of which rows still wait for a decision', () => {
  it.each([
    'text',
    'html',
    'sarif',
    'junit',
    'gitlab',
    'github',
    'github-summary',
    'markdown',
    'oscal',
    'ocsf',
  ] as const)('is told in %s', async (format) => {
    const text = (await renderReport(draft, format)).replace(/\s+/g, ' ');
    expect(text).toContain(
      `The baseline ${first.id} still has 6 rows that nobody has reviewed and 1 open question about the whole document, so the verdict leans on guesses`,
    );
    expect(await renderReport(report, format)).not.toContain('nobody has reviewed');
  });

  it('is counted in JSON', async () => {
    expect(JSON.parse(await renderReport(draft, 'json')).baselines[0].unreviewed).toEqual({
      rows: 6,
      document: 1,
    });
  });
});
