import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { InputFormat } from '../formats/reader.ts';
import type { CoverageEntry } from '../rule/ruleset.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import { SourceFile } from '../text/source.ts';

/** One file in memory, as everything in this API takes it: no function here opens a file that a caller names. */
export interface InputFile {
  /** What diagnostics and reports print; `-` for standard input. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Overrides detection. */
  readonly format?: InputFormat;
  /** The files that the config includes, and those that they include, each as it was found or why it was not. */
  readonly included?: readonly Inclusion[];
  /** Where a deployment says how the file came about. */
  readonly captured?: { readonly at?: string; readonly by?: string; readonly from?: string };
}

/** What one `include` of a config stands for. */
export interface Inclusion {
  /** The path of the file that has it. */
  readonly from: string;
  /** The path or pattern that is written there. */
  readonly pattern: string;
  /** The files, in the order in which they are read. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  /** Why there are none: told where the config needs them. */
  readonly problem?: { readonly code: string; readonly message: string; readonly help?: string };
}

/** A decoded file. */
export interface DecodedFile {
  readonly source: SourceFile;
  /** Lines that could not be read as UTF-8. */
  readonly coverage: readonly CoverageEntry[];
}

/** Hex SHA-256 of the bytes as given. */
export function sha256(bytes: Uint8Array | string): string {
  return hash('sha256', bytes);
}

/** Texts longer than this are no JavaScript strings (V8's limit, 2^29 - 24 units). */
const LONGEST_TEXT = 2 ** 29 - 24;

const NOT_UTF8 =
  'The line is not UTF-8, so the file was read as Latin-1; texts in it may look different, nothing else changes.';

/**
 * The bytes of a file in UTF-8. Windows PowerShell writes UTF-16 with a byte order mark where output is sent to a file (about_Redirection,
 * about_Character_Encoding), which means the same text. What is no such text is as it was.
 */
export function inUtf8(bytes: Uint8Array): Buffer {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = startsWith(given, 0xff, 0xfe);
  // Bytes that come in twos and fours: the mark of UTF-32 begins like that of UTF-16.
  if (!hasMark(given) || given.length % 2 > 0 || startsWith(given, 0xff, 0xfe, 0, 0)) return given;
  const text = (isLittle ? given : Buffer.from(given).swap16()).toString('utf16le').slice(1);
  // Halves of characters have no UTF-8, and two names that differ in them would become one.
  return /\p{Surrogate}/u.test(text) ? given : Buffer.from(text);
}

/** Whether a file begins with the byte order mark of UTF-16 (RFC 2781, 3.2). */
const hasMark = (bytes: Buffer): boolean => startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0xfe, 0xff);

/**
 * The text of a file. A byte order mark is dropped. A file that is not UTF-8 is read as Latin-1, where every byte is a
 * character of its own, so that two names that differ stay different; the lines are listed under coverage. NUL bytes, and
 * UTF-16 without a mark, are errors.
 */
export function decode(file: InputFile): Result<DecodedFile> {
  const bytes = inUtf8(file.bytes);
  if (bytes.length > LONGEST_TEXT) {
    const message = `the file has ${bytes.length} bytes, more than one text can hold`;
    return failure({ severity: 'error', code: 'input-too-large', path: file.path, message });
  }
  const packed = PACKED.find(([, ...head]) => startsWith(bytes, ...head));
  if (packed !== undefined) return packedFile(file.path, bytes, packed[0]);
  const zero = bytes.indexOf(0);
  if (zero >= 0 || hasMark(bytes)) {
    return binary(file.path, bytes, Math.max(zero, 0));
  }
  const body = startsWith(bytes, 0xef, 0xbb, 0xbf) ? bytes.subarray(3) : bytes;
  if (isUtf8(body))
    return success({ source: new SourceFile(file.path, body.toString('utf8')), coverage: [] });
  const source = new SourceFile(file.path, body.toString('latin1'));
  return success({ source, coverage: strangeLines(source, body) });
}

/**
 * What is wrong with a config whose lines end with carriage returns alone, as old editors write them: the firewall's own tools see one line,
 * which is often a comment. In JSON they are blanks.
 */
export function loneReturns(source: SourceFile): Diagnostic | undefined {
  const { text } = source;
  const at = text.indexOf('\r');
  if (at < 0 || text.includes('\n') || looksLikeJson(text) || text.slice(at).trim() === '') return undefined;
  return {
    severity: 'error',
    code: 'line-breaks',
    message: 'the lines end with carriage returns alone, so that this is one line',
    span: { file: source, start: at, end: at + 1 },
    expected: 'line feeds, with or without carriage returns before them',
    help: "export it again, or turn them into line feeds (`tr '\\r' '\\n'`)",
  };
}

const startsWith = (bytes: Buffer, ...head: number[]): boolean => head.every((byte, i) => bytes[i] === byte);

/** What files that are packed begin with, as in the database of file(1). */
const PACKED: readonly (readonly [what: string, ...head: readonly number[]])[] = [
  ['a gzip file', 0x1f, 0x8b],
  ['a zip archive', 0x50, 0x4b, 0x03, 0x04],
  ['a bzip2 file', 0x42, 0x5a, 0x68],
  ['an xz file', 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  ['a zstd file', 0x28, 0xb5, 0x2f, 0xfd],
  ['a 7-Zip archive', 0x37, 0x7a, 0xbc, 0xaf],
];

function packedFile(path: string, bytes: Buffer, what: string): Result<DecodedFile> {
  const file = new SourceFile(path, bytes.subarray(0, 200).toString('latin1'));
  return failure({
    severity: 'error',
    code: 'binary-input',
    message: `this is ${what}`,
    span: { file, start: 0, end: 0, withheld: true },
    expected: 'a text in UTF-8',
    help: 'unpack it first',
  });
}

/** JSON may be an export with secrets, and a line of it is often the whole of it: none is quoted. */
const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

function strangeLines(source: SourceFile, body: Buffer): CoverageEntry[] {
  const found: CoverageEntry[] = [];
  const kept = looksLikeJson(source.text)
    ? ({ withheld: true, label: 'a line that is not UTF-8' } as const)
    : {};
  for (let start = 0; start < body.length; ) {
    const next = body.indexOf(10, start);
    const end = next < 0 ? body.length : next;
    if (!isUtf8(body.subarray(start, end))) {
      found.push({ span: { file: source, start, end, ...kept }, status: 'approximated', reason: NOT_UTF8 });
    }
    start = end + 1;
  }
  return found;
}

/** Whether the first characters are those of UTF-16 without a mark: every other byte is zero, and none beside. */
function everyOtherIsZero(bytes: Buffer): boolean {
  const head = bytes.subarray(0, Math.min(64, bytes.length - (bytes.length % 2)));
  const zeros = (parity: number): boolean => head.every((byte, i) => (byte === 0) === (i % 2 === parity));
  return head.length >= 4 && (zeros(0) || zeros(1));
}

function binary(path: string, bytes: Buffer, at: number): Result<DecodedFile> {
  const utf16 = hasMark(bytes) || everyOtherIsZero(bytes);
  const message = hasMark(bytes)
    ? 'this is UTF-16 text with half a character in it'
    : utf16
      ? 'this is UTF-16 text without a byte order mark'
      : 'this is a binary file: it has a NUL byte here';
  const help = utf16
    ? 'save it as UTF-8 (Windows PowerShell: `Out-File -Encoding utf8`)'
    : 'name the text that the firewall tool printed';
  const source = new SourceFile(path, bytes.subarray(0, at + 200).toString('latin1'));
  const where = utf16 ? { start: 0, end: 0 } : { start: at, end: at + 1 };
  // What cannot be read is not quoted, nor what may be an export with secrets.
  const kept = utf16 || looksLikeJson(source.text) ? ({ withheld: true } as const) : {};
  return failure({
    severity: 'error',
    code: 'binary-input',
    message,
    span: { file: source, ...where, ...kept },
    expected: 'a text in UTF-8',
    help,
  });
}
