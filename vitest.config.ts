import { defineConfig } from 'vitest/config';
import { COMPILED, compiledSources } from './test/support/compiled.ts';
import { LongestFirst } from './test/support/longest-first.ts';

const results = process.env.POSTERN_TEST_RESULTS;

// Node 20 reads these at every start, which takes longer than the start itself, and the tests start hundreds of processes.
// None of them talks to anybody.
delete process.env.NODE_EXTRA_CA_CERTS;

export default defineConfig({
  plugins: [compiledSources],
  test: {
    include: ['test/**/*.test.ts'],
    // Much longer than any takes: another's load on the machine is no fault of the project.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // One for each of the two cores that tests are measured on; vitest would leave one of them idle.
    maxWorkers: 2,
    // Files of one worker share the loaded modules: reading them anew for each file would take a third of the time. No
    // test changes a module's state, and those that change the environment put it back.
    isolate: false,
    // Tests make many short-lived objects; with more room for them V8 collects less often, which saves a twelfth of the time.
    execArgv: ['--max-semi-space-size=64', '--min-semi-space-size=16'],
    sequence: { sequencer: LongestFirst },
    server: { deps: { external: [COMPILED] } },
    // The command line's tests run the real bundle in processes of its own.
    globalSetup: 'test/support/prepared.ts',
    // .ci/run counts from this file.
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});
