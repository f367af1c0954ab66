import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/api.ts';
import { check } from '../../src/api/check.ts';
import { areDisjoint } from './box-sets.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/iptables');
/** Opaque matches, marks, hop limits, several tables: what makes lines open the same packets. */
const CASES = readdirSync(FOLDER).flatMap((name) =>
  readdirSync(join(FOLDER, name))
    .filter((file) => /^rules\.v[46]$/.test(file))
    .map((file) => join(name, file)),
);

async function excess(path: string): Promise<readonly Finding[]> {
  const bytes = readFileSync(join(FOLDER, path));
  const report = await check({
    configs: [{ path, bytes }],
    baselines: ['x-road-security-server'],
    as: 'security-server',
  });
  expect(report.ok).toBe(true);
  return report.ok ? (report.value.hosts[0]?.findings.filter(({ code }) => code === 'excessive') ?? []) : [];
}

describe('what is beyond the documents', () => {
  it('has enough cases', () => expect(CASES.length).toBeGreaterThan(40));

  it.each(CASES)('is reported once, under one line: %s', async (path) => {
    const found = await excess(path);
    for (const [i, one] of found.entries())
      for (const other of found.slice(i + 1)) {
        const same = one.family === other.family && one.hook === other.hook;
        if (!same || one.translated !== undefined || other.translated !== undefined) continue;
        const shared = one.packets.some((a) => other.packets.some((b) => !areDisjoint(a, b)));
        expect(shared, `${one.message} / ${other.message}`).toBe(false);
      }
  });
});
