import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/api/check.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/compare');

describe('half-open connections of a port that is translated to another machine', () => {
  // Without the host's addresses the packets could be meant for the host too, where they do not pass.
  it.each(['excess-dnat', 'dnat-half-open'])('show where they pass: %s', async (name) => {
    const bytes = readFileSync(join(FIXTURES, name, 'rules.v4'));
    const report = await check({
      configs: [{ path: 'rules.v4', bytes }],
      baselines: ['x-road-security-server'],
      as: 'security-server',
    });
    const found = report.ok ? (report.value.hosts[0]?.findings ?? []) : report.errors;
    const halves = found.flatMap((one) => ('rule' in one && one.rule === 'half-open' ? [one.hook] : []));
    expect(halves).toEqual(['forward']);
  });
});
