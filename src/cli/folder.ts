import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { posix } from 'node:path';

/** A folder with more files than this is not meant as the exports of one account. */
const MOST_FILES = 10_000;

/**
 * The files of a folder that stands for them, such as the exports of an account: regular files by name, hidden ones and
 * folders left out. Undefined where the path is no folder, or one that cannot be read.
 */
export async function filesOfFolder(path: string): Promise<readonly string[] | undefined> {
  try {
    if (path === '-' || !statSync(path).isDirectory()) return undefined;
    const entries = await readdir(path, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
    return names
      .slice(0, MOST_FILES)
      .map(({ name }) => posix.join(path, name))
      .sort();
  } catch {
    return undefined;
  }
}
