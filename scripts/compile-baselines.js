// Reads the shipped baselines once, when the package is built, so that a run need not read YAML; see src/baseline/compiled.ts.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { imported } from './bundles.js';

const root = fileURLToPath(new URL('../', import.meta.url));

const WORK = `
  export { compileBaseline } from './src/baseline/compiled.ts';
  export { sha256 } from './src/baseline/digest.ts';
  export { validateBaseline } from './src/baseline/load-baseline.ts';
  export { readYaml } from './src/baseline/yaml.ts';
  export { SourceFile } from './src/text/source.ts';
`;

/** Writes `baselines/<id>.json` into the folder for each baseline that is valid; the others are read, and told, as they are. */
export async function compileBaselines(outdir) {
  const work = await imported(WORK, `${outdir}/compile.mjs`);
  await mkdir(`${outdir}/baselines`, { recursive: true });
  for (const name of await readdir(`${root}/baselines`)) {
    if (!name.endsWith('.yaml')) continue;
    const text = await readFile(`${root}/baselines/${name}`, 'utf8');
    const source = new work.SourceFile(name, text);
    const yaml = work.readYaml(source);
    const valid = work.validateBaseline(source).every(({ severity }) => severity !== 'error');
    const compiled = yaml.ok && valid ? work.compileBaseline(yaml.value, work.sha256(text)) : undefined;
    if (compiled !== undefined)
      await writeFile(`${outdir}/baselines/${name.replace(/yaml$/, 'json')}`, compiled);
  }
}
