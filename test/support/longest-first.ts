import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take longest, by themselves or because they wait for programs. Begun last, one of them would leave the other core idle
 * to the end; vitest knows their times only where it has run before.
 */
export const LONG = [
  'test/report/html/browser.test.ts',
  'test/kernel/nft-scripts.test.ts',
  'test/project/checks.test.ts',
  'test/clouds/fixtures.test.ts',
  'test/fleet/shards.test.ts',
  'test/compare/fixtures.test.ts',
  'test/boundaries.test.ts',
  'test/compare/spaces.test.ts',
  'test/report/hostile-formats.test.ts',
  'test/project/merged-chunks.test.ts',
  'test/clouds/hostile.test.ts',
  'test/project/validators.test.ts',
  'test/fleet/cache.test.ts',
  'test/bench/generate.test.ts',
];

/** The order of test files: the long ones first, then vitest's own. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONG.indexOf(relative('.', moduleId));
      return at < 0 ? LONG.length : at;
    };
    return sorted.sort((a, b) => place(a) - place(b));
  }
}
