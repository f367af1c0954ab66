import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import type { Diagnostic, Result } from '../api.ts';
import { nearest } from '../api/suggest.ts';

/** The greatest input that is read unless `--max-input-size` says otherwise: 256 MiB. */
export const DEFAULT_LIMIT = 256 * 1024 * 1024;

const seen = new Set<string>();

/** What the command has read, or tried to: none of it is written over. */
export const readSoFar = (): readonly string[] => [...seen];

/** A command begins: what others of this process have read does not concern it. */
export const forgetReads = (): void => seen.clear();

/** Files up to this are read at one go: for a site of thousands the ways of streams cost more than the reading. */
const SMALL = 1 << 20;

/** The bytes of a small regular file; undefined where it is none, or cannot be read: then {@link readInput} says why. */
function readSmall(path: string, limit: number): Uint8Array | undefined {
  let file: number | undefined;
  try {
    // A pipe must not be waited for (open(2), O_NONBLOCK); regular files know no difference.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > Math.min(limit, SMALL)) return undefined;
    const bytes = Buffer.alloc(stat.size + 1);
    let length = 0;
    for (let more = 1; more > 0 && length < bytes.length; length += more)
      more = readSync(file, bytes, length, bytes.length - length, null);
    // Files of /proc say that they are empty, and a file may grow.
    return length !== stat.size || length === 0 ? undefined : bytes.subarray(0, length);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * The bytes of a file, or why there are none. Never reads more than `limit` bytes and one.
 *
 * @param what `file`: the user named a folder or a document that names the path, so that a pipe there, for which somebody would wait
 *   for ever, is none of his (`<(iptables-save)` is)
 */
export async function readInput(
  path: string,
  limit: number,
  what: 'file' | 'anything' = 'anything',
): Promise<Result<Uint8Array>> {
  seen.add(path);
  const small = readSmall(path, limit);
  if (small !== undefined) return { ok: true, value: small, warnings: [] };
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | (what === 'file' ? constants.O_NONBLOCK : 0));
    const stat = await handle.stat();
    if (stat.isDirectory()) return failed(path, systemError({ code: 'EISDIR' }));
    if (what === 'file' && !stat.isFile()) return failed(path, NO_FILE);
    if (stat.size > limit) return tooLarge(path, stat.size, limit);
    return await collect(path, handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20 }), limit);
  } catch (error) {
    return failed(path, { ...systemError(error), ...meant(path, error) });
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

/** The bytes of standard input, under the name `-`. */
export async function readStandardInput(stdin: Readable, limit: number): Promise<Result<Uint8Array>> {
  return collect('-', stdin, limit);
}

async function collect(path: string, stream: Readable, limit: number): Promise<Result<Uint8Array>> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > limit) return tooLarge(path, undefined, limit);
    }
  } catch (error) {
    return failed(path, systemError(error));
  }
  return { ok: true, value: Buffer.concat(chunks, size), warnings: [] };
}

/** Why a file could not be opened or read, from the error that Node gives. */
export function readFailure<T>(path: string, error: unknown): Result<T> {
  return failed(path, systemError(error));
}

/** A folder with more files is not looked through for one that is named nearly so. */
const MOST_NAMES = 10_000;

/** The file that was probably meant where there is none of the name. */
function meant(path: string, error: unknown): Partial<Problem> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return {};
  try {
    const names = readdirSync(dirname(path));
    if (names.includes(basename(path))) return { help: 'it is a link, and what it leads to is not there' };
    const near = names.length > MOST_NAMES ? undefined : nearest(basename(path), names);
    if (near !== undefined) return { help: `did you mean \`${join(dirname(path), near)}\`?` };
  } catch {
    // The folder is not there either.
  }
  const slip = SLIPS.find(
    ([form, onlyHere]) => form.test(path) && (onlyHere === undefined || sep === onlyHere),
  );
  return slip === undefined ? {} : { help: slip[2] };
}

/** What a shell does with a path and postern does not, as where a file names it. */
const SLIPS: readonly (readonly [form: RegExp, onlyHere: string | undefined, help: string])[] = [
  [/\\/, '/', 'write folders with `/`: here `\\` is part of a name'],
  [/[*?]/, undefined, 'patterns are not resolved: name each file'],
  [/^~/, undefined, '`~` is not resolved: write the whole path'],
  [/\$\w|\$\{|%\w+%/, undefined, 'variables are not resolved: write the path itself'],
];

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly help?: string;
}

/** An argument that a script left empty: the message has no file to begin with. */
const EMPTY: Problem = {
  code: 'empty-path',
  message: 'an argument that names a file is empty',
  help: 'an unset variable of a script does that; `-` is standard input',
};

const NO_FILE: Problem = {
  code: 'unreadable-input',
  message: 'this is a pipe or a device, not a file',
  help: 'put a file in its place, or name it as an argument',
};

function failed<T>(path: string, problem: Problem): Result<T> {
  if (path === '') return { ok: false, errors: [{ severity: 'error', ...EMPTY }] };
  const diagnostic: Diagnostic = { severity: 'error', path, ...problem };
  return { ok: false, errors: [diagnostic] };
}

/** Like all malformed input it has a place, the file's beginning: what looks for `file:line:col:` finds it. */
function tooLarge<T>(path: string, size: number | undefined, limit: number): Result<T> {
  const found = size === undefined ? 'the input is' : `the file has ${size} bytes, which is`;
  return failed(`${path}:1:1`, {
    code: 'input-too-large',
    message: `${found} more than the ${limit === 1 ? 'one byte' : `${limit} bytes`} that postern reads`,
    help: 'if this really is a config, raise the limit with `--max-input-size`',
  });
}

const MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'this is a directory, not a file',
  ENOTDIR: 'a part of the path is a file, not a directory',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the path is too long',
};

const HELP: Readonly<Record<string, string>> = {
  EISDIR: 'name a file in it',
  EACCES: 'read it with the rights it needs, or copy it first',
  EPERM: 'read it with the rights it needs, or copy it first',
};

function systemError(error: unknown): Problem {
  const code = (error as { code?: unknown } | null)?.code;
  const name = typeof code === 'string' ? code : 'unknown error';
  const help = HELP[name];
  const message = MESSAGES[name] ?? `it can't be read (${name})`;
  return { code: 'unreadable-input', message, ...(help === undefined ? {} : { help }) };
}
