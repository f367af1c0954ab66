// Runs the bundled command on the example, as a process of its own, and writes the code that V8 has compiled for its
// script to a file: see code-cache.js. Arguments: the folder of the bundle, the file.
import { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';

const [outdir, cache] = process.argv.slice(2);
const scripts = [];

// The loader's script is asked for its code when all is done.
vm.Script = class extends vm.Script {
  constructor(...options) {
    super(...options);
    scripts.push(this);
  }
};
syncBuiltinESMExports();

const site = fileURLToPath(new URL('../fixtures/sites/x-road/', import.meta.url));
const reports = ['--format', 'text', '--format', `json=${devNull}`];
const role = ['--baseline', 'x-road-security-server', '--as', 'security-server'];
const commands = [
  ['check', '--deployment', join(site, 'site.yaml'), ...reports],
  ['check', join(site, 'ss1/rules.v4'), ...role, ...reports],
];
for (const [i, command] of commands.entries()) {
  process.argv.splice(2, process.argv.length, ...command);
  await import(`${pathToFileURL(join(outdir, 'postern.js')).href}?${i}`);
  // The example has faults, so that the check exits 1.
  if (process.exitCode !== 1) throw new Error(`postern ${command.join(' ')}: exit ${process.exitCode}`);
}
process.exitCode = 0;
const [script] = scripts;
if (script === undefined) throw new Error('the command has loaded no script');
writeFileSync(cache, script.createCachedData());
