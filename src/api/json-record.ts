import { jsonSpan, parseJson } from '../text/json.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { SourceFile } from '../text/source.ts';
import { decode, type InputFile } from './input.ts';

/** A JSON object, and what is needed to complain about a part of it. */
export interface JsonRecord {
  readonly value: Readonly<Record<string, unknown>>;
  readonly file: SourceFile;
}

/**
 * A JSON object of one of postern's own shapes, in the version that this postern reads.
 *
 * @param what the shape in words: `a report of postern's`
 * @param wanted a key that only this shape has
 * @param writtenBy what writes it, in words
 */
export function readRecord(
  input: InputFile,
  what: string,
  wanted: string,
  writtenBy: string,
): Result<JsonRecord> {
  const decoded = decode(input);
  if (!decoded.ok) return decoded;
  const file = decoded.value.source;
  const json = parseJson(file);
  // What does not even begin as JSON is another file; a slip inside of it is told as what it is.
  if (!json.ok)
    return /^\s*[{[]/.test(file.text)
      ? json
      : failure(
          ...json.errors.map((error) => ({ ...error, expected: `${what}, as ${writtenBy} writes it` })),
        );
  const { value } = json;
  if (!isRecord(value) || !(wanted in value))
    return failure(
      misfit(file, [], `this is not ${what}`, `a JSON object with \`${wanted}\`, as ${writtenBy} writes it`),
    );
  if (value.schemaVersion !== '1')
    return failure(
      misfit(
        file,
        'schemaVersion' in value ? ['schemaVersion'] : [],
        `${what[0]?.toUpperCase()}${what.slice(1)} has the schema version ${shown(value.schemaVersion)} here`,
        'the schema version `"1"`, which this postern writes and reads',
      ),
    );
  return success({ value, file });
}

/** The value as an object, where it is one. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Something at a path of the file is not what it must be. */
export function misfit(
  file: SourceFile,
  path: readonly (string | number)[],
  message: string,
  expected: string,
): Diagnostic {
  const pointer = path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const { start, end } = jsonSpan(file, pointer);
  // An object may be long; its first character says where it is.
  const span = { file, start, end: '{['.includes(file.text[start] ?? ' ') ? start + 1 : end };
  return { severity: 'error', code: 'invalid-value', message, span, expected };
}

function shown(value: unknown): string {
  const text = value === undefined ? 'none' : JSON.stringify(value);
  return `\`${text.slice(0, 40)}\``;
}

/** The texts under the keys; undefined where one of them is none. */
export function textsUnder<K extends string>(
  value: unknown,
  keys: readonly K[],
): { readonly [P in K]: string } | undefined {
  if (!isRecord(value) || keys.some((key) => typeof value[key] !== 'string')) return undefined;
  return Object.fromEntries(keys.map((key) => [key, value[key] as string])) as { [P in K]: string };
}
