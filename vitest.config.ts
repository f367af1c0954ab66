import { defineConfig } from 'vitest/config';

const results = process.env.POSTERN_TEST_RESULTS;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One for each of the two cores that tests are measured on; vitest would leave one of them idle.
    maxWorkers: 2,
    // Files of one worker share the loaded modules: reading them anew for each file would take a third of the time. No
    // test changes a module's state, and those that change the environment put it back.
    isolate: false,
    // Tests make many short-lived objects; with more room for them V8 collects less often, which saves a twelfth of the time.
    execArgv: ['--max-semi-space-size=64', '--min-semi-space-size=16'],
    // The command line's tests run the real bundle in processes of its own.
    globalSetup: ['test/support/bundle.ts'],
    // .ci/run counts from this file.
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});
