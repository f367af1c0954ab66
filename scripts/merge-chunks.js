// Node takes about a millisecond to find, read and link a module, however small: a check of a small config would load
// sixty chunks. Those of the command line become one file, those that every check needs another, those that iptables dumps,
// nftables rulesets and AWS's exports need besides four more; each chunk's own file stays and hands on
// from there, so that whatever else imports it gets the same objects, and a module's state is there once.
//
// Such a file is a script that V8 can be given with the code that it has compiled for it before (code-cache.js): compiling
// takes a quarter of the time of a check of a small config. Modules cannot be loaded so in Node 20.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { build } from 'esbuild';
import { digestOf, LOADER, loaderSource, scriptSource } from './code-cache.js';

/** What every chunk begins with: bundled CommonJS modules ask for Node's own modules by `require`, which an ES module has not. */
export const REQUIRE =
  "import { createRequire as createBundleRequire } from 'node:module';" +
  'const require = createBundleRequire(import.meta.url);';

/**
 * The scripts, each with the modules that it is there for, and what they import. What an earlier script has, a later one
 * has not: a check of AWS's exports reads no grammar.
 */
const SCRIPTS = [
  // What is loaded before anybody knows which command it will be: `--version` shall wait for nothing more.
  { name: 'cli', entries: ['src/cli/process.ts'] },
  {
    // What a check loads when it runs: the work, and the two usual reports.
    name: 'check',
    entries: ['src/cli/commands/check.ts', 'src/report/text.ts', 'src/report/json.ts'],
  },
  // What iptables dumps and nftables rulesets are both read with.
  { name: 'grammar', entries: ['src/formats/iptables/index.ts', 'src/formats/nft/index.ts'], common: true },
  // What a check of an iptables dump loads besides.
  { name: 'iptables', entries: ['src/formats/iptables/index.ts'] },
  // What a check of AWS's exports loads besides.
  { name: 'aws', entries: ['src/formats/aws/index.ts'] },
  // What a check of an nftables ruleset loads besides.
  { name: 'nft', entries: ['src/formats/nft/index.ts'] },
];

/** The names of the scripts, in the order in which they are made. */
export const SCRIPT_NAMES = SCRIPTS.map(({ name }) => name);

/**
 * @param {string} outdir the folder of the bundle, absolute
 * @param {import('esbuild').Metafile} metafile of the bundle that stands there
 */
export async function mergeChunks(outdir, metafile) {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const taken = new Set();
  const scripts = {};
  const chunks = {};
  for (const { name, entries, common = false } of SCRIPTS) {
    const needed = entries.map((entry) => closure(outputs, entry));
    const merged = [...new Set(needed.flatMap((found) => [...found]))]
      .filter((chunk) => !common || needed.every((found) => found.has(chunk)))
      .filter((chunk) => !taken.has(chunk))
      .sort();
    scripts[name] = await mergeInto(outdir, name, merged);
    for (const [i, chunk] of merged.entries()) {
      chunks[`./${chunk}`] = [name, `chunk${i}`];
      await writeFile(join(outdir, chunk), handOn(chunk, outputs.get(chunk).exports));
      taken.add(chunk);
    }
  }
  await writeFile(join(outdir, LOADER), loaderSource(scripts, chunks));
  await writeFile(join(outdir, 'postern.js'), COMMAND);
}

/** What src/cli/main.ts says, without the modules that the bundle's own command would find, read and link only to pass over them. */
const COMMAND = [
  '#!/usr/bin/env node',
  "import{createRequire}from'node:module';",
  `await createRequire(import.meta.url)('./${LOADER}').chunk('./process.js').main();`,
  '',
].join('\n');

/** Makes one script of some chunks. Returns the digest of its source. */
async function mergeInto(outdir, script, merged) {
  const file = join(outdir, `${script}.cjs`);
  await build({
    stdin: {
      contents: merged.map((name, i) => `export * as chunk${i} from './${name}';`).join('\n'),
      resolveDir: outdir,
    },
    outfile: file,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    minifyWhitespace: true,
    define: { 'import.meta.url': 'bundleUrl' },
    logLevel: 'warning',
    plugins: [onlyMerged(outdir, new Set(merged))],
  });
  const source = scriptSource(await readFile(file, 'utf8'));
  await writeFile(file, source);
  return digestOf(source);
}

/** A module that exports what a chunk of a script has. */
function handOn(chunk, exported) {
  return (
    "import{createRequire}from'node:module';" +
    `export const{${exported.join()}}=createRequire(import.meta.url)('./${LOADER}').chunk('./${chunk}');\n`
  );
}

/** The chunks that the chunk of a module imports, and so on; not what is loaded when it is called for. */
function closure(outputs, entryPoint) {
  const found = new Set();
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    for (const { path, kind } of outputs.get(name)?.imports ?? [])
      if (kind === 'import-statement' && outputs.has(basename(path))) visit(basename(path));
  };
  const at = [...outputs].find(([, output]) => output.entryPoint === entryPoint);
  // Without this a renamed module would make every check slower, and nobody would notice.
  if (at === undefined) throw new Error(`the bundle has no chunk of ${entryPoint}`);
  visit(at[0]);
  return found;
}

/**
 * esbuild: other chunks, and all that is loaded when it is called for, stay files. A script is given its `require`, so
 * no chunk of it makes one.
 */
const onlyMerged = (outdir, merged) => ({
  name: 'only-merged',
  setup(esbuild) {
    esbuild.onLoad({ filter: /[.]js$/ }, async ({ path }) =>
      merged.has(relative(outdir, path))
        ? { contents: (await readFile(path, 'utf8')).replace(REQUIRE, '') }
        : undefined,
    );
    esbuild.onResolve({ filter: /^[./]/ }, ({ path, kind }) =>
      kind === 'import-statement' && merged.has(basename(path)) ? undefined : { path, external: true },
    );
  },
});
