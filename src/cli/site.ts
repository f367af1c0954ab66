import { realpath } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import type { Diagnostic, InputFile, Result, SiteFile } from '../api.ts';
import { siteFiles } from '../api/site.ts';
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
  const root = await realpath(deployment.path === '-' ? '.' : dirname(deployment.path)).catch(
    () => undefined,
  );
  const files: InputFile[] = [];
  const errors: Diagnostic[] = [];
  for (const file of named.value) {
    const read = (await leadsOutside(root, file.path))
      ? outside(file)
      : await readInput(file.path, reading.limit);
    if (read.ok) files.push({ path: file.path, bytes: read.value });
    else errors.push(...read.errors.map((error) => located(error, file)));
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: files, warnings: [] };
}

/** Whether a symbolic link takes the path out of the deployment's folder; see docs on deployments. */
async function leadsOutside(root: string | undefined, path: string): Promise<boolean> {
  if (root === undefined) return false;
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return false;
  const inside = relative(root, real);
  return inside === '..' || inside.startsWith(`..${sep}`);
}

function outside(file: SiteFile): Result<Uint8Array> {
  return {
    ok: false,
    errors: [
      {
        severity: 'error',
        code: 'path-outside',
        path: file.path,
        message: "it is a symbolic link that leads out of the deployment's folder",
        help: 'a deployment makes postern read only what came with it; put a copy in its place',
      },
    ],
  };
}

function located(error: Diagnostic, file: SiteFile): Diagnostic {
  return { ...error, span: file.span, message: `\`${file.path}\`: ${error.message}` };
}
