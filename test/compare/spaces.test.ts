import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadHost } from '../../src/api/host/host.ts';
import { readBaseline } from '../../src/api/baselines.ts';
import { resolveWithout } from '../../src/baseline/resolve.ts';
import { checkHost } from '../../src/compare/check-host.ts';
import { Spaces } from '../../src/compare/view/spaces.ts';
import { BoxLimit } from '../../src/packet/boxes.ts';
import { DiagramLimit } from '../../src/packet/diagram.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { spaceFor } from '../../src/symbolic/layout/space.ts';
import { whole } from './cases.ts';
import { oneIn } from '../support/one-in.ts';

const FOLDERS = ['compare', 'nft'].map(
  (name) => new URL(`../../fixtures/${name}/`, import.meta.url).pathname,
);

/** The rule sets of some fixtures, as far as they are read without more files. */
async function rulesets(): Promise<Ruleset[]> {
  const found: Ruleset[] = [];
  for (const folder of FOLDERS) {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    for (const path of oneIn(8, paths.filter((name) => /\.(v4|v6|nft)$/.test(name)).sort())) {
      const loaded = await loadHost([{ path, bytes: readFileSync(join(folder, path)) }]);
      if (loaded.ok) found.push(loaded.value.ruleset);
    }
  }
  return found;
}

/** What a check says, as text; of a set with too many ranges, that. */
function answer(compare: () => unknown): string {
  try {
    return JSON.stringify(compare());
  } catch (error) {
    if (error instanceof BoxLimit) return error.message;
    throw error;
  }
}

describe('a space that hosts use one after the other', () => {
  it('gives each host what a space of its own gives it', async () => {
    const all = await rulesets();
    expect(all.length).toBeGreaterThan(50);
    const baseline = whole(readBaseline('x-road-security-server'));
    const host = whole(resolveWithout([baseline], 'security-server'));
    const spaces = new Spaces();
    let shared = 0;
    let last: unknown;
    for (const ruleset of all) {
      const own = answer(() => checkHost(host, ruleset, () => undefined));
      const together = answer(() =>
        spaces.run(ruleset, (space) => {
          if (space === last) shared++;
          last = space;
          return checkHost(host, ruleset, () => undefined, undefined, space);
        }),
      );
      expect(together).toBe(own);
    }
    expect(shared).toBeGreaterThan(all.length / 2);
  });

  const EMPTY = { chains: [] } as unknown as Ruleset;

  it('is not used again after an analysis that threw', () => {
    const spaces = new Spaces();
    const first = spaces.run(EMPTY, (space) => space);
    expect(spaces.run(EMPTY, (space) => space)).toBe(first);
    expect(() =>
      spaces.run(EMPTY, () => {
        throw new Error('a bug');
      }),
    ).toThrow('a bug');
    expect(spaces.run(EMPTY, (space) => space)).not.toBe(first);
  });

  it('makes room for a host that finds it too full, once', () => {
    const spaces = new Spaces();
    const first = spaces.run(EMPTY, (space) => space);
    const tried: unknown[] = [];
    const limit = (space: unknown): never => {
      tried.push(space);
      throw new DiagramLimit('too much');
    };
    expect(() => spaces.run(EMPTY, limit)).toThrow(DiagramLimit);
    expect(tried).toHaveLength(2);
    expect(tried[0]).toBe(first);
    expect(tried[1]).not.toBe(first);
    tried.length = 0;
    expect(() => spaces.run(EMPTY, limit)).toThrow(DiagramLimit);
    expect(tried).toHaveLength(1);
  });

  it('is not kept once it is large', () => {
    const spaces = new Spaces();
    const large = spaces.run(EMPTY, (space) => {
      for (let i = 0; i < 70_000; i++) space.field('mark', [2 * i, 2 * i]);
      return space;
    });
    expect(spaces.run(EMPTY, (space) => space)).not.toBe(large);
    expect(spaceFor(EMPTY)).not.toBe(large);
  });
});
