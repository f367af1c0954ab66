import { posix } from 'node:path';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { Baseline } from './baseline.ts';
import type { BaselineReference } from './deployment.ts';
import { complaint } from './complaint.ts';

/** More baselines than this are not composed: nobody extends a hundred documents on purpose. */
export const MAXIMUM_INCLUDED = 100;

/**
 * Gives the baseline that a reference names.
 *
 * @param path for a path: where it leads, seen from where `from`'s own path is seen
 */
export type FindBaseline = (reference: BaselineReference, path: string, from: Baseline) => Result<Baseline>;

/** Where a path that a file names leads, seen from where that file's own path is seen; `-` stands in `.`. */
export function besides(file: string, path: string): string {
  const folder = file === '-' ? '.' : posix.dirname(file);
  return folder === '.' ? path : posix.join(folder, path);
}

/**
 * The baseline with everything that it extends, all the way down, as `includes`: each once, those that it names first
 * before those that they name. A circle is an error at the place that closes it.
 */
export function extend(root: Baseline, find: FindBaseline): Result<Baseline> {
  if (root.extends.length === 0) return success(root);
  const included = new Map<string, Baseline>();
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  const visit = (from: Baseline, trail: readonly string[]): void => {
    for (const reference of from.extends) {
      const path = besides(from.source.path, reference.name);
      const key = reference.kind === 'id' ? reference.name : posix.normalize(path);
      if (trail.includes(key)) errors.push(circle(reference, [...trail, key]));
      else if (!included.has(key) && errors.length === 0) {
        const found = find(reference, path, from);
        if (!found.ok) errors.push(...found.errors.map((error) => placed(error, reference)));
        else if (included.size >= MAXIMUM_INCLUDED) errors.push(tooMany(reference));
        else {
          included.set(key, found.value);
          warnings.push(...found.warnings);
          visit(found.value, [...trail, key]);
        }
      }
    }
  };
  visit(root, [posix.normalize(root.source.path)]);
  const all = [...included.values()];
  errors.push(...sameIds(root, all));
  return errors.length > 0 ? failure(...errors) : success({ ...root, includes: all }, warnings);
}

/** The baselines and what they include, each text once, in order. */
export function withIncluded(baselines: readonly Baseline[]): Baseline[] {
  const found = new Map<string, Baseline>();
  for (const baseline of baselines)
    for (const one of [baseline, ...baseline.includes])
      if (!found.has(one.sha256)) found.set(one.sha256, one);
  return [...found.values()];
}

function circle(reference: BaselineReference, trail: readonly string[]): Diagnostic {
  const again = trail.slice(trail.indexOf(trail.at(-1) as string));
  return complaint({
    code: 'extends-circle',
    message: `The baseline extends itself: ${again.map((name) => `\`${name}\``).join(' → ')}.`,
    span: reference.span,
    help: 'Take one of these entries of `extends` out.',
  });
}

function tooMany(reference: BaselineReference): Diagnostic {
  return complaint({
    code: 'extends-too-many',
    message: 'The baseline extends too many others.',
    span: reference.span,
    expected: `at most ${MAXIMUM_INCLUDED}, all the way down`,
  });
}

/** A problem that has no place of its own is told at the entry that names the baseline. */
function placed(error: Diagnostic, { span }: BaselineReference): Diagnostic {
  return error.span === undefined ? { ...error, span } : error;
}

/** Two texts under one id, of which findings and waivers would not say which they are about. */
export function differingTexts(baselines: readonly Baseline[]): Diagnostic[] {
  const seen = new Map<string, Baseline>();
  for (const one of baselines) {
    const other = seen.get(one.id);
    if (other !== undefined && other.sha256 !== one.sha256) return [oneIdOfTwo(other, one)];
    seen.set(one.id, one);
  }
  return [];
}

/** Told at the id in the later one, but never in a shipped file, which nobody should change: those are named after their ids. */
function oneIdOfTwo(first: Baseline, second: Baseline): Diagnostic {
  const isShipped = ({ id, source }: Baseline): boolean => source.path.endsWith(`/${id}.yaml`);
  const [kept, changed] = isShipped(second) && !isShipped(first) ? [second, first] : [first, second];
  const at = /^["']?id["']?[ \t]*:[ \t]*/m.exec(changed.source.text);
  const start = at === null ? 0 : at.index + at[0].length;
  const end = changed.source.text.startsWith(changed.id, start) ? start + changed.id.length : start;
  return complaint({
    code: 'duplicate-baseline',
    message: `The baseline \`${kept.source.path}\` has the id \`${changed.id}\` too, and another text.`,
    span: { file: changed.source, start, end },
    help: 'Give one of the two an id of its own, or name one of them only.',
  });
}

function sameIds(root: Baseline, included: readonly Baseline[]): Diagnostic[] {
  const seen = new Map<string, Baseline>([[root.id, root]]);
  for (const one of included) {
    const other = seen.get(one.id);
    if (other !== undefined && other.sha256 !== one.sha256)
      return [
        complaint({
          code: 'duplicate-baseline',
          message: `\`${root.source.path}\` comes to two different baselines with the id \`${one.id}\`.`,
          span: root.extends[0]?.span ?? { file: root.source, start: 0, end: 0 },
          help: "Give the site's own baseline an id of its own.",
        }),
      ];
    seen.set(one.id, one);
  }
  return [];
}
