import type { FormatReader, InputFormat } from '../formats/reader.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { SourceFile } from '../text/source.ts';
import { INPUT_FORMATS } from './formats.ts';

let loaded: Promise<readonly FormatReader[]> | undefined;

/** Every reader, loaded when the first config is read. */
export function readers(): Promise<readonly FormatReader[]> {
  loaded ??= Promise.all([
    import('../formats/iptables/index.ts').then((format) => format.iptablesReader),
    import('../formats/ipset/index.ts').then((format) => format.ipsetReader),
    import('../formats/ip-addr/index.ts').then((format) => format.ipAddrReader),
  ]);
  return loaded;
}

/** A reader and the format that it is to read a file as. */
export interface Choice {
  readonly reader: FormatReader;
  readonly format: InputFormat;
}

/** The reader for a file: the one whose format the user named, else the first that recognises the contents. */
export function chooseReader(
  source: SourceFile,
  named: InputFormat | undefined,
  all: readonly FormatReader[],
): Result<Choice> {
  if (/^\s*$/.test(source.text)) return failure(emptyInput(source));
  if (named !== undefined) {
    const reader = all.find(({ formats }) => formats.includes(named));
    return reader === undefined ? failure(notRead(source, named)) : success({ reader, format: named });
  }
  for (const reader of all) {
    const format = reader.detect(source);
    if (format !== undefined) return success({ reader, format });
  }
  return failure(unknownFormat(source));
}

function emptyInput(source: SourceFile): Diagnostic {
  return {
    severity: 'error',
    code: 'empty-input',
    message: 'the file is empty; an audit of nothing would call everything missing or nothing excessive',
    span: { file: source, start: 0, end: 0 },
    expected: `one of ${INPUT_FORMATS.join(', ')}`,
    help: 'capture it again, as root, and look at what the tool says',
  };
}

function notRead(source: SourceFile, named: InputFormat): Diagnostic {
  return {
    severity: 'error',
    code: 'format-not-supported',
    message: `this version does not read \`${named}\``,
    span: { file: source, start: 0, end: 0 },
    expected: `one of ${INPUT_FORMATS.join(', ')}`,
  };
}

function unknownFormat(source: SourceFile): Diagnostic {
  const start = source.text.search(/\S/);
  const json = source.text[start] === '{' || source.text[start] === '[';
  return {
    severity: 'error',
    code: 'unknown-format',
    message: json
      ? 'this is JSON, but no export that postern knows'
      : 'this is none of the formats that postern recognises',
    span: { file: source, start, end: start + 1 },
    expected: `one of ${INPUT_FORMATS.join(', ')}`,
    help: 'if it is one of these, name it with `--input-format`',
  };
}
