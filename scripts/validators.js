// What ajv makes of a schema is code, and it makes it anew in every process: reading ajv and compiling the schema of AWS's
// exports takes 60 ms, which is a third of a whole check. So the build lets it make that code once and keeps it
// (https://ajv.js.org/standalone.html). A validator's name has the digest of the schema and of ajv's options, and the
// bundle asks for it by the same digest (lazy-libraries.js): one that was made of anything else is never found. What
// the build does not come across here is compiled when it is asked for, as ever.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleRequired, imported } from './bundles.js';
import { validatorName } from './validator-name.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const require = createRequire(import.meta.url);
const { Ajv2020 } = require('ajv/dist/2020.js');
const standalone = require('ajv/dist/standalone').default;

/** What of postern is run, so that it asks for its validators. */
const WORK = `
  export { openings, tracer } from './src/api.ts';
  export { checkSchema } from './src/baseline/schema.ts';
  export { readYaml } from './src/baseline/yaml.ts';
  export { SourceFile } from './src/text/source.ts';
  export { asked } from 'ajv/dist/2020.js';
`;

/** In the place of ajv: notes what it is asked to compile. */
const RECORDER = `
  import { Ajv2020 as Real } from ${JSON.stringify(pathToFileURL(require.resolve('ajv/dist/2020.js')).href)};
  export const asked = [];
  export class Ajv2020 {
    constructor(options) { this.options = options; }
    compile(schema) {
      asked.push([this.options, schema]);
      return new Real(this.options).compile(schema);
    }
  }
`;

/**
 * Writes the validators into the folder: one file each, a CommonJS module that is the function.
 *
 * @param {string} outdir the folder of the bundle, absolute
 * @returns {Promise<string[]>} the files that they are made of
 */
export async function compileValidators(outdir) {
  const inputs = new Set();
  for (const asked of await askedFor(outdir)) {
    const [options, schema] = asked;
    const ajv = new Ajv2020({ ...options, code: { ...options.code, source: true } });
    const stdin = { contents: standalone(ajv, ajv.compile(schema)), resolveDir: root };
    const made = await bundleRequired({ stdin }, join(outdir, validatorName(createHash, asked)));
    for (const input of made) inputs.add(input);
  }
  return [...inputs].filter((path) => path.includes('node_modules/'));
}

/** Every schema that is compiled when the examples are read, with ajv's options; each once. */
async function askedFor(outdir) {
  const work = await imported(WORK, join(outdir, 'validators.mjs'), [recorder]);
  const text = work.readYaml(new work.SourceFile('', 'version: 1'));
  for (const name of ['baseline', 'config', 'deployment', 'waivers']) work.checkSchema(name, text.value);
  const rules = { path: 'rules.v4', bytes: Buffer.from('*filter\n:INPUT DROP [0:0]\nCOMMIT\n') };
  const addresses = { path: 'addr.json', bytes: Buffer.from('[{"ifname":"lo","flags":[],"addr_info":[]}]') };
  const trace = await work.tracer({ configs: [rules, addresses] });
  if (!trace.ok) throw new Error(trace.errors[0].message);
  trace.value('{}');
  // The exports of all providers, right and wrong ones: each kind of resource has its own schema.
  for (const { folder, names } of await exportFolders())
    await work.openings({
      configs: await Promise.all(
        names.map(async (name) => ({ path: name, bytes: await readFile(join(folder, name)) })),
      ),
    });
  const once = new Map(work.asked.map((asked) => [JSON.stringify(asked), asked]));
  return [...once.values()];
}

async function exportFolders() {
  const clouds = join(root, 'fixtures/clouds');
  const folders = [];
  for (const provider of await readdir(clouds))
    for (const name of await readdir(join(clouds, provider))) {
      const folder = join(clouds, provider, name);
      const names = (await readdir(folder)).filter((file) => file.endsWith('.json'));
      if (names.length > 0) folders.push({ folder, names });
    }
  return folders;
}

/** esbuild: the recorder stands in for ajv. */
const recorder = {
  name: 'recorder',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^ajv\/dist\/2020\.js$/ }, ({ path }) => ({ path, namespace: 'recorder' }));
    esbuild.onLoad({ filter: /.*/, namespace: 'recorder' }, () => ({ contents: RECORDER }));
    esbuild.onResolve({ filter: /^file:/, namespace: 'recorder' }, ({ path }) => ({ path, external: true }));
  },
};
