import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { inputsDigest } from '../../scripts/digest.js';

const folder = `${mkdtempSync(join(tmpdir(), 'postern-'))}/`;
for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts'])
  cpSync(name, folder + name, { recursive: true });
for (const name of ['src', 'grammars', 'schemas', 'baselines', 'fixtures/sites', 'fixtures/clouds'])
  mkdirSync(folder + name, { recursive: true });

afterAll(() => rmSync(folder, { recursive: true }));

it('is another one where a file of the bundle is changed, added, renamed or removed, and the same where all is as it was', () => {
  const before = inputsDigest(folder);
  const seen = new Set([before]);
  const write = (path: string, text: string): void => writeFileSync(folder + path, text);
  for (const change of [
    () => write('src/a.ts', 'one'),
    () => write('src/a.ts', 'two'),
    () => cpSync(`${folder}src/a.ts`, `${folder}src/b.ts`),
    () => rmSync(`${folder}src/a.ts`),
    () => write('baselines/c.yaml', ''),
    () => write('schemas/d.json', '{}'),
    () => write('scripts/build.js', ''),
    () => write('package-lock.json', '{}'),
  ]) {
    change();
    const now = inputsDigest(folder);
    expect(inputsDigest(folder)).toBe(now);
    expect(seen).not.toContain(now);
    seen.add(now);
  }
});
