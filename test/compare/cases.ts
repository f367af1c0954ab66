import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  check,
  type InputFile,
  type Report,
  type Result,
  siteFiles,
  type Tracer,
  tracer,
} from '../../src/api.ts';

/** The value of a result that must be one; every problem's text where it is none. */
export function whole<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.errors.map(({ message }) => message).join('\n'));
}

/** The files of a case: a folder with a site.yaml, and all that it names. */
export interface Case {
  readonly deployment: InputFile;
  readonly files: readonly InputFile[];
  readonly configs: readonly InputFile[];
}

/** Reads a case's folder. Paths are those that site.yaml uses, so that reports don't depend on where the folder is. */
export function readCase(folder: string): Case {
  const read = (path: string): InputFile => ({ path, bytes: readFileSync(join(folder, path)) });
  const deployment = read('site.yaml');
  const files = whole(siteFiles(deployment, undefined)).map(({ path }) => read(path));
  return { deployment, files, configs: files.filter(({ path }) => !path.endsWith('.yaml')) };
}

/** What `check` says of a case. */
export async function checkCase({ deployment, files }: Case): Promise<Report> {
  return whole(await check({ deployment, files }));
}

/** What answers for single packets of a case. */
export async function traceCase({ configs }: Case): Promise<Tracer> {
  return whole(await tracer({ configs }));
}
