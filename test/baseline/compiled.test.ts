import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { compileBaseline, readCompiled } from '../../src/baseline/compiled.ts';
import { sha256 } from '../../src/baseline/digest.ts';
import { listShipped, loadShipped } from '../../src/baseline/shipped.ts';
import { readYaml } from '../../src/baseline/yaml.ts';
import { SourceFile } from '../../src/text/source.ts';
import { root, shipped, unwrap } from './support.ts';

describe('compiled baselines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-compiled-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const ids = unwrap(listShipped(shipped));
  const built = join(root, inject('bundle'), 'baselines');

  it.each(ids)('%s is what its YAML says, with every place', (id) => {
    const source = new SourceFile(`${id}.yaml`, readFileSync(join(shipped, `${id}.yaml`), 'utf8'));
    const yaml = unwrap(readYaml(source));
    const digest = sha256(source.text);
    writeFileSync(join(folder, `${id}.json`), compileBaseline(yaml, digest) ?? '');
    expect(readCompiled(folder, id, source, digest)).toEqual(yaml);
    expect(readCompiled(folder, id, source, sha256('another text'))).toBeUndefined();
  });

  it.each(ids)('%s is built, and gives the same baseline', (id) => {
    const text = readFileSync(join(shipped, `${id}.yaml`), 'utf8');
    const source = new SourceFile(join(shipped, `${id}.yaml`), text);
    expect(readCompiled(built, id, source, sha256(text))).toBeDefined();
    expect(loadShipped(shipped, id, built)).toEqual(loadShipped(shipped, id));
  });

  it('do not exist for values that JSON has not, and where nothing is built', () => {
    const yaml = unwrap(readYaml(new SourceFile('x.yaml', 'a: [1, .inf]\n')));
    expect(compileBaseline(yaml, '')).toBeUndefined();
    expect(readCompiled(join(folder, 'nowhere'), 'x', new SourceFile('x.yaml', ''), '')).toBeUndefined();
  });
});
