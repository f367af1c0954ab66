import { type Dirent, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { posix } from 'node:path';

/** A folder with more files than this is not meant as the exports of one account. */
const MOST_FILES = 10_000;

/**
 * What is in a folder that stands for its files, such as the parts of a report: everything that is not hidden, links to files
 * too, as engines of workflows make them. Whoever reads a folder inside of it is told that it is one. Pipes and devices, which
 * may never end, are left out. Undefined where the path is no folder, or one that cannot be read.
 */
export async function filesOfFolder(path: string): Promise<readonly string[] | undefined> {
  return (await entriesOf(path))
    ?.filter((entry) => entry.isFile() || entry.isSymbolicLink() || entry.isDirectory())
    .slice(0, MOST_FILES)
    .map(({ name }) => posix.join(path, name));
}

/**
 * What stands in the place of a folder among configs: everything in it that is not hidden. Whoever reads a folder inside of it
 * is told that it is one, so that no export is passed over in silence; likewise a folder of too many files, which is given
 * back as it is. Undefined where the path is no folder, or has nothing.
 */
export async function configsOfFolder(path: string): Promise<readonly string[] | undefined> {
  const entries = (await entriesOf(path)) ?? [];
  if (entries.length === 0) return undefined;
  return entries.length > MOST_FILES ? [path] : entries.map(({ name }) => posix.join(path, name));
}

/** The entries of a folder by name, without hidden ones; undefined where the path is none, or cannot be read. */
async function entriesOf(path: string): Promise<readonly Dirent[] | undefined> {
  try {
    if (path === '-' || !statSync(path).isDirectory()) return undefined;
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return undefined;
  }
}
