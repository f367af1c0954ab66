import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tracer } from '../../src/api/trace.ts';

/**
 * A case is a folder of fixtures/trace: configs (rules.v4, rules.v6, sets.ipset, addr.json), packets.ndjson, and in
 * answers.ndjson what `trace` must say to each of them.
 */
const root = 'fixtures/trace';
const CONFIGS = ['rules.v4', 'rules.v6', 'sets.ipset', 'addr.json'];

describe('trace', () => {
  it.each(readdirSync(root).sort())('%s', async (name) => {
    const folder = join(root, name);
    const configs = CONFIGS.filter((file) => existsSync(join(folder, file))).map((path) => ({
      path,
      bytes: readFileSync(join(folder, path)),
    }));
    const made = await tracer({ configs });
    if (!made.ok) throw new Error(made.errors.map((error) => error.message).join('\n'));
    const lines = readFileSync(join(folder, 'packets.ndjson'), 'utf8').split('\n');
    const answers = lines.flatMap((line) => made.value(line)?.json ?? []);
    expect(answers.length).toBeGreaterThan(0);
    expect(`${answers.join('\n')}\n`).toBe(readFileSync(join(folder, 'answers.ndjson'), 'utf8'));
  });
});
