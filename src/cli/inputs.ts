import { normalize } from 'node:path';
import type { Diagnostic, InputFile, InputFormat, Result } from '../api.ts';
import { INPUT_FORMATS } from '../api/formats.ts';
import { nearest } from '../api/suggest.ts';
import { gatherIncludes } from './includes.ts';
import { configsOfFolder } from './folder.ts';
import { readInput, readStandardInput } from './read.ts';
import type { Streams } from './streams.ts';

/** The options of every command that reads configs, as commander gives them. */
export interface ReadingOptions {
  readonly inputFormat?: readonly string[];
  readonly maxInputSize: number;
  readonly quiet?: boolean;
  readonly progress: boolean;
}

/** How many bytes files have together. */
export const sizeOf = (files: readonly InputFile[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes.length, 0);

/**
 * All the files, read one after the other; the problems of all of them where there are any.
 *
 * @param ofFolders those that nobody named, but a folder that they are in
 */
export async function readAll(
  streams: Streams,
  paths: readonly string[],
  options: Pick<ReadingOptions, 'maxInputSize'>,
  ofFolders: { has(path: string): boolean } = new Set<string>(),
): Promise<Result<InputFile[]>> {
  const files: InputFile[] = [];
  const errors: Diagnostic[] = [];
  for (const path of paths) {
    const read =
      path === '-'
        ? await readStandardInput(streams.stdin, options.maxInputSize)
        : await readInput(path, options.maxInputSize, ofFolders.has(path) ? 'file' : 'anything');
    if (read.ok) {
      const file = { path, bytes: read.value };
      const included = await gatherIncludes(file, options.maxInputSize);
      files.push(included.length === 0 ? file : { ...file, included });
    } else errors.push(...read.errors);
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: files, warnings: [] };
}

/** The configs named on the command line, with the formats that `--input-format` gives them. */
export async function readConfigs(
  streams: Streams,
  paths: readonly string[],
  options: ReadingOptions,
): Promise<Result<InputFile[]>> {
  const folders = new Map<string, string>();
  const named: string[] = [];
  for (const path of paths) {
    const inside = (await configsOfFolder(path)) ?? [];
    for (const file of inside) folders.set(file, path);
    named.push(...(inside.length === 0 ? [path] : inside));
  }
  const formats = inputFormats([...paths, ...named], options.inputFormat ?? []);
  if (!formats.ok) return formats;
  const read = await readAll(streams, named, options, folders);
  if (!read.ok) return read;
  const files = read.value.map((file) => {
    const format =
      formats.value.get(file.path) ??
      formats.value.get(folders.get(file.path) ?? '') ??
      formats.value.get('');
    return format === undefined ? file : { ...file, format };
  });
  return { ok: true, value: files, warnings: [] };
}

/** A config that is named twice would be two captures of one host, which contradict each other. */
export function namedTwice(paths: readonly string[]): Diagnostic[] {
  const files = paths.filter((path) => path !== '-').map((path) => [path, normalize(path)] as const);
  const twice = files.filter(([, name], i) => files.findIndex(([, other]) => other === name) < i);
  return twice.slice(0, 1).map(([path]) => ({
    severity: 'error',
    code: 'usage',
    message: `\`${path}\` is named more than once`,
    help: 'name each config once',
  }));
}

/** Standard input can be read once; naming it twice is a mistake. */
export function onceStandardInput(names: readonly (string | undefined)[]): Diagnostic[] {
  if (names.filter((name) => name === '-').length < 2) return [];
  return [
    {
      severity: 'error',
      code: 'usage',
      message: 'standard input (`-`) is named more than once, and can be read only once',
    },
  ];
}

/** The formats by path; that of all other files under the empty path. */
function inputFormats(
  paths: readonly string[],
  choices: readonly string[],
): Result<ReadonlyMap<string, InputFormat>> {
  const found = new Map<string, InputFormat>();
  for (const choice of choices) {
    const equals = choice.indexOf('=');
    const name = equals < 0 ? choice : choice.slice(0, equals);
    const path = equals < 0 ? '' : choice.slice(equals + 1);
    const format = INPUT_FORMATS.find((known) => known === name);
    if (format === undefined) return usage(`there is no input format \`${name}\``, formatHelp(name));
    if (equals >= 0 && !paths.includes(path))
      return usage(`\`${path}\` of --input-format is none of the configs`);
    if (found.has(path))
      return usage(`--input-format is given twice for ${path === '' ? 'all configs' : `\`${path}\``}`);
    found.set(path, format);
  }
  return { ok: true, value: found, warnings: [] };
}

function formatHelp(name: string): string {
  const near = nearest(name, INPUT_FORMATS);
  return `${near === undefined ? '' : `did you mean \`${near}\`? `}known: ${INPUT_FORMATS.join(', ')}`;
}

function usage<T>(message: string, help?: string): Result<T> {
  const diagnostic: Diagnostic = { severity: 'error', code: 'usage', message };
  return { ok: false, errors: [help === undefined ? diagnostic : { ...diagnostic, help }] };
}
