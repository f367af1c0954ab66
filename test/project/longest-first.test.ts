import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LONG } from '../support/longest-first.ts';

it('the test files that are begun first are there', () => {
  expect(LONG.filter((path) => !existsSync(path))).toEqual([]);
});
