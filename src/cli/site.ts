import { dirname } from 'node:path';
import type { Diagnostic, InputFile, Result, SiteFile } from '../api.ts';
import { extendedFiles } from '../api/extends.ts';
import { siteFiles } from '../api/site.ts';
import { configsOfFolder } from './folder.ts';
import { gatherIncludes } from './includes.ts';
import { leadsOutside } from './outside.ts';
import { readInput } from './read.ts';

/** What is read of a site. */
export interface SiteReading {
  /** Bytes of one file. */
  readonly limit: number;
  /** Only these hosts; undefined: all. */
  readonly hosts: readonly string[] | undefined;
  /** Whether the configs come from the command line, and those of the deployment are not read. */
  readonly configsGiven: boolean;
}

/** The files that a deployment names. A problem with one is told at the place that names it. */
export async function readSiteFiles(
  deployment: InputFile,
  reading: SiteReading,
): Promise<Result<InputFile[]>> {
  const named = siteFiles(deployment, reading.hosts, !reading.configsGiven);
  if (!named.ok) return named;
  const read = await readBeside(deployment.path, named.value, reading.limit);
  if (!read.ok) return read;
  const paths = new Set(named.value.flatMap(({ path, baseline }) => (baseline === true ? [path] : [])));
  const baselines = read.value.filter(({ path }) => paths.has(path));
  const extended = await readExtended(baselines, reading.limit);
  if (!extended.ok) return extended;
  const files = [...read.value, ...extended.value];
  return { ok: true, value: [...files, ...(await readOthers(deployment, reading, files))], warnings: [] };
}

/**
 * The baselines of hosts that are not wanted, where they can be read: the deployment may have their roles and settings. What is wrong with them
 * concerns no host that is.
 */
async function readOthers(
  deployment: InputFile,
  { hosts = [], limit }: SiteReading,
  read: readonly InputFile[],
): Promise<InputFile[]> {
  const named = hosts.length === 0 ? undefined : siteFiles(deployment, undefined, false);
  if (!named?.ok) return [];
  const found = new Map(read.map((one) => [one.path, one]));
  for (const one of named.value.filter(({ path }) => !found.has(path))) {
    const file = await readBeside(deployment.path, [one], limit);
    const extended = file.ok ? await readExtended(file.value, limit) : file;
    if (!file.ok || !extended.ok) continue;
    for (const other of [...file.value, ...extended.value])
      if (!found.has(other.path)) found.set(other.path, other);
  }
  return [...found.values()].slice(read.length);
}

/** A small file must not make postern read without end. */
const MOST_EXTENDED = 200;

/** The files that baselines name under `extends`, and those that these name, without the baselines given. */
export async function readExtended(
  baselines: readonly InputFile[],
  limit: number,
): Promise<Result<InputFile[]>> {
  const known = new Set(baselines.map(({ path }) => path));
  const files: InputFile[] = [];
  const waiting = [...baselines];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const wanted = extendedFiles(next).filter(({ path }) => !known.has(path));
    for (const { path } of wanted) known.add(path);
    const read = await readBeside(next.path, wanted, limit);
    if (!read.ok) return read;
    files.push(...read.value);
    if (files.length <= MOST_EXTENDED) waiting.push(...read.value);
  }
  return { ok: true, value: files, warnings: [] };
}

/** Files that a file names, none of them outside of its folder. */
export async function readBeside(
  file: string,
  named: readonly SiteFile[],
  limit: number,
): Promise<Result<InputFile[]>> {
  if (named.length === 0) return { ok: true, value: [], warnings: [] };
  const root = file === '-' ? '.' : dirname(file);
  const files: InputFile[] = [];
  const errors: Diagnostic[] = [];
  for (const one of await withFolders(named)) {
    const read = leadsOutside(root, one.path) ? outside(one) : await readInput(one.path, limit, 'file');
    if (read.ok) {
      const config = { path: one.path, bytes: read.value };
      const included = await gatherIncludes(config, limit, root);
      files.push(included.length === 0 ? config : { ...config, included });
    } else errors.push(...read.errors.map((error) => located(error, one)));
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: files, warnings: [] };
}

/** The files, with those of a folder in its place. */
async function withFolders(named: readonly SiteFile[]): Promise<readonly SiteFile[]> {
  const found: SiteFile[] = [];
  for (const one of named) {
    const inside = (await configsOfFolder(one.path)) ?? [];
    if (inside.length === 0) found.push(one);
    else found.push(...inside.map((path) => ({ ...one, path })));
  }
  return found;
}

function outside(file: SiteFile): Result<Uint8Array> {
  return {
    ok: false,
    errors: [
      {
        severity: 'error',
        code: 'path-outside',
        path: file.path,
        message: 'it is a symbolic link that leads out of the folder of the file that names it',
        help: 'a deployment or a baseline makes postern read only what came with it; put a copy in its place',
      },
    ],
  };
}

function located(error: Diagnostic, file: SiteFile): Diagnostic {
  return { ...error, span: file.span, message: `\`${file.path}\`: ${error.message}` };
}
