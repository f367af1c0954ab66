import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import * as source from '../../src/api.ts';
import { randomOf } from '../../bench/random.ts';

/** The bundle has the code that ajv makes of schemas (scripts/validators.js); sources let ajv make it when they run. */
const dist = fileURLToPath(new URL(`../../${inject('bundle')}/`, import.meta.url));
const bundled = (await import(pathToFileURL(join(dist, 'api.js')).href)) as typeof source;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const root = 'fixtures/clouds';
const files = readdirSync(root).flatMap((provider) =>
  readdirSync(join(root, provider))
    .map((name) => join(root, provider, name))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.json') && statSync(path).size < 20_000),
);

const WRONG: readonly Json[] = [null, 7, 'seven', true, [], {}, [{}], -1.5];
const random = randomOf(20_26);

/** The document with one value taken for another, at a place that the random numbers choose. */
function broken(value: Json): Json {
  const copy = structuredClone(value);
  let at: Json = copy;
  for (;;) {
    if (typeof at !== 'object' || at === null) return copy;
    const keys = Object.keys(at);
    if (keys.length === 0) return copy;
    const fields = at as Record<string, Json>;
    const key = random.pick(keys);
    const next = fields[key] as Json;
    if (typeof next === 'object' && next !== null && Object.keys(next).length > 0 && random.chance(80)) {
      at = next;
      continue;
    }
    if (!Array.isArray(at) && random.chance(30)) delete fields[key];
    else fields[key] = random.pick(WRONG);
    return copy;
  }
}

/** What is said of an export, whoever checks its shape. */
async function said({ openings }: Pick<typeof source, 'openings'>, path: string, text: string) {
  const result = await openings({ configs: [{ path, bytes: Buffer.from(text) }] });
  const told = result.ok ? result.value.coverage : result.errors;
  return JSON.stringify(told, (key, value) => (key === 'file' && typeof value === 'object' ? '' : value));
}

describe('validators made by the build', () => {
  it('say of broken exports what ajv says', async () => {
    let errors = 0;
    for (const path of files) {
      const [value] = [readFileSync(path, 'utf8')].flatMap((text) => {
        try {
          return [JSON.parse(text) as Json];
        } catch {
          return [];
        }
      });
      if (value === undefined) continue;
      for (let i = 0; i < 2; i++) {
        const text = JSON.stringify(broken(value), null, 1);
        const [one, other] = [await said(bundled, path, text), await said(source, path, text)];
        expect(one).toBe(other);
        if (one.includes('"export-shape"')) errors++;
      }
    }
    expect(errors).toBeGreaterThan(100);
  });

  it('are all that checks of clouds and sites need: ajv itself is not read', async () => {
    const before = new Set(Object.keys(createRequire(import.meta.url).cache));
    for (const path of files) await said(bundled, path, readFileSync(path, 'utf8'));
    const deployment = { path: 'site.yaml', bytes: readFileSync('fixtures/sites/x-road/site.yaml') };
    expect(bundled.siteFiles(deployment, undefined).ok).toBe(true);
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((one) => !before.has(one));
    expect([...before, ...loaded].filter((one) => one.startsWith(dist) && one.endsWith('ajv.cjs'))).toEqual(
      [],
    );
    const made = [...before, ...loaded].filter((one) => one.startsWith(dist) && one.includes('validator-'));
    expect(made.length).toBeGreaterThan(5);
  });
});
