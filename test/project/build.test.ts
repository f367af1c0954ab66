import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { emptied } from '../../scripts/build.js';

it('a build takes away an earlier one, but not the types, which npm makes before it where it packs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-build-'));
  try {
    mkdirSync(join(folder, 'types', 'src'), { recursive: true });
    mkdirSync(join(folder, 'baselines'));
    for (const name of ['chunk-1.js', 'types/src/api.d.ts', 'baselines/x.json'])
      writeFileSync(join(folder, name), '');
    await emptied(pathToFileURL(`${folder}/`));
    expect(readdirSync(folder)).toEqual(['types']);
    expect(existsSync(join(folder, 'types/src/api.d.ts'))).toBe(true);
    await emptied(pathToFileURL(`${folder}/not-there/`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('what npm packs has the types where package.json says', () => {
  const { exports, scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const { outDir, rootDir } = JSON.parse(readFileSync('tsconfig.types.json', 'utf8')).compilerOptions;
  expect([exports['.'].types, rootDir]).toEqual([`./${outDir}/src/api.d.ts`, '.']);
  expect(scripts.prepack).toContain('build:types');
});

it('npm installs nothing that the bundle has in it: what the types name is all', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(Object.keys(dependencies)).toEqual(['yaml']);
  expect(readFileSync('src/baseline/located.ts', 'utf8')).toContain("from 'yaml'");
});
