import { expect, it } from 'vitest';
import { FleetTotals } from '../../src/api/fleet/totals.ts';
import { emptyTally } from '../../src/api/fleet/tally.ts';
import type { CoverageLine } from '../../src/finding/report.ts';

const line = (text: string): CoverageLine => ({
  file: 'groups.json',
  line: 1,
  status: 'ignored',
  text,
  reason: 'no exported interface carries the group; it guards nothing',
});

it('lines of coverage of an export that is one line differ by what they are about', () => {
  const totals = new FleetTotals();
  const record = { inputs: [], tally: emptyTally(), warnings: [] };
  totals.add({ ...record, index: 0, name: 'h1', coverage: [line('sg-1'), line('sg-2')] });
  totals.add({ ...record, index: 1, name: 'h2', coverage: [line('sg-2')] });
  const deployment = { path: 'site.yaml', sha256: '' };
  const { coverage } = totals.around({ tool: { name: 'postern', version: '1' }, baselines: [], deployment });
  expect(coverage.map(({ text }) => text)).toEqual(['sg-1', 'sg-2']);
});
