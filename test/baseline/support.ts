import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Baseline } from '../../src/baseline/baseline.ts';
import type { Deployment } from '../../src/baseline/deployment.ts';
import { loadBaseline } from '../../src/baseline/load-baseline.ts';
import { loadDeployment } from '../../src/baseline/load-deployment.ts';
import type { Result } from '../../src/text/diagnostic.ts';
import { formatPlace, SourceFile } from '../../src/text/source.ts';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const fixtures = join(root, 'fixtures', 'baseline');
export const shipped = join(root, 'baselines');

/** The value of a result that must be one; otherwise the test fails with what was said. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const said = result.errors.map((e) => `${e.span === undefined ? '' : formatPlace(e.span)} ${e.message}`);
  throw new Error(said.join('\n'));
}

export function baselineOf(text: string): Baseline {
  return unwrap(loadBaseline(new SourceFile('baseline.yaml', text)));
}

export function deploymentOf(text: string): Deployment {
  return unwrap(loadDeployment(new SourceFile('site.yaml', text)));
}
