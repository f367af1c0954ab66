import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runOnce, spread } from '../../bench/measure.ts';
import { markdown, thousands } from '../../bench/table.ts';

describe.skipIf(!existsSync('/usr/bin/time'))('measuring a process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-measure-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const node = (script: string) => runOnce([process.execPath, '-e', script], folder, 30);

  it('tells its time, its memory, its status and what it complained of', () => {
    const busy =
      'const end = Date.now() + 300; while (Date.now() < end); console.error("so"); process.exit(3)';
    const { wall, user, memory, status, complaint } = node(busy);
    expect(wall).toBeGreaterThan(0.3);
    expect(user).toBeGreaterThan(0.02);
    expect(memory).toBeGreaterThan(20e6);
    expect([status, complaint]).toEqual([3, 'so\n']);
    expect(node('globalThis.kept = Buffer.alloc(200e6, 1)').memory - memory).toBeGreaterThan(150e6);
  });

  it('ends one that takes too long, and says so; what it took until then is told', () => {
    const endless = runOnce([process.execPath, '-e', 'for (;;);'], folder, 1);
    expect(endless.status).toBeUndefined();
    expect(endless.wall).toBeGreaterThanOrEqual(1);
    expect(endless.user).toBeGreaterThan(0.05);
  });
});

describe('the middle of some numbers', () => {
  it('is the middle one, or between the middle two', () => {
    expect(spread([3, 1, 2])).toEqual({ mean: 2, median: 2, least: 1, greatest: 3 });
    expect(spread([4, 1, 2, 3])).toEqual({ mean: 2.5, median: 2.5, least: 1, greatest: 4 });
  });
});

it('tables are Markdown', () => {
  expect(markdown(['a', 'size'], [['rules', thousands(1_234_567)]])).toBe(
    '| a     |      size |\n| ----- | --------: |\n| rules | 1,234,567 |\n',
  );
});
