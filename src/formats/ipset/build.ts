import type { IToken } from 'chevrotain';
import { IpsetParser, type LinesChildren } from '../../../grammars/ipset/parser.ts';
import { ipsetLexer } from '../../../grammars/ipset/tokens.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import type { Statement, Word } from './ast.ts';
import { type Line, readCommand } from './command.ts';

/**
 * How much text is lexed at a time: tokens of a million lines would not fit, those of some thousand do. It is also
 * the longest line; `ipset` itself takes far shorter ones.
 */
const CHUNK = 1 << 18;

/** Made at the first reading: its analysis of the grammar takes milliseconds. */
let parser: IpsetParser | undefined;

/**
 * Reads the text piece by piece and hands each command to `visit`, in order.
 * @param visit what to do with a command; a diagnostic that it returns ends the reading
 * @returns the first error, or undefined where the whole text was read
 */
export function readStatements(
  file: SourceFile,
  visit: (statement: Statement) => Diagnostic | undefined,
): Diagnostic | undefined {
  parser ??= new IpsetParser();
  for (let from = 0; from < file.text.length; ) {
    const to = chunkEnd(file.text, from);
    if (to === undefined) return longLine(file, from);
    const error = readChunk(file, parser, from, to, visit);
    if (error !== undefined) return error;
    from = to;
  }
  return undefined;
}

/** The end of a piece of whole lines; undefined where a line is too long. */
function chunkEnd(text: string, from: number): number | undefined {
  if (text.length - from <= CHUNK) return text.length;
  const last = text.lastIndexOf('\n', Math.min(from + CHUNK - 1, text.length - 1));
  if (last < from) return undefined;
  return last + 1;
}

function longLine(file: SourceFile, from: number): Diagnostic {
  return {
    severity: 'error',
    code: 'ipset-syntax',
    message: `a line is longer than ${CHUNK} characters`,
    span: { file, start: from, end: from + 1 },
    expected: 'lines such as `add NAME ENTRY`, one command each',
  };
}

function readChunk(
  file: SourceFile,
  parser: IpsetParser,
  from: number,
  to: number,
  visit: (statement: Statement) => Diagnostic | undefined,
): Diagnostic | undefined {
  const { tokens, errors } = ipsetLexer.tokenize(file.text.slice(from, to));
  const lexical = errors[0];
  if (lexical !== undefined) return lexicalError(file, from + lexical.offset);
  parser.input = tokens;
  const tree = parser.lines();
  const syntactic = parser.errors[0];
  if (syntactic !== undefined) return syntaxError(file, syntactic.token, from, to);
  return walk(file, tree.children as LinesChildren, from, visit);
}

/** Visits saved elements and other lines in the order of the text. */
function walk(
  file: SourceFile,
  children: LinesChildren,
  base: number,
  visit: (statement: Statement) => Diagnostic | undefined,
): Diagnostic | undefined {
  const saved = children.SavedElement ?? [];
  const others = children.statement ?? [];
  let next = 0;
  for (const node of others) {
    const words = node.children.Word;
    const before = (words[0] as IToken).startOffset;
    for (; next < saved.length && (saved[next] as IToken).startOffset < before; next++) {
      const error = visit(savedElement(saved[next] as IToken, base));
      if (error !== undefined) return error;
    }
    const command = readCommand(toLine(file, words, base));
    if (!command.ok) return command.errors[0];
    const error = visit(command.value);
    if (error !== undefined) return error;
  }
  for (; next < saved.length; next++) {
    const error = visit(savedElement(saved[next] as IToken, base));
    if (error !== undefined) return error;
  }
  return undefined;
}

function savedElement(token: IToken, base: number): Statement {
  const image = token.image;
  const blank = image.indexOf(' ', 4);
  const end = image.length - (image.charCodeAt(image.length - 2) === 0x0d ? 2 : 1);
  const start = base + token.startOffset;
  return {
    kind: 'saved-element',
    set: image.slice(4, blank),
    entry: image.slice(blank + 1, end),
    start,
    end: start + end,
  };
}

function toLine(file: SourceFile, tokens: readonly IToken[], base: number): Line {
  const words = tokens.map((token): Word & { quoted: boolean } => {
    const start = base + token.startOffset;
    const quoted = token.image.includes('"');
    const text = quoted ? token.image.replaceAll('"', '') : token.image;
    return { text, start, end: start + token.image.length, quoted };
  });
  return { file, words };
}

function lexicalError(file: SourceFile, offset: number): Diagnostic {
  const span = { file, start: offset, end: offset + 1 };
  if (file.text[offset] === '"') {
    return {
      severity: 'error',
      code: 'ipset-syntax',
      message: 'a quotation mark is not closed on its line',
      span,
      expected: 'a closing `"` (ipset knows no escapes and no comments of several lines)',
    };
  }
  const code = file.text.charCodeAt(offset).toString(16).padStart(4, '0');
  return {
    severity: 'error',
    code: 'ipset-syntax',
    message: `character U+${code} has no place in an ipset file`,
    span,
    expected: 'text as `ipset save` prints it',
  };
}

function syntaxError(file: SourceFile, token: IToken, from: number, to: number): Diagnostic {
  const known = Number.isFinite(token.startOffset);
  const start = known ? from + token.startOffset : to;
  return {
    severity: 'error',
    code: 'ipset-syntax',
    message: `unknown argument \`${known ? token.image.slice(0, 80).trimEnd() : 'end of file'}\``,
    span: { file, start, end: known ? start + token.image.trimEnd().length : to },
    expected: 'the end of the line',
    help: 'a comment needs a line of its own: `ipset restore` refuses it after a command',
  };
}
