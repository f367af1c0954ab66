// Bundles the command line and the library into a folder, `dist` unless another is named. Libraries are bundled too:
// Chevrotain alone comes in hundreds of modules that take Node a quarter of a second to find. Chunks are shared and
// loaded when a command first needs them, so `--version` doesn't wait for the grammars.
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { compileBaselines } from './compile-baselines.js';
import { keepCode } from './code-cache.js';
import { DIGEST_FILE, inputsDigest } from './digest.js';
import { bundleLibraries, lazyLibraries } from './lazy-libraries.js';
import { mergeChunks, REQUIRE, SCRIPT_NAMES } from './merge-chunks.js';
import { typedSources } from './typed-sources.js';
import { compileValidators } from './validators.js';

const root = new URL('../', import.meta.url);

/**
 * @param {string} folder relative to the project, one level below it (src/package.ts counts on that)
 * @param {{ readable?: boolean }} options readable: with comments that say from which file each part is, for the
 *   benchmark's profiles. Node reads less without them; names stay, so that stack traces can be read.
 */
export async function bundle(folder, { readable = false } = {}) {
  const outdir = new URL(`${folder}/`, root);
  const madeOf = inputsDigest();
  await emptied(outdir);
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(root),
    entryPoints: {
      postern: 'src/cli/main.ts',
      process: 'src/cli/process.ts',
      api: 'src/api.ts',
      'fleet-worker': 'src/cli/fleet/worker.ts',
      // tinypool starts its workers with a file that it expects in a folder beside its own.
      'entry/worker': 'node_modules/tinypool/dist/entry/worker.js',
    },
    outdir: fileURLToPath(outdir),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    banner: { js: REQUIRE },
    chunkNames: 'chunk-[hash]',
    minifyWhitespace: !readable,
    plugins: [lazyLibraries, typedSources(root)],
    // Assigning a field in the constructor costs less than having a function of its own define it, while that is not compiled.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, verbatimModuleSyntax: true } },
    // Its main module asks for its parts by a `require` that no bundler sees.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    metafile: true,
    logLevel: 'warning',
  });
  if (!readable) await mergeChunks(fileURLToPath(outdir), metafile);
  const [libraries, validators] = await Promise.all([
    bundleLibraries(fileURLToPath(outdir)),
    compileValidators(fileURLToPath(outdir)),
    compileBaselines(fileURLToPath(outdir)),
  ]);
  await writeFile(
    new URL('THIRD-PARTY-LICENSES.txt', outdir),
    await licenses([...Object.keys(metafile.inputs), ...libraries, ...validators]),
  );
  if (readable) return;
  await Promise.all(SCRIPT_NAMES.map((name) => keepCode(fileURLToPath(outdir), name)));
  await writeFile(new URL(DIGEST_FILE, outdir), `${madeOf}\n`);
}

/**
 * Takes away what an earlier build made. The types stay: npm runs `prepack`, which makes them, before `prepare`.
 *
 * @param {URL} outdir
 */
export async function emptied(outdir) {
  const entries = existsSync(outdir) ? await readdir(outdir) : [];
  const made = entries.filter((name) => name !== 'types');
  await Promise.all(made.map((name) => rm(new URL(name, outdir), { recursive: true, force: true })));
}

/** The licences of the bundled libraries, which ask to go with every copy. */
async function licenses(inputs) {
  const names = inputs.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  const texts = [];
  for (const name of [...new Set(names)].sort()) {
    const folder = new URL(`node_modules/${name}/`, root);
    if (!existsSync(folder)) continue;
    const { version, license } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : await readFile(new URL(file, folder), 'utf8');
    texts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bundle(process.argv[2] ?? 'dist');
