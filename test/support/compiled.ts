import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

// Vitest hands each import over as an object with getters, which makes the engine's hot loops a quarter slower, and reads each
// module in the main process on behalf of the workers. Nothing in the project is mocked, so the product's modules can be what
// they are in production: modules of Node's own, one for each file, with their places kept by source maps.

/** One run over all that is asked for: `vitest related` and `vitest watch` have to follow the imports themselves. */
const ONCE = process.argv[2] === 'run';

/** The product's folders; tests stay with vitest. */
const FOLDERS = ['src', 'grammars'];

/** What vitest is to leave to Node. */
export const COMPILED = /\/dist-sources-\d+\//;

/** Beside `src`, which src/package.ts counts on: the modules of `src` stand directly in it. One for each run. */
const FOLDER = `dist-sources-${process.pid}`;

/** Where the compiled module of a source stands, both relative to the project; undefined of what is no module of the product. */
function compiledPath(source: string): string | undefined {
  if (!source.endsWith('.ts') || !FOLDERS.some((name) => source.startsWith(`${name}/`))) return undefined;
  return `${FOLDER}/${source.replace(/^src\//, '').replace(/\.ts$/, '.js')}`;
}

/** Keeps each module a file of its own. JSON is read into the module that imports it: Node 20 warns of such imports. */
const apart: Plugin = {
  name: 'apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ kind, path, importer, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      const [from, to] = [importer, resolve(resolveDir, path)].map((one) => compiledPath(relative('.', one)));
      if (from === undefined || to === undefined) return undefined;
      return { path: `./${relative(dirname(from), to)}`, external: true };
    });
  },
};

/** Compiles the product once for each test run. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (!ONCE) return undefined;
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  );
  const entryPoints = sources.flatMap((source) => {
    const to = compiledPath(source);
    return to === undefined ? [] : [{ in: source, out: relative(FOLDER, to).replace(/\.js$/, '') }];
  });
  await build({
    entryPoints,
    outdir: FOLDER,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'inline',
    plugins: [apart],
    logLevel: 'warning',
  });
  return () => rm(FOLDER, { recursive: true, force: true });
}

/** Gives tests the compiled modules where they import the product's. */
export const compiledSources = {
  name: 'compiled-sources',
  enforce: 'pre',
  resolveId(source: string, importer: string | undefined) {
    if (!ONCE || importer === undefined || !source.startsWith('.')) return undefined;
    const path = compiledPath(relative('.', resolve(dirname(importer), source)));
    return path === undefined ? undefined : resolve(path);
  },
} as const;
