// What the scripts of this folder make of sources with esbuild, each time in the same way.
import { rm } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * Some of postern's own functions, for a script that is no TypeScript.
 *
 * @param {string} contents exports of them, as a module in the project's folder would have them
 * @param {string} script where the module stands for a moment
 * @param {import('esbuild').Plugin[]} plugins
 */
export async function imported(contents, script, plugins = []) {
  await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile: script,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
    plugins,
  });
  const module = await import(pathToFileURL(script).href);
  await rm(script);
  return module;
}

/**
 * Writes a CommonJS file, which `require` can read when it is first needed.
 *
 * @param {import('esbuild').BuildOptions} source `entryPoints` or `stdin`
 * @param {string} outfile
 * @returns {Promise<string[]>} the files that it is made of
 */
export async function bundleRequired(source, outfile) {
  const { metafile } = await build({
    ...source,
    absWorkingDir: root,
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    minifyWhitespace: true,
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs);
}
