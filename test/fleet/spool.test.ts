import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Spool } from '../../src/cli/fleet/spool.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-spool-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('a spool', () => {
  it.each([
    ['a few texts', 3, 10],
    ['more than stays in memory', 9, 5_000_000],
  ])('%s: gives them in order, as often as asked, and leaves nothing', (_, count, size) => {
    const texts = Array.from({ length: count }, (__, i) => `${i}é${'x'.repeat(size + i)}`);
    const spool = new Spool();
    for (const text of texts) spool.add(Buffer.from(text));
    for (let round = 0; round < 2; round++) {
      let i = 0;
      for (const text of spool.texts()) expect(text === texts[i++]).toBe(true);
      expect(i).toBe(count);
    }
    spool.add(Buffer.from('last'));
    expect([...spool.texts()].at(-1)).toBe('last');
    expect(readdirSync(folder)).toEqual([]);
    spool.close();
  });

  it('throws what the file system says where there is no room', () => {
    vi.stubEnv('TMPDIR', join(folder, 'nowhere'));
    const spool = new Spool();
    expect(() => spool.add(Buffer.alloc(20_000_000))).toThrow('ENOENT');
    spool.close();
  });
});
