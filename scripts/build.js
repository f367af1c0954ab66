// Bundles the command line and the library into a folder, `dist` unless another is named. Chunks are shared and loaded
// when a command first needs them, so `--version` doesn't wait for the grammars.
import { rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url);

/** @param {string} folder relative to the project, one level below it (src/package.ts counts on that) */
export async function bundle(folder) {
  const outdir = new URL(`${folder}/`, root);
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: new URL('.', root).pathname,
    entryPoints: { postern: 'src/cli/main.ts', api: 'src/api.ts' },
    outdir: outdir.pathname,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    chunkNames: 'chunk-[hash]',
    sourcemap: false,
    logLevel: 'warning',
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bundle(process.argv[2] ?? 'dist');
