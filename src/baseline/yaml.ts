import { Composer, type CST, type Document, isScalar, Lexer, type ParsedNode, Parser } from 'yaml';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { SourceFile, Span } from '../text/source.ts';
import { locate, type Located } from './located.ts';
import { readPlainJson } from './located-json.ts';

/** Larger texts are refused: nobody writes 5 MB of baseline or deployment by hand. */
export const MAXIMUM_YAML_CHARACTERS = 5_000_000;
/** Of what the library's lexer finds; and so many lines, each of which is one at least where it is no part of a text. */
const MAXIMUM_LEXEMES = 2_000_000;
const MAXIMUM_DEPTH = 64;
/** One slip makes many: what follows the first few is mostly their consequence. */
const MAXIMUM_SYNTAX_ERRORS = 3;

/**
 * One YAML 1.2 document (core schema) as plain values with the place of each. Refused, as values of kind `Diagnostic`:
 * syntax errors, several documents, duplicate keys, tags and directives that change what a text means, merge keys
 * (plain keys in YAML 1.2, so unknown ones), texts that are too large or too deep, and aliases that multiply.
 *
 * The library's parts are called one by one, because its composer recurses: the depth must be known before.
 */
export function readYaml(file: SourceFile): Result<Located> {
  if (file.text.length > MAXIMUM_YAML_CHARACTERS || hasMoreLines(file.text, MAXIMUM_LEXEMES))
    return failure(tooLarge(file));
  if (file.text.includes('\0')) return failure(binary(file));
  const json = /^\s*\{/.test(file.text) ? readPlainJson(file) : undefined;
  if (json !== undefined) return success(json);
  const tokens = tokensOf(file);
  if (!tokens.ok) return tokens;
  const composer = new Composer<ParsedNode>({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents: Document.Parsed<ParsedNode>[] = [];
  for (const document of composer.compose(tokens.value, true, file.text.length)) documents.push(document);
  const [first, second] = documents;
  if (first === undefined) return failure(emptyText(file));
  const errors = [...syntaxErrors(file, first), ...directiveErrors(file, first)];
  if (second !== undefined) errors.push(severalDocuments(file, second));
  if (errors.length > 0) return failure(...errors);
  if (first.contents === null || (isScalar(first.contents) && first.contents.value === null))
    return failure(emptyText(file));
  return locate(file, first.contents);
}

function hasMoreLines(text: string, most: number): boolean {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && lines <= most; at = text.indexOf('\n', at + 1)) lines++;
  return lines > most;
}

function tokensOf(file: SourceFile): Result<CST.Token[]> {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(file.text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAXIMUM_DEPTH) return failure(tooDeep(file, parser.offset));
    if (++lexemes > MAXIMUM_LEXEMES) return failure(tooLarge(file));
  }
  for (const token of parser.end()) tokens.push(token);
  return success(tokens);
}

const QUOTING =
  'Quote a text that holds `: `, ` #`, `{`, `[`, `*`, `&` or `!`, or that begins or ends with `:`.';

function syntaxErrors(file: SourceFile, document: Document.Parsed<ParsedNode>): Diagnostic[] {
  // Warnings are unknown tags; what they would mean is unknown, so they are errors here.
  return [...document.errors, ...document.warnings].slice(0, MAXIMUM_SYNTAX_ERRORS).map((error) => ({
    severity: 'error',
    code: 'yaml-syntax',
    message: `This is not valid YAML: ${lowerFirst(error.message)}.`,
    span: spanOf(file, error.pos[0], error.pos[1]),
    help: helpFor(file, error),
  }));
}

/** What helps; a list or map that does not end is told where another line begins, which says little of where it began. */
function helpFor(
  file: SourceFile,
  { code, message, pos }: Document.Parsed['errors'][number] | Document.Parsed['warnings'][number],
): string {
  if (code === 'TAB_AS_INDENT') return 'Indent with spaces.';
  const bracket = /with an? ([\]}])/.exec(message)?.[1];
  if (bracket === undefined) return QUOTING;
  const open = bracket === ']' ? '[' : '{';
  const begins = lastOpen(file.text.slice(0, pos[0]), open, bracket);
  const where = begins < 0 ? '' : ` on line ${file.position(begins).line}`;
  return `Close what \`[\` or \`{\` begins: there is no \`${bracket}\` for the \`${open}\`${where}.`;
}

/** The last `open` of a text that no `close` follows; -1 where there is none. */
function lastOpen(text: string, open: string, close: string): number {
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === close) depth++;
    else if (text[at] === open && depth-- === 0) return at;
  }
  return -1;
}

function lowerFirst(text: string): string {
  return (text[0] ?? '').toLowerCase() + text.slice(1).replace(/\.$/, '');
}

function directiveErrors(file: SourceFile, document: Document.Parsed<ParsedNode>): Diagnostic[] {
  const { yaml } = document.directives;
  if (yaml.explicit !== true || yaml.version === '1.2') return [];
  const start = Math.max(file.text.indexOf('%YAML'), 0);
  return [
    {
      severity: 'error',
      code: 'yaml-version',
      message: `The text says that it is YAML \`${yaml.version}\`; postern reads YAML 1.2.`,
      span: spanOf(file, start, start + 5),
      help: 'Remove the `%YAML` line. In YAML 1.2 `yes`, `no`, `on` and `off` are texts: write `true` and `false`.',
    },
  ];
}

/** The span from `start` to `end`, at least one character where there is one. */
function spanOf(file: SourceFile, start: number, end: number): Span {
  const from = Math.min(start, file.text.length);
  return { file, start: from, end: Math.min(Math.max(end, from), file.text.length) };
}

function severalDocuments(file: SourceFile, second: Document.Parsed<ParsedNode>): Diagnostic {
  const start = second.range[0];
  return {
    severity: 'error',
    code: 'yaml-several-documents',
    message: 'A second YAML document begins here.',
    span: spanOf(file, start, start + 1),
    expected: 'one document in one file',
  };
}

function tooLarge(file: SourceFile): Diagnostic {
  return {
    severity: 'error',
    code: 'yaml-too-large',
    message: `The file is too large for a baseline or a deployment (${file.text.length} characters).`,
    span: spanOf(file, 0, 0),
    expected: `at most ${MAXIMUM_YAML_CHARACTERS} characters and ${MAXIMUM_LEXEMES} words and marks`,
  };
}

function tooDeep(file: SourceFile, offset: number): Diagnostic {
  return {
    severity: 'error',
    code: 'yaml-too-deep',
    message: 'The lists and maps are nested too deeply here.',
    span: spanOf(file, offset, offset + 1),
    expected: `at most ${MAXIMUM_DEPTH} levels`,
  };
}

function binary(file: SourceFile): Diagnostic {
  const at = file.text.indexOf('\0');
  return {
    severity: 'error',
    code: 'yaml-binary',
    message: 'The file is binary: there is a NUL character here.',
    span: spanOf(file, at, at + 1),
    expected: 'a YAML text',
  };
}

function emptyText(file: SourceFile): Diagnostic {
  return {
    severity: 'error',
    code: 'yaml-empty',
    message: 'The file says nothing.',
    span: spanOf(file, 0, 0),
    expected: 'a YAML map',
  };
}
