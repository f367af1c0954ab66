// Prints `N passed, N failed, N skipped` from the file that vitest's JSON reporter wrote. Exits 1 unless all is well.
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const { status: suite, assertionResults } of JSON.parse(readFileSync(file, 'utf8')).testResults) {
    const failedBefore = counts.failed;
    for (const test of assertionResults) {
      counts[test.status === 'passed' ? 'passed' : test.status === 'failed' ? 'failed' : 'skipped']++;
    }
    // A file that can't be loaded, or whose hook throws, has failed although none of its tests says so.
    if (suite === 'failed' && counts.failed === failedBefore) counts.failed++;
  }
} catch {
  // There is no file: the runner did not come so far. Its status says that it failed.
}
if (status !== '0' && counts.failed === 0) counts.failed = 1;
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
