import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Result } from '../../api.ts';
import { packageVersion } from '../../api/version.ts';

/**
 * Names this very program: its version, and the digest of the bundle's entries. An entry names its chunks by the digests
 * of their contents, so that any other code is another name.
 * @param module a file of the bundle
 */
export async function buildOf(module: string): Promise<Result<string>> {
  const problem = (message: string): Result<string> => ({
    ok: false,
    errors: [
      {
        severity: 'error',
        code: 'cache',
        message,
        help: 'build postern (`npm run build`) and run dist/postern.js, or leave out `--cache`',
      },
    ],
  });
  if (module.endsWith('.ts'))
    return problem('results are kept only of a built postern, which knows what it is made of');
  const hash = createHash('sha256').update(packageVersion());
  try {
    for (const entry of ['postern.js', 'fleet-worker.js'])
      hash.update('\0').update(await readFile(join(dirname(module), entry)));
  } catch {
    return problem('the files of this postern are not where the build puts them');
  }
  return { ok: true, value: hash.digest('hex'), warnings: [] };
}
