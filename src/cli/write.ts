import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { lstat, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../api.ts';

/** What is to be in a file: texts, or bytes where the format is no text. */
export interface FileOutput {
  readonly path: string;
  readonly chunks: Iterable<string | Uint8Array>;
  /** It was read, and is to be replaced. */
  readonly renewed?: boolean;
}

interface Staged {
  readonly path: string;
  readonly temporary: string;
}

/**
 * Writes all files or none: each to a temporary file beside its place first, then all are renamed. Its name is by chance: pods
 * that share a folder often have the same process id, and one that was killed leaves its file there. A device or a pipe
 * (`/dev/stderr`) is written as it is, never replaced.
 * @param inputs paths that were read; none of them is overwritten
 * @returns the reasons why nothing was written; empty where everything was
 */
export async function writeFiles(
  outputs: readonly FileOutput[],
  inputs: readonly string[],
): Promise<Diagnostic[]> {
  if (outputs.length === 0) return [];
  const staged: Staged[] = [];
  const kept = new Set(await Promise.all([...new Set(inputs)].map(nameOf)));
  const taken = new Set<string>();
  let path = '';
  try {
    for (const output of outputs) {
      path = output.path;
      const place = await placeOf(path);
      if (place === undefined) continue;
      if (kept.has(place) && output.renewed !== true)
        return [problem(path, 'it is one of the inputs', 'name another file')];
      if (taken.has(place))
        return [
          problem(path, 'two things would be written to this file', 'name another file for one of them'),
        ];
      taken.add(place);
    }
    for (const output of outputs) {
      path = output.path;
      const place = await placeOf(path);
      if (place === undefined) await writeChunks(path, 'w', output.chunks);
      else {
        const temporary = join(dirname(place), `.postern-${randomUUID()}.tmp`);
        staged.push({ path: place, temporary });
        await writeChunks(temporary, 'wx', output.chunks);
      }
    }
    for (const { path: place, temporary } of staged) await rename(temporary, place);
    return [];
  } catch (error) {
    for (const { temporary } of staged) await rm(temporary, { force: true }).catch(() => undefined);
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return [problem(path, `it can't be written (${code})`, HELP[code])];
  }
}

/** UTF-16 units become at most so many bytes of UTF-8 each. */
const MOST_BYTES = 3;

/**
 * Writes pieces one after the other, through one buffer. There may be thousands, and to wait for each on another thread would
 * take longer than to write it.
 */
async function writeChunks(path: string, flag: 'w' | 'wx', chunks: FileOutput['chunks']): Promise<void> {
  const file = await open(path, flag);
  try {
    let buffer = Buffer.allocUnsafe(1 << 18);
    for (const chunk of chunks) {
      if (typeof chunk !== 'string') {
        writeBytes(file.fd, chunk);
        continue;
      }
      if (MOST_BYTES * chunk.length > buffer.length) buffer = Buffer.allocUnsafe(MOST_BYTES * chunk.length);
      writeBytes(file.fd, buffer.subarray(0, buffer.write(chunk)));
    }
  } finally {
    await file.close();
  }
}

function writeBytes(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/** What can be done about the errors of open(2) and write(2) that people meet. */
const HELP: Readonly<Record<string, string>> = {
  ENOENT: 'make the folder that it is to be in first',
  ENOTDIR: 'part of the path is a file, not a folder',
  EISDIR: 'this is a folder; name a file in it',
  EACCES: 'whoever runs this may not write there',
  EPERM: 'whoever runs this may not write there',
  EROFS: 'the file system is mounted read-only',
  ENOSPC: 'the disk is full',
};

function problem(path: string, message: string, help?: string): Diagnostic {
  const found: Diagnostic = { severity: 'error', code: 'unwritable-output', path, message };
  return help === undefined ? found : { ...found, help };
}

/** Where a regular file stands or will stand, links followed; undefined where something else stands. */
async function placeOf(path: string): Promise<string | undefined> {
  try {
    const target = await realpath(path);
    const found = await lstat(target);
    if (found.isDirectory()) throw Object.assign(new Error('directory'), { code: 'EISDIR' });
    return found.isFile() ? target : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // A pipe that `/dev/stdout` leads to has no name, and is there all the same (proc(5), /proc/pid/fd).
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) return undefined;
  const link = await readlink(path).catch(() => undefined);
  return link === undefined ? nameOf(path) : placeOf(resolve(await realpath(dirname(path)), link));
}

/** One name for a file, links followed, also for one that is not there yet. */
async function nameOf(path: string): Promise<string> {
  const folder = (): Promise<string> => realpath(dirname(path)).then((found) => join(found, basename(path)));
  return realpath(path)
    .catch(folder)
    .catch(() => path);
}
