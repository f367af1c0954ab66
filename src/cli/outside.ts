import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** Links in a row that are followed (Linux: MAXSYMLINKS, 40). */
const MOST_LINKS = 40;

/** Whether symbolic links take a path out of the folder, whether something is there or not yet. */
export const leadsOutside = (folder: string, path: string): boolean => stepsTo(folder, path)[0] === '..';

/** Whether a path leads into a `.git` below the folder: what is there no commit puts there, and git acts on it. */
export const leadsIntoGit = (folder: string, path: string): boolean =>
  stepsTo(folder, path).some((step) => step.toLowerCase() === '.git');

/** The way from a folder to where a path leads, links followed; none where they lead in a circle. */
function stepsTo(folder: string, path: string): string[] {
  const [root, real] = [placeOf(folder), placeOf(path)];
  return root === undefined || real === undefined ? [] : relative(root, real).split(sep);
}

/** What is in a folder but for hidden ones, each with the folder's path; of a file nothing. */
export const namesIn = (folder: string): readonly string[] =>
  tried(() =>
    readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .map((name) => join(folder, name)),
  ) ?? [];

/** Where a path leads, links followed; undefined where they lead in a circle. */
function placeOf(path: string, links = MOST_LINKS): string | undefined {
  const real = tried(() => realpathSync.native(path));
  if (real !== undefined) return real;
  if (links === 0) return undefined;
  const parent = dirname(resolve(path));
  const folder = parent === resolve(path) ? parent : placeOf(parent, links);
  if (folder === undefined) return undefined;
  const link = tried(() => readlinkSync(path));
  return link === undefined ? join(folder, basename(path)) : placeOf(resolve(folder, link), links - 1);
}

function tried<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
