import { expect, it } from 'vitest';
import { ReportBuilder } from '../../src/api/report-builder.ts';
import type { HostReport } from '../../src/finding/report.ts';
import type { CoverageEntry } from '../../src/rule/ruleset.ts';
import { SourceFile } from '../../src/text/source.ts';

const HOST: HostReport = {
  name: 'host',
  role: 'none',
  families: { ipv4: 'assessed', ipv6: 'not-assessed' },
  unbound: [],
  connections: [],
  findings: [],
};

it('a host with hundreds of thousands of lines that are not taken as written does not overflow the stack', () => {
  const count = 300_000;
  const file = new SourceFile('rules.v4', 'x\n'.repeat(count));
  const entries = Array.from({ length: count }, (_, i): CoverageEntry => {
    return { span: { file, start: 2 * i, end: 2 * i + 1 }, status: 'approximated', reason: 'opaque' };
  });
  const builder = new ReportBuilder([], undefined);
  builder.add(HOST, [], entries);
  const report = builder.finish();
  expect(report.ok && report.value.coverage.map(({ line }) => line)).toHaveLength(count);
  expect(report.ok && report.value.coverage.at(-1)?.line).toBe(count);
});
