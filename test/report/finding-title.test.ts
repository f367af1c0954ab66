import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/finding/report.ts';
import { renderReport } from '../../src/api/reports.ts';
import { findingTitle } from '../../src/report/finding-title.ts';
import { many } from './samples.ts';

describe('the heading of a finding', () => {
  it('says that what depends on something is possible; a last day is not', () => {
    expect(findingTitle({ rule: 'closed', certainty: 'definite' })).toBe('A needed connection is closed');
    expect(findingTitle({ rule: 'closed', certainty: 'possible' })).toBe(
      'Possible: A needed connection is closed',
    );
    expect(findingTitle({ rule: 'waiver-expired', certainty: 'possible' })).toBe('A waiver has expired');
  });

  it.each(['markdown', 'oscal', 'ocsf', 'html'] as const)('is the same in %s', async (format) => {
    const report: Report = many(1, () => ({ rule: 'closed', certainty: 'possible' }));
    expect(await renderReport(report, format)).toContain('Possible: A needed connection is closed');
  });
});
