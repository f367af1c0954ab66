// Runs the bundled command on the example, as a process of its own, and writes the code that V8 has compiled for its
// script to a file: see code-cache.js. Arguments: the folder of the bundle, the name of the script, the file.
import { readdirSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { devNull } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';

const [outdir, name, cache] = process.argv.slice(2);
let script;

// The loader's script is asked for its code when all is done.
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    if (basename(options.filename) === `${name}.cjs`) script = this;
  }
};
syncBuiltinESMExports();

const site = fileURLToPath(new URL('../fixtures/sites/x-road/', import.meta.url));
const nftSite = fileURLToPath(new URL('../fixtures/sites/x-road-nft/', import.meta.url));
const reports = ['--format', 'text', '--format', `json=${devNull}`];
const role = ['--baseline', 'x-road-security-server', '--as', 'security-server'];
const clouds = fileURLToPath(new URL('../fixtures/clouds/aws/', import.meta.url));
const exportsOf = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));
const commands = {
  check: [
    ['check', '--deployment', join(site, 'site.yaml'), ...reports],
    ['check', join(site, 'ss1/rules.v4'), ...role, ...reports],
    // What reads exports of clouds is in this script too.
    ['check', ...exportsOf(join(clouds, 'list-and-range')), ...role, ...reports],
  ],
  aws: ['list-and-range', 'acl-forgets-replies', 'union-of-groups']
    .map((one) => join(clouds, one))
    .map((folder) => ['check', ...exportsOf(folder), ...role, ...reports]),
  nft: [['check', '--deployment', join(nftSite, 'site.yaml'), ...reports]],
};
for (const [i, command] of (commands[name] ?? commands.check).entries()) {
  process.argv.splice(2, process.argv.length, ...command);
  await import(`${pathToFileURL(join(outdir, 'postern.js')).href}?${i}`);
  // The examples have faults, so that the check exits 1.
  if (process.exitCode !== 1) throw new Error(`postern ${command.join(' ')}: exit ${process.exitCode}`);
}
process.exitCode = 0;
if (script === undefined) throw new Error('the commands have not loaded the script');
writeFileSync(cache, script.createCachedData());
