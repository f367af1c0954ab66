// Code that V8 has compiled before: `vm.Script` takes it with the source and need not compile again
// (https://nodejs.org/docs/latest-v20.x/api/vm.html#scriptcreatecacheddata). V8 refuses what another version of it has made, or
// what was made with other flags, and compiles then as ever. That it belongs to the source is for us to see to: V8
// compares only lengths. So the cache's name has the digest of the source, and the V8, system and processor that it is of.
// A script that was taken from a cache cannot `import()` in Node 20, so the loader does that for it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * A module that runs `<name>.cjs`, a function of (require, importModule, url), and exports what that returns.
 *
 * @param {string} name
 * @param {readonly string[]} chunks modules beside it that it requires
 * @param {readonly string[]} exported
 */
export function scriptLoader(name, chunks, exported) {
  return [
    "import{readFileSync}from'node:fs';",
    "import{createRequire}from'node:module';",
    "import{fileURLToPath}from'node:url';",
    "import{Script}from'node:vm';",
    ...chunks.map((chunk, i) => `import*as chunk${i} from'./${chunk}';`),
    `const chunks={${chunks.map((chunk, i) => `'./${chunk}':chunk${i}`).join()}};`,
    `const filename=fileURLToPath(new URL('./${name}.cjs',import.meta.url));`,
    'const {arch,platform,versions}=process;',
    "const source=readFileSync(filename,'utf8');",
    'let cachedData;',
    `try{cachedData=readFileSync(new URL(\`./${name}-DIGEST-\${platform}-\${arch}-\${versions.v8}.cache\`,import.meta.url))}catch{}`,
    'const script=new Script(source,{filename,cachedData});',
    'const require=createRequire(import.meta.url);',
    'const given=[(id)=>chunks[id]??require(id),(id)=>import(id),import.meta.url];',
    `export const {${exported.join()}}=script.runInThisContext()(...given);`,
    '',
  ].join('\n');
}

/** The source of a script, made of a CommonJS module that asks for its URL as `bundleUrl`, as a loader runs it. */
export function scriptSource(text) {
  const body = text.replaceAll(/\bimport\(("\.\/chunk-[^"]+")\)/g, 'importModule($1)');
  return `(function(require,importModule,bundleUrl){const module={exports:{}};${body}\nreturn module.exports})\n`;
}

/**
 * Runs usual checks in the new bundle, and keeps what V8 has compiled by then: V8 compiles a function when it is first
 * called. Call it when the bundle is complete.
 *
 * @param {string} outdir the folder of the bundle, absolute
 * @param {string} name of the script
 */
export async function keepCode(outdir, name) {
  const loader = join(outdir, `${name}.js`);
  const digest = createHash('sha256')
    .update(await readFile(join(outdir, `${name}.cjs`)))
    .digest('hex')
    .slice(0, 16);
  await writeFile(loader, (await readFile(loader, 'utf8')).replace('DIGEST', digest));
  const { arch, platform, versions } = process;
  const cache = join(outdir, `${name}-${digest}-${platform}-${arch}-${versions.v8}.cache`);
  const warmUp = fileURLToPath(new URL('./warm-up.js', import.meta.url));
  await promisify(execFile)(process.execPath, [warmUp, outdir, name, cache]);
}
