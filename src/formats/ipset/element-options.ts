import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import type { ElementCommand, Word } from './ast.ts';
import { parseNumber, type SetSpec } from './types.ts';

/** What the options of an element say that decides about matching. */
export interface ElementOptions {
  readonly nomatch: boolean;
  readonly wildcard: boolean;
  /** `before` or `after`: the set of a list:set that it names. */
  readonly reference: Word | undefined;
}

/** Options that an extension of the set must allow, with the syntax of their values. */
const EXTENSIONS: Readonly<Record<string, { extension: string; valid: (value: string) => boolean }>> = {
  timeout: { extension: 'timeout', valid: (value) => parseNumber(value, 0, 2147483) !== undefined },
  packets: { extension: 'counters', valid: isCounter },
  bytes: { extension: 'counters', valid: isCounter },
  comment: { extension: 'comment', valid: (value) => value.length <= 255 },
  skbmark: { extension: 'skbinfo', valid: (value) => /^0x[0-9a-f]{1,8}(\/0x[0-9a-f]{1,8})?$/i.test(value) },
  skbprio: { extension: 'skbinfo', valid: (value) => /^[0-9a-f]{1,4}:[0-9a-f]{1,4}$/i.test(value) },
  skbqueue: { extension: 'skbinfo', valid: (value) => parseNumber(value, 0, 65535) !== undefined },
};

function isCounter(value: string): boolean {
  return /^([0-9]{1,20}|0x[0-9a-f]{1,16})$/i.test(value);
}

/** The options of an `add` or `del` line, checked against the set (`ipset(8)`, ADD-OPTIONS of its type). */
export function readElementOptions(
  file: SourceFile,
  command: ElementCommand,
  spec: SetSpec,
):
  | { readonly ok: true; readonly value: ElementOptions }
  | { readonly ok: false; readonly error: Diagnostic } {
  let nomatch = false;
  let wildcard = false;
  let reference: Word | undefined;
  const { options } = command;
  for (let at = 0; at < options.length; at++) {
    const word = options[at] as Word;
    const name = word.text.startsWith('--') ? word.text.slice(2) : word.text;
    if (name === 'nomatch' && takesNomatch(spec, command.kind)) nomatch = true;
    else if (name === 'wildcard' && takesWildcard(spec, command.kind)) wildcard = true;
    else {
      const value = options[++at];
      const isReference = (name === 'before' || name === 'after') && spec.type.name === 'list:set';
      const error = isReference
        ? lacking(file, word, value)
        : checkExtension(file, command, spec, word, name, value);
      if (error !== undefined) return { ok: false, error };
      if (isReference) reference = value;
    }
  }
  return { ok: true, value: { nomatch, wildcard, reference } };
}

function takesNomatch(spec: SetSpec, kind: ElementCommand['kind']): boolean {
  return spec.type.dimensions.includes('net') && kind === 'add';
}

function takesWildcard(spec: SetSpec, kind: ElementCommand['kind']): boolean {
  return spec.type.name === 'hash:net,iface' && kind === 'add';
}

function checkExtension(
  file: SourceFile,
  command: ElementCommand,
  spec: SetSpec,
  word: Word,
  name: string,
  value: Word | undefined,
): Diagnostic | undefined {
  const option = Object.hasOwn(EXTENSIONS, name) ? EXTENSIONS[name] : undefined;
  if (option === undefined || command.kind !== 'add') return unknown(file, word, command, spec);
  const missing = lacking(file, word, value);
  if (missing !== undefined) return missing;
  if (!spec.extensions.has(option.extension))
    return bad(file, word, `\`${name}\` cannot be used: the set was created without \`${option.extension}\``);
  if (option.valid((value as Word).text)) return undefined;
  return bad(file, value as Word, `\`${name}\` cannot be \`${(value as Word).text.slice(0, 80)}\``);
}

function lacking(file: SourceFile, word: Word, value: Word | undefined): Diagnostic | undefined {
  if (value !== undefined) return undefined;
  return {
    severity: 'error',
    code: 'ipset-missing-argument',
    message: `option \`${word.text}\` lacks its value`,
    span: { file, start: word.end, end: word.end + 1 },
    expected: 'a value',
  };
}

function unknown(file: SourceFile, word: Word, command: ElementCommand, spec: SetSpec): Diagnostic {
  return {
    ...bad(file, word, `unknown argument \`${word.text.slice(0, 80)}\``),
    expected: `an option of \`${command.kind}\` for a set of type \`${spec.type.name}\``,
  };
}

function bad(file: SourceFile, word: Word, message: string): Diagnostic {
  return {
    severity: 'error',
    code: 'ipset-option',
    message,
    span: { file, start: word.start, end: word.end },
  };
}
