import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import { SourceFile } from '../text/source.ts';
import type { Baseline } from './baseline.ts';
import { sha256 } from './digest.ts';
import { readCompiled } from './compiled.ts';
import { baselineOf, loadBaseline } from './load-baseline.ts';
import { oneOf, suggestion } from './suggest.ts';

const DIGESTS = 'digests.json';

/**
 * What was made of a file, by its path and the folder of compiled ones, with the digest of the text: a program that checks site
 * after site reads each of the few shipped files once, and again where its text is another.
 */
const known = new Map<string, { readonly digest: string; readonly baseline: Result<Baseline> }>();

/**
 * The ids of the baselines in a folder, sorted: the names of its `.yaml` files.
 *
 * @param directory the package's `baselines/`; where that is, the caller knows (beside `src/` or beside `dist/`)
 */
export function listShipped(directory: string): Result<readonly string[]> {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
    return success(names.map((name) => name.slice(0, -'.yaml'.length)).sort());
  } catch (error) {
    return failure(unreadable(directory, error));
  }
}

/** Every shipped baseline, by id. Fails where any of them does: a package whose files are broken is to be told. */
export function listBaselines(directory: string, compiled?: string): Result<readonly Baseline[]> {
  const ids = listShipped(directory);
  if (!ids.ok) return ids;
  const baselines: Baseline[] = [];
  for (const id of ids.value) {
    const loaded = loadShipped(directory, id, compiled);
    if (!loaded.ok) return loaded;
    baselines.push(loaded.value);
  }
  return success(baselines);
}

/**
 * The shipped baseline of an id; an id that is none gives an error with the ids that there are.
 *
 * @param compiled a folder where the build has left what it read from the same texts (compiled.ts)
 */
export function loadShipped(directory: string, id: string, compiled?: string): Result<Baseline> {
  const ids = listShipped(directory);
  if (!ids.ok) return ids;
  if (!ids.value.includes(id)) return failure(unknownBaseline(id, ids.value));
  const path = join(directory, `${id}.yaml`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return failure(unreadable(path, error));
  }
  const source = new SourceFile(path, text);
  const digest = sha256(text);
  const key = `${path}\0${compiled ?? ''}`;
  const before = known.get(key);
  if (before?.digest === digest) return before.baseline;
  const values = compiled === undefined ? undefined : readCompiled(compiled, id, source, digest);
  const baseline =
    values === undefined
      ? loadBaseline(source, tested(directory).get(id) === digest)
      : baselineOf(values, source);
  known.set(key, { digest, baseline });
  return baseline;
}

/**
 * The digests of the files as the package's tests have checked them against the schema (`digests.json`, by id).
 * Compiling the schema takes longer than all the rest of reading a baseline; a file that somebody changed since is checked
 * in full, and so is every file where the digests cannot be read.
 */
function tested(directory: string): ReadonlyMap<string, unknown> {
  try {
    const digests: unknown = JSON.parse(readFileSync(join(directory, DIGESTS), 'utf8'));
    return new Map(Object.entries(digests ?? {}));
  } catch {
    return new Map();
  }
}

/** "There is no baseline …", with the shipped ids. */
export function unknownBaseline(id: string, shipped: readonly string[]): Diagnostic {
  return {
    severity: 'error',
    code: 'unknown-baseline',
    message: `There is no baseline \`${id}\`.`,
    expected: oneOf(shipped),
    help: id.includes(',')
      ? 'Give `--baseline` once for each.'
      : (suggestion(id, shipped) ?? 'For a file of your own write its path, such as `./company.yaml`.'),
  };
}

function unreadable(path: string, error: unknown): Diagnostic {
  return {
    severity: 'error',
    code: 'unreadable',
    message: `\`${path}\` cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    path,
  };
}
