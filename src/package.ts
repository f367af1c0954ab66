import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The package's folder: one above `src/` and above the bundle's `dist/`, both of which hold this module directly. */
const root = new URL('../', import.meta.url);

/** The version that package.json names. */
export function packageVersion(): string {
  const text = readFileSync(new URL('package.json', root), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The package's folder, where `docs/` is. */
export function packageDirectory(): string {
  return fileURLToPath(root);
}

/** The folder of the shipped baselines. */
export function baselineDirectory(): string {
  return fileURLToPath(new URL('baselines/', root));
}

/** The folder where the build leaves what it read from the shipped baselines; from sources there is none. */
export function compiledBaselines(): string {
  return fileURLToPath(new URL('./baselines/', import.meta.url));
}
