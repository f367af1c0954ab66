// Node takes about a millisecond to find, read and link a module, however small: a check of a small config would load
// sixty chunks. Those that every check of an iptables dump needs become one file, those that AWS's
// exports and nftables rulesets need besides two others; each chunk's own file stays and hands on
// from there, so that whatever else imports it gets the same objects, and a module's state is there once.
//
// Such a file is a script that V8 can be given with the code that it has compiled for it before (code-cache.js): compiling
// takes a quarter of the time of a check of a small config. Modules cannot be loaded so in Node 20.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { scriptLoader, scriptSource } from './code-cache.js';

/** What is loaded before anybody knows which command it will be: `--version` shall wait for nothing more. */
const FIRST = 'src/cli/main.ts';

/**
 * The scripts, each with the modules that it is there for, and what they import. What an earlier script has, a later one
 * has not: a check of an iptables dump loads the first alone.
 */
const SCRIPTS = [
  {
    // What a check loads when it runs: the work, the format that hosts have most, and the two usual reports.
    name: 'check',
    entries: [
      'src/cli/commands/check.ts',
      'src/formats/iptables/index.ts',
      'src/report/text.ts',
      'src/report/json.ts',
    ],
  },
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
  const taken = closure(outputs, [FIRST]);
  for (const { name, entries } of SCRIPTS) {
    const merged = [...closure(outputs, entries)].filter((chunk) => !taken.has(chunk)).sort();
    await mergeInto(outdir, name, merged, outputs);
    for (const chunk of merged) taken.add(chunk);
  }
}

/** Makes one script of some chunks, and makes the chunks hand on what it has. */
async function mergeInto(outdir, script, merged, outputs) {
  const names = merged.map((name, i) => ({
    name,
    pairs: outputs.get(name).exports.map((exported) => ({ exported, unique: `${exported}_${i}` })),
  }));
  const file = join(outdir, `${script}.cjs`);
  await build({
    stdin: {
      contents: names
        .map(
          ({ name, pairs }) =>
            `export { ${pairs.map((p) => `${p.exported} as ${p.unique}`).join()} } from './${name}';`,
        )
        .join('\n'),
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
    plugins: [onlyMerged(new Set(merged))],
  });
  await writeFile(file, scriptSource(await readFile(file, 'utf8')));
  const outside = new Set(merged.flatMap((name) => imported(outputs.get(name), merged)));
  const unique = names.flatMap(({ pairs }) => pairs.map((pair) => pair.unique));
  await writeFile(join(outdir, `${script}.js`), scriptLoader(script, [...outside].sort(), unique));
  for (const { name, pairs } of names)
    await writeFile(
      join(outdir, name),
      `export{${pairs.map((p) => `${p.unique} as ${p.exported}`).join()}}from"./${script}.js";\n`,
    );
}

/** The chunks that a chunk imports beside the merged ones. */
function imported(output, merged) {
  return output.imports
    .filter(({ kind, external }) => kind === 'import-statement' && external !== true)
    .map(({ path }) => basename(path))
    .filter((name) => !merged.includes(name));
}

/** The chunks that the chunks of some modules import, and so on; not what is loaded when it is called for. */
function closure(outputs, entryPoints) {
  const found = new Set();
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    for (const { path, kind } of outputs.get(name)?.imports ?? [])
      if (kind === 'import-statement' && outputs.has(basename(path))) visit(basename(path));
  };
  for (const entryPoint of entryPoints) {
    const at = [...outputs].find(([, output]) => output.entryPoint === entryPoint);
    // Without this a renamed module would make every check slower, and nobody would notice.
    if (at === undefined) throw new Error(`the bundle has no chunk of ${entryPoint}`);
    visit(at[0]);
  }
  return found;
}

/** esbuild: other chunks, and all that is loaded when it is called for, stay files. */
const onlyMerged = (merged) => ({
  name: 'only-merged',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^[./]/ }, ({ path, kind }) =>
      kind === 'import-statement' && merged.has(basename(path)) ? undefined : { path, external: true },
    );
  },
});
