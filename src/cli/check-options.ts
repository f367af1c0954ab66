import { dirname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Diagnostic, InputFile, Result, Severity } from '../api.ts';
import { type Config, configText, readConfig } from '../api/config.ts';
import { CHECK_FORMATS } from '../api/fleet/format-names.ts';
import type { Shard } from '../api/fleet/shard.ts';
import type { ReadingOptions } from './inputs.ts';
import { leadsIntoGit, leadsOutside, namesIn } from './outside.ts';
import { type FormatChoice, formatOption, sizeOption } from './options.ts';

/** The options of `check`, as commander gives them and a config file completes them. */
export interface CheckOptions extends ReadingOptions {
  readonly baseline?: readonly string[];
  readonly as?: string;
  readonly deployment?: string;
  readonly host?: readonly string[];
  readonly format?: readonly FormatChoice[];
  readonly failOn: Severity;
  readonly allowUndetermined?: boolean;
  readonly waivers?: string;
  readonly asOf?: string;
  readonly known?: string;
  readonly updateKnown?: boolean;
  readonly previous?: string;
  readonly inline?: boolean;
  readonly config?: string | false;
  readonly printConfig?: boolean;
  /** Workers over hosts. */
  readonly jobs?: number;
  readonly shard?: Shard;
  /** A folder where results of hosts are kept. */
  readonly cache?: string;
}

/** What is to be checked, and how. */
export interface CheckCall {
  readonly paths: readonly string[];
  readonly options: CheckOptions;
}

/**
 * The command line, completed by a config file: what the command line says wins. `configs`, `deployment`, `hosts` and `as`
 * say together what is checked: none of the file's counts where the command line names a deployment, or configs without
 * saying which host of the file's deployment they are of.
 *
 * @param given whether the command line has the option, by commander's name
 */
export function withConfig(
  { paths, options }: CheckCall,
  file: InputFile | undefined,
  given: (option: string) => boolean,
): Result<CheckCall> {
  if (file === undefined) return { ok: true, value: { paths, options }, warnings: [] };
  const config = readConfig(file);
  if (!config.ok) return config;
  const settings = config.value;
  const formats = parsed(settings.format ?? [], (text, before: readonly FormatChoice[] | undefined) =>
    formatOption(CHECK_FORMATS)(text, before),
  );
  const size = parsed(settings['max-input-size'] === undefined ? [] : [settings['max-input-size']], (text) =>
    sizeOption(text),
  );
  const errors = [formats, size].flatMap((result) => (result.ok ? [] : result.errors));
  if (!formats.ok || !size.ok) return { ok: false, errors };
  const read = { ...rest(settings), ...present({ format: formats.value, maxInputSize: size.value }) };
  const subject = given('deployment') || (paths.length > 0 && !given('host') && !given('as'));
  const fromFile = Object.entries({ ...read, ...(subject ? {} : subjectOf(settings)) }).filter(
    ([name]) => !given(name),
  );
  const completed = { ...options, ...Object.fromEntries(fromFile) };
  const named = paths.length > 0 || subject || given('host') ? paths : (settings.configs ?? []);
  const counts = new Set([
    ...fromFile.map(([name]) => name),
    ...(named === settings.configs ? ['configs'] : []),
  ]);
  const outside = leadingOut(settings, file, (key) => counts.has(key === 'baselines' ? 'baseline' : key));
  if (outside.length > 0) return { ok: false, errors: outside };
  return { ok: true, value: { paths: named, options: completed }, warnings: [] };
}

/**
 * Files that symbolic links take out of the config's folder, or that are git's own: who may change the repository says what is in it, not
 * what is beside it.
 */
function leadingOut(
  { named }: Config,
  { path: file }: InputFile,
  counts: (key: string) => boolean,
): Diagnostic[] {
  const folder = dirname(file);
  const paths = named
    .filter(({ key }) => counts(key))
    .flatMap(({ key, path, span }) =>
      [path, ...(key === 'configs' ? namesIn(path) : [])].map((one) => ({ path: one, span })),
    );
  return paths.flatMap(({ path, span }): Diagnostic[] => {
    if (leadsOutside(folder, path))
      return [
        {
          severity: 'error',
          code: 'path-outside',
          message: `\`${path}\`: a symbolic link leads out of the config's folder.`,
          span,
          help: 'Put the file itself in its place, or name it on the command line.',
        },
      ];
    if (!leadsIntoGit(folder, path)) return [];
    const message = `\`${path}\` leads into \`.git\`, whose files are git's own.`;
    return [{ severity: 'error', code: 'path-outside', message, span, help: 'Name another file.' }];
  });
}

function present(values: Readonly<Record<string, unknown>>): Partial<CheckOptions> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function subjectOf({ deployment, hosts, as }: Config): Partial<CheckOptions> {
  return present({ deployment, host: hosts, as });
}

function rest(config: Config): Partial<CheckOptions> {
  return present({
    baseline: config.baselines,
    inputFormat: config['input-format'],
    failOn: config['fail-on'],
    allowUndetermined: config['allow-undetermined'],
    waivers: config.waivers,
    known: config.known,
    previous: config.previous,
    inline: config.inline,
    quiet: config.quiet,
    progress: config.progress,
  });
}

/** Texts of a config file through the command line's own parsers, whose complaints get the texts' places. */
function parsed<T>(
  texts: readonly { readonly text: string; readonly span: NonNullable<Diagnostic['span']> }[],
  parse: (text: string, before: T | undefined) => T,
): Result<T | undefined> {
  let value: T | undefined;
  for (const { text, span } of texts) {
    try {
      value = parse(text, value);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const message = `\`${text.slice(0, 60)}\`: ${error.message}`;
      return { ok: false, errors: [{ severity: 'error', code: 'invalid-value', message, span }] };
    }
  }
  return { ok: true, value, warnings: [] };
}

/** The settings in force, as a config file that says the same from here. */
export function printedConfig({ paths, options }: CheckCall, source: string | undefined): string {
  const settings = present({
    configs: paths.length === 0 ? undefined : paths,
    deployment: options.deployment,
    hosts: options.host,
    baselines: options.baseline,
    as: options.as,
    format: options.format?.map(({ name, file }) => (file === undefined ? name : `${name}=${file}`)),
    'input-format': options.inputFormat,
    'fail-on': options.failOn,
    'allow-undetermined': options.allowUndetermined === true,
    waivers: options.waivers,
    known: options.known,
    previous: options.previous,
    inline: options.inline === true,
    'max-input-size': options.maxInputSize,
    quiet: options.quiet === true,
    progress: options.progress,
  });
  return configText(settings as Readonly<Record<string, unknown>>, source);
}
