import { besides } from '../baseline/extends.ts';
import type { Located } from '../baseline/located.ts';
import { readBaselineReference, readPath } from '../baseline/paths.ts';
import type { Complaints } from '../baseline/ports.ts';
import { checkSchema } from '../baseline/schema.ts';
import { readYaml } from '../baseline/yaml.ts';
import { jsonLine, visible } from '../report/visible.ts';
import { failure, type Result, success } from '../text/diagnostic.ts';
import type { Span } from '../text/source.ts';
import { decode, type InputFile } from './input.ts';

/**
 * What a `postern.yaml` says, in the words of the command line (docs/configuration.md). Paths are seen from where the
 * file's own path is seen.
 */
export interface Config {
  readonly configs?: readonly string[];
  readonly deployment?: string;
  readonly hosts?: readonly string[];
  readonly baselines?: readonly string[];
  readonly as?: string;
  /** As `--format` takes them, each with its place. */
  readonly format?: readonly { readonly text: string; readonly span: Span }[];
  readonly 'input-format'?: readonly string[];
  readonly 'fail-on'?: string;
  readonly 'allow-undetermined'?: boolean;
  readonly waivers?: string;
  readonly known?: string;
  readonly previous?: string;
  readonly inline?: boolean;
  readonly 'max-input-size'?: { readonly text: string; readonly span: Span };
  readonly quiet?: boolean;
  readonly progress?: boolean;
  /** All files that it names. */
  readonly named: readonly NamedFile[];
}

/** A file that a config file names, under which key, and where. */
export interface NamedFile {
  readonly key: keyof Config;
  readonly path: string;
  readonly span: Span;
}

/** The name that a config file has where nobody names another. */
export const CONFIG_NAME = 'postern.yaml';

const PATHS = ['deployment', 'waivers', 'known', 'previous'] as const;
const PLAIN = ['as', 'fail-on', 'allow-undetermined', 'inline', 'quiet', 'progress'] as const;

/** The settings of a config file (shape: schemas/config.schema.json), or everything that is wrong with it. */
export function readConfig(file: InputFile): Result<Config> {
  const decoded = decode(file);
  if (!decoded.ok) return decoded;
  const yaml = readYaml(decoded.value.source);
  if (!yaml.ok) return yaml;
  const root = yaml.value;
  const violations = checkSchema('config', root);
  if (violations.length > 0) return failure(...violations);
  const complaints: Complaints = [];
  const reader = new ConfigReader(root, file.path, complaints);
  const config: Config = {
    ...reader.all(PLAIN, (value) => value.value),
    ...reader.all(PATHS, (value) => reader.path(value)[0]),
    ...reader.all(['configs'], (value) => (value.items ?? []).flatMap((item) => reader.path(item))),
    ...reader.all(['hosts'], (value) => (value.items ?? []).map((item) => String(item.value))),
    ...reader.all(['baselines'], (value) => (value.items ?? []).flatMap((item) => reader.baseline(item))),
    ...reader.all(['format'], (value) => (value.items ?? []).flatMap((item) => reader.withPath(item, true))),
    ...reader.all(['input-format'], (value) =>
      (value.items ?? []).flatMap((item) => reader.withPath(item, false).map(({ text }) => text)),
    ),
    ...reader.all(['max-input-size'], ({ value, span }) => ({ text: String(value), span })),
    named: reader.named,
  };
  return complaints.length > 0 ? failure(...complaints) : success(config);
}

class ConfigReader {
  readonly named: NamedFile[] = [];
  private key: keyof Config = 'named';

  constructor(
    private readonly root: Located,
    private readonly file: string,
    private readonly complaints: Complaints,
  ) {}

  all(keys: readonly (keyof Config)[], read: (value: Located) => unknown): Partial<Config> {
    const found = keys.flatMap((key) => {
      const value = this.root.entries?.get(key);
      this.key = key;
      return value === undefined ? [] : [[key, read(value)] as const];
    });
    return Object.fromEntries(found) as Partial<Config>;
  }

  path(text: Located): string[] {
    return readPath(text, this.complaints, 'the config').map(({ path }) =>
      this.noted(besides(this.file, path), text),
    );
  }

  baseline(text: Located): string[] {
    return readBaselineReference(text, this.complaints, 'the config').map(({ kind, name }) => {
      const path = kind === 'id' ? name : this.noted(besides(this.file, name), text);
      // On the command line a name without a slash is an id.
      return kind === 'path' && !path.includes('/') ? `./${path}` : path;
    });
  }

  private noted(path: string, { span }: Located): string {
    this.named.push({ key: this.key, path, span });
    return path;
  }

  /** `name` or `name=file`; `sarif=full` is a format by itself. */
  withPath(item: Located, isOutput: boolean): { text: string; span: Span }[] {
    const text = String(item.value);
    const equals = text.indexOf('=');
    if (equals < 0 || (isOutput && text === 'sarif=full')) return [{ text, span: item.span }];
    const paths = this.path({ ...item, value: text.slice(equals + 1) });
    return paths.map((path) => ({ text: `${text.slice(0, equals)}=${path}`, span: item.span }));
  }
}

/**
 * Settings as a config file, for `--print-config`.
 * @param source where they come from, beside the command line
 */
export function configText(settings: Readonly<Record<string, unknown>>, source: string | undefined): string {
  const head =
    source === undefined ? `# there is no ${CONFIG_NAME} here` : `# from ${source} and the command line`;
  // A value as JSON is the same value as YAML 1.2.
  const lines = Object.entries({ version: 1, ...settings }).map(
    ([key, value]) => `${key}: ${jsonLine(value)}`,
  );
  return `${[visible(head), ...lines].join('\n')}\n`;
}
