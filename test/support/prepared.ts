import type { TestProject } from 'vitest/node';
import bundled from './bundle.ts';
import compiled from './compiled.ts';

/** What the tests run is made before the first of them: side by side, as vitest itself would wait for one before the other. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const made = await Promise.all([bundled(project), compiled()]);
  return async () => {
    await Promise.all(made.map((remove) => remove?.()));
  };
}
