import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import type { InputFile, Result } from '../api.ts';
import { CONFIG_NAME } from '../api/config.ts';
import { readInput } from './read.ts';

/** A config file is written by hand. */
const LARGEST = 5_000_000;

/**
 * The config file: the one that is named, or the nearest `postern.yaml` from the working directory upwards. The search ends
 * at the folder that holds `.git`; outside of any repository it ends at the home directory, and where that is not above, it
 * looks into the working directory only. So nobody who can write to `/` or `/tmp` says what is checked.
 *
 * @param named the path of `--config`; false with `--no-config`
 */
export async function configFile(named: string | false | undefined): Promise<Result<InputFile | undefined>> {
  if (named === false) return { ok: true, value: undefined, warnings: [] };
  const path = named ?? (await findUpwards());
  if (path === undefined) return { ok: true, value: undefined, warnings: [] };
  const read = await readInput(path, LARGEST);
  return read.ok ? { ok: true, value: { path, bytes: read.value }, warnings: [] } : read;
}

async function findUpwards(): Promise<string | undefined> {
  const here = await realpath('.').catch(() => undefined);
  if (here === undefined) return undefined;
  const folders = foldersTo(here, await boundaryOf(here));
  for (const folder of folders) {
    const path = join(folder, CONFIG_NAME);
    // Whatever stands there is meant: one that can't be read is an error, and not as if it were not there.
    if (await exists(path)) return relative(here, path).split(sep).join('/');
  }
  return undefined;
}

/** The highest folder in which a config file counts. */
async function boundaryOf(here: string): Promise<string> {
  for (const folder of foldersTo(here, undefined)) if (await exists(join(folder, '.git'))) return folder;
  const home = await realpath(homedir()).catch(() => undefined);
  const inside = home !== undefined && home !== sep && (here === home || here.startsWith(`${home}${sep}`));
  return inside ? home : here;
}

/** The folder and those above it, up to the last one; all of them where none is named. */
function foldersTo(here: string, last: string | undefined): string[] {
  const found = [here];
  for (let at = here; at !== last && dirname(at) !== at; ) {
    at = dirname(at);
    found.push(at);
  }
  return found;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
}
