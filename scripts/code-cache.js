// Code that V8 has compiled before: `vm.Script` takes it with the source and need not compile again
// (https://nodejs.org/docs/latest-v20.x/api/vm.html#scriptcreatecacheddata). V8 refuses what another version of it has made, or
// what was made with other flags, and compiles then as ever. That it belongs to the source is for us to see to: V8
// compares only lengths. So the cache's name has the digest of the source, and the V8, system and processor that it is of.
// A script that was taken from a cache cannot `import()` in Node 20, so its loader does that for it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The module that runs scripts and gives the chunks that they are made of. It is of Node's older kind, which loads at once. */
export const LOADER = 'scripts.cjs';

/**
 * The source of {@link LOADER}. A script is a function of (require, importModule, url) that returns its chunks; it runs once.
 *
 * @param {Record<string, string>} scripts the digest of each script's source
 * @param {Record<string, readonly [script: string, name: string]>} chunks which script has a chunk, and how it calls it
 */
export function loaderSource(scripts, chunks) {
  return [
    "'use strict';",
    "const{readFileSync}=require('node:fs');",
    "const{join}=require('node:path');",
    "const{pathToFileURL}=require('node:url');",
    "const{Script}=require('node:vm');",
    `const scripts=${JSON.stringify(scripts)};`,
    `const chunks=${JSON.stringify(chunks)};`,
    'const loaded=new Map();',
    'const{arch,platform,versions}=process;',
    'function run(name){',
    'const filename=join(__dirname,name+".cjs");',
    "const source=readFileSync(filename,'utf8');",
    'let cachedData;',
    'const cache=[name,scripts[name],platform,arch,versions.v8].join("-")+".cache";',
    'try{cachedData=readFileSync(join(__dirname,cache))}catch{}',
    'const script=new Script(source,{filename,cachedData});',
    'return script.runInThisContext()(given,importModule,pathToFileURL(__filename).href)}',
    'function chunk(id){',
    'const[script,name]=chunks[id];',
    'let parts=loaded.get(script);',
    'if(parts===undefined){',
    // Getters become values: what a module exports is settled once it has run.
    'parts=Object.fromEntries(Object.entries(run(script)).map(([part,exported])=>[part,{...exported}]));',
    'loaded.set(script,parts)}',
    'return parts[name]}',
    'const given=(id)=>Object.hasOwn(chunks,id)?chunk(id):require(id);',
    'const importModule=async(id)=>Object.hasOwn(chunks,id)?chunk(id):import(id);',
    'module.exports={chunk};',
    '',
  ].join('\n');
}

/** What a cache's name says of the source that it belongs to. */
export function digestOf(source) {
  return createHash('sha256').update(source).digest('hex').slice(0, 16);
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
  const digest = digestOf(await readFile(join(outdir, `${name}.cjs`), 'utf8'));
  const { arch, platform, versions } = process;
  const cache = join(outdir, `${name}-${digest}-${platform}-${arch}-${versions.v8}.cache`);
  const warmUp = fileURLToPath(new URL('./warm-up.js', import.meta.url));
  await promisify(execFile)(process.execPath, [warmUp, outdir, name, cache]);
}
