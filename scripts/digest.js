// The digest of all that a bundle is made of, so that a run of the tests need not make anew what `npm ci` has just made.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Files and folders. The examples are run to warm up and to meet every schema; the lock file stands for the packages. */
const MADE_OF = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'scripts',
  'src',
  'grammars',
  'schemas',
  'baselines',
  'fixtures/sites',
  'fixtures/clouds',
];

/** The file in a bundle's folder that has the digest of what the bundle was made of. */
export const DIGEST_FILE = 'made-of.txt';

/** The digest of the files as they are now, with the Node that would make a bundle of them. */
export function inputsDigest(root = ROOT) {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}\n`);
  for (const name of MADE_OF)
    for (const path of filesOf(root, name)) {
      const bytes = readFileSync(join(root, path));
      hash.update(`${path} ${bytes.length}\n`).update(bytes);
    }
  return hash.digest('hex');
}

function filesOf(root, name) {
  if (/\.json$/.test(name)) return [name];
  const entries = readdirSync(join(root, name), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length))
    .sort();
}
