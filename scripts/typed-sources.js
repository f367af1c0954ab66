// Hands the project's TypeScript to esbuild as `by-index.js` writes it, which needs the types of what it changes.
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { takenByIndex } from './by-index.js';

/**
 * An esbuild plugin.
 *
 * @param {URL} root the project
 */
export function typedSources(root) {
  return {
    name: 'typed-sources',
    setup(build) {
      const folder = fileURLToPath(root);
      const { config } = ts.readConfigFile(`${folder}tsconfig.json`, ts.sys.readFile);
      const include = ['src', 'grammars'];
      const { fileNames, options } = ts.parseJsonConfigFileContent({ ...config, include }, ts.sys, folder);
      const program = ts.createProgram(fileNames, options);
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const source = program.getSourceFile(path);
        if (source === undefined) return undefined;
        return { contents: takenByIndex(source, program.getTypeChecker()), loader: 'ts' };
      });
    },
  };
}
