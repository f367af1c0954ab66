import type { Baseline } from '../baseline/baseline.ts';
import { besides, extend } from '../baseline/extends.ts';
import { loadBaseline } from '../baseline/load-baseline.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import { loadFile, loadNamed } from './baselines.ts';
import { decode, type InputFile, inUtf8 } from './input.ts';
import { notGiven } from './wrong-files/missing-file.ts';
import type { SiteFile } from './site.ts';

/**
 * The baseline together with what it extends.
 *
 * @param files the files that its paths lead to, as {@link extendedFiles} names them
 */
export function withExtended(baseline: Baseline, files: readonly InputFile[]): Result<Baseline> {
  return extend(baseline, (reference, path) => {
    if (reference.kind === 'id') return loadNamed(reference.name);
    const given = files.find((file) => file.path === path);
    return given === undefined ? failure(notGiven(path, reference.span)) : loadFile(given);
  });
}

/** Several baselines, each with what it extends; all problems where there are any. */
export function allExtended(
  baselines: readonly Baseline[],
  files: readonly InputFile[],
): Result<readonly Baseline[]> {
  const found: Baseline[] = [];
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const baseline of baselines) {
    const whole = withExtended(baseline, files);
    if (!whole.ok) errors.push(...whole.errors);
    else {
      found.push(whole.value);
      warnings.push(...whole.warnings);
    }
  }
  return errors.length > 0 ? failure(...errors) : success(found, warnings);
}

/**
 * The files that a baseline's `extends` names by path, whoever reads files gives them beside it. A baseline that cannot
 * be read names none: what is wrong with it is told when it is used.
 */
export function extendedFiles(file: InputFile): readonly SiteFile[] {
  if (!inUtf8(file.bytes).includes('extends')) return [];
  const decoded = decode(file);
  const loaded = decoded.ok ? loadBaseline(decoded.value.source) : decoded;
  if (!loaded.ok) return [];
  return loaded.value.extends
    .filter(({ kind }) => kind === 'path')
    .map(({ name, span }) => ({ path: besides(file.path, name), span }));
}
