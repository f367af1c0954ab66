import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The package's folder: one above `src/` and above the bundle's `dist/`, both of which hold this module directly. */
const root = new URL('../', import.meta.url);

/** The version that package.json names. */
export function packageVersion(): string {
  const text = readFileSync(new URL('package.json', root), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The folder of the shipped baselines. */
export function baselineDirectory(): string {
  return fileURLToPath(new URL('baselines/', root));
}
