import { type Command, InvalidArgumentError, Option } from 'commander';
import { nearest } from '../api/suggest.ts';
import { DEFAULT_LIMIT } from './read.ts';

/** One `--format name[=file]`; without a file the report goes to standard output. */
export interface FormatChoice {
  readonly name: string;
  readonly file?: string;
}

/** A collector for a repeatable `--format` that takes the names given. Throws commander's error, which becomes usage help. */
export function formatOption(names: readonly string[]) {
  return (value: string, previous: readonly FormatChoice[] = []): readonly FormatChoice[] => {
    const special = WHOLE_NAMES.get(value);
    if (special !== undefined && names.includes(special)) return addFormat(previous, special, undefined);
    const equals = value.indexOf('=');
    const name = equals < 0 ? value : value.slice(0, equals);
    if (!names.includes(name)) throw new InvalidArgumentError(unknown('format', name, names));
    const file = equals < 0 ? undefined : value.slice(equals + 1);
    if (file === '') throw new InvalidArgumentError('A file name must follow `=`.');
    return addFormat(previous, name, file);
  };
}

/** `sarif=full` is a format and not a file named `full`: waived findings are kept, and it goes to standard output. */
const WHOLE_NAMES: ReadonlyMap<string, string> = new Map([['sarif=full', 'sarif-full']]);

function addFormat(
  previous: readonly FormatChoice[],
  name: string,
  file: string | undefined,
): readonly FormatChoice[] {
  if (file === undefined && previous.some((choice) => choice.file === undefined)) {
    throw new InvalidArgumentError('Only one format can go to standard output; give the others a file.');
  }
  if (file !== undefined && previous.some((choice) => choice.file === file)) {
    throw new InvalidArgumentError('Two formats can not go to the same file.');
  }
  return [...previous, file === undefined ? { name } : { name, file }];
}

/** A collector for a repeatable option. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** A number of bytes, with K, M or G for powers of 1024. */
export function sizeOption(value: string): number {
  const found = /^(\d{1,15})([KMG]?)$/i.exec(value);
  const size = found === null ? 0 : Number(found[1]) * (UNITS[(found[2] ?? '').toUpperCase()] ?? 1);
  if (size < 1) throw new InvalidArgumentError('Expected a number of bytes such as `300000000` or `300M`.');
  return size;
}

/** A number of workers. */
export function countOption(value: string): number {
  const count = /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (count < 1 || count > 1024) throw new InvalidArgumentError('Expected a number from 1 to 1024.');
  return count;
}

/** The name of a folder. */
export function folderOption(value: string): string {
  if (value === '')
    throw new InvalidArgumentError('It is empty: an unset variable of a script does that. Name a folder.');
  return value;
}

/** `3/16`: the third of sixteen parts. */
export function shardOption(value: string): { readonly index: number; readonly count: number } {
  const [, index = 0, count = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(value) ?? []).map(Number);
  if (index < 1 || index > count)
    throw new InvalidArgumentError(
      'Expected a part and the number of parts, counted from 1, such as `3/16`.',
    );
  return { index, count };
}

/** A parser for an option that takes one of some names, with a suggestion where a name is near. */
export function nameOption<T extends string>(what: string, names: readonly T[]) {
  return (value: string): T => {
    const found = names.find((name) => name === value);
    if (found === undefined) throw new InvalidArgumentError(unknown(what, value, names));
    return found;
  };
}

function unknown(what: string, value: string, names: readonly string[]): string {
  const near = nearest(value, names);
  const several = value.split(',').length > 1 && value.split(',').every((one) => names.includes(one.trim()));
  const hint = several
    ? ' Give the option once for each.'
    : near === undefined
      ? ''
      : ` Did you mean \`${near}\`?`;
  return `There is no ${what} \`${value.slice(0, 60)}\`.${hint} Known: ${names.join(', ')}.`;
}

/** Something with a slash, or that ends as YAML files do, is a file; anything else is the id of a shipped baseline. */
export function isBaselineFile(name: string): boolean {
  return name === '-' || /[/\\]|\.ya?ml$/i.test(name);
}

/** Options of every command that reads configs. */
export function reading(command: Command): Command {
  return command
    .option(
      '--input-format <name[=file]>',
      'the format of the configs, or of one of them, in place of detection (repeatable)',
      collect,
    )
    .addOption(maximumSize())
    .option('-q, --quiet', 'print nothing but errors to standard error')
    .option('--no-progress', 'no progress line');
}

/** `--max-input-size`. */
export const maximumSize = (): Option =>
  new Option('--max-input-size <bytes>', 'refuse greater files; K, M and G are understood')
    .argParser(sizeOption)
    .default(DEFAULT_LIMIT, '256M');

/** `--format` with the names that a command knows. */
export const formats = (names: readonly string[]): Option =>
  new Option(
    '--format <name[=file]>',
    `${names.length > 2 ? names.join(', ') : names.join(' or ')}; to a file where one is named (repeatable)`,
  ).argParser(formatOption(names));
