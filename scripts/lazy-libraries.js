// Libraries that few runs need stand in files of their own and are read at their first call: reading ajv, yaml and ip-num
// would take a third of the time of a whole check of a small config. `import` cannot wait inside a function that
// returns at once, `require` can.
import { createRequire } from 'node:module';
import { bundleRequired } from './bundles.js';
import { validatorName } from './validator-name.js';

/** The libraries, and what of them is imported: functions, and classes that are only made with `new`. */
const LIBRARIES = {
  'ajv/dist/2020.js': { file: 'ajv.cjs', classes: [], functions: [], own: validating },
  'ip-num': { file: 'ip-num.cjs', classes: ['IPv6'], functions: [] },
  yaml: {
    file: 'yaml.cjs',
    classes: ['Composer', 'Document', 'Lexer', 'Parser'],
    functions: ['isAlias', 'isMap', 'isScalar', 'isSeq', 'visit'],
  },
};

/**
 * What a library asks of Node for work that postern never gives it: commander starts other programs as commands. Reading
 * Node's own module for that takes a fortieth of the time of a check of a small config.
 */
const UNUSED = {
  importer: /[/]node_modules[/]commander[/]/,
  module: 'node:child_process',
  exported: ['spawn'],
};

/** Writes the libraries into the folder. Returns the files that they are made of. */
export async function bundleLibraries(outdir) {
  const inputs = [];
  for (const [name, { file }] of Object.entries(LIBRARIES)) {
    const entryPoints = [createRequire(import.meta.url).resolve(name)];
    inputs.push(...(await bundleRequired({ entryPoints }, `${outdir}/${file}`)));
  }
  return inputs;
}

/** esbuild: imports of the libraries become stand-ins that read them when they are called. */
export const lazyLibraries = {
  name: 'lazy-libraries',
  setup(esbuild) {
    const named = Object.keys(LIBRARIES).map((name) => name.replace(/[.]/g, '\\.'));
    const filter = new RegExp(`^(${named.join('|')})$`);
    esbuild.onResolve({ filter }, ({ path }) => ({ path, namespace: 'lazy', sideEffects: false }));
    esbuild.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: standIn(LIBRARIES[path]),
    }));
    esbuild.onResolve({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({ path, external: true }));
    esbuild.onResolve({ filter: new RegExp(`^${UNUSED.module}$`) }, ({ path, importer }) =>
      UNUSED.importer.test(importer) ? { path, namespace: 'at-use' } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'at-use' }, ({ path }) => ({
      contents: `module.exports={${UNUSED.exported.map((name) => `get ${name}(){return require('${path}').${name}}`)}};`,
    }));
    esbuild.onResolve({ filter: /.*/, namespace: 'at-use' }, ({ path }) => ({ path, external: true }));
  },
};

function standIn({ file, classes, functions, own }) {
  return [
    'let loaded;',
    `const library = () => (loaded ??= require('./${file}'));`,
    ...(own === undefined ? [] : [own()]),
    ...classes.map(
      (name) => `export function ${name}(...given) { return new (library().${name})(...given); }`,
    ),
    ...functions.map((name) => `export const ${name} = (...given) => library().${name}(...given);`),
  ].join('\n');
}

/** Ajv2020 that asks for the code that the build has made of a schema (validators.js) before it compiles it. */
function validating() {
  return `
    import { createHash } from 'node:crypto';
    export class Ajv2020 {
      constructor(options) { this.options = options; }
      get whole() { return (this.made ??= new (library().Ajv2020)(this.options)); }
      addSchema(schema) { this.whole.addSchema(schema); return this; }
      compile(schema) {
        return (this.made === undefined ? kept([this.options, schema]) : undefined) ?? this.whole.compile(schema);
      }
    }
    ${validatorName}
    function kept(asked) {
      const file = './' + validatorName(createHash, asked);
      try { return require(file); } catch { return undefined; }
    }`;
}
