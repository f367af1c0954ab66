import { defineConfig } from 'vitest/config';

const results = process.env.POSTERN_TEST_RESULTS;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One for each of the two cores that tests are measured on; vitest would leave one of them idle.
    maxWorkers: 2,
    // The command line's tests run the real bundle in processes of its own.
    globalSetup: ['test/support/bundle.ts'],
    // .ci/run counts from this file.
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});
