import { failure, type Result, success } from './diagnostic.ts';
import type { SourceFile, Span } from './source.ts';

/**
 * JSON (RFC 8259) with places. The values come from `JSON.parse`, which is fast and says little about where it
 * failed; places are found by a walk over the text, which happens only when somebody asks.
 */

/**
 * The value of a JSON text; where it is none, an error at the first character that cannot stand there.
 *
 * @param text the file's text, or the same with some values written otherwise
 */
export function parseJson(file: SourceFile, text = file.text): Result<unknown> {
  try {
    return success(JSON.parse(text));
  } catch {
    const { offset, expected } = firstError(file.text);
    const end = offset >= file.text.length;
    const found = end ? 'the text ends' : `unexpected \`${printable(file.text, offset)}\``;
    return failure({
      severity: 'error',
      code: 'json-syntax',
      message: `this is not JSON: ${found}`,
      span: { file, start: offset, end: end ? offset : offset + 1 },
      expected,
    });
  }
}

/**
 * Where a value stands in a JSON text.
 * @param pointer a JSON pointer (RFC 6901) such as `/0/addr_info/1`, as ajv gives it; empty for the whole value
 * @returns the value's span; that of the whole text where there is no such value
 */
export function jsonSpan(file: SourceFile, pointer: string): Span {
  const path = pointer === '' ? [] : pointer.slice(1).split('/').map(unescapePointer);
  const found = scan(file.text, path);
  return 'start' in found ? { file, ...found } : { file, start: 0, end: file.text.length };
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function printable(text: string, offset: number): string {
  const code = text.codePointAt(offset) as number;
  const plain = code > 0x20 && code < 0x7f && code !== 0x60;
  return plain ? String.fromCodePoint(code) : `U+${code.toString(16).padStart(4, '0')}`;
}

/** What the scanner expects next, in words for messages. */
const EXPECTED = {
  value: 'a value',
  'value or ]': 'a value or `]`',
  'key or }': 'a name in quotation marks or `}`',
  key: 'a name in quotation marks',
  colon: '`:`',
  comma: '`,` or the closing bracket',
  end: 'the end of the text',
} as const;
type Expected = keyof typeof EXPECTED;

/** An array or object that is open; `step` is the place in it: an index, or a name. */
interface Frame {
  readonly isArray: boolean;
  readonly start: number;
  step: string | number;
}

type Place = { readonly start: number; readonly end: number };
type ScanError = { readonly offset: number; readonly expected: string };

const BLANK = /[ \t\r\n]*/y;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;
const SCALAR = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function matchAt(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** The offset after the string that begins at `offset`; -1 where none does. A loop, as strings may be very long. */
function stringEnd(text: string, offset: number): number {
  if (text[offset] !== '"') return -1;
  for (let at = offset + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return -1;
    if (code === 0x5c) {
      const end = matchAt(ESCAPE, text, at + 1);
      if (end < 0) return -1;
      at = end - 1;
    }
  }
  return -1;
}

function firstError(text: string): ScanError {
  const outcome = scan(text, undefined);
  return 'offset' in outcome ? outcome : { offset: 0, expected: EXPECTED.value };
}

/** Walks over the text, without recursion, to its first error or to the value at `path`, whichever comes first. */
function scan(text: string, path: readonly string[] | undefined): Place | ScanError {
  const stack: Frame[] = [];
  let expected: Expected = 'value';
  let wanted = -1;
  for (let at = matchAt(BLANK, text, 0); ; at = matchAt(BLANK, text, at)) {
    const frame = stack[stack.length - 1];
    const char = text[at];
    const closes = (char === ']' && frame?.isArray === true) || (char === '}' && frame?.isArray === false);
    if (closes && (expected === 'comma' || expected === 'value or ]' || expected === 'key or }')) {
      stack.pop();
      at++;
      if (frame?.start === wanted) return { start: wanted, end: at };
      expected = stack.length === 0 ? 'end' : 'comma';
    } else if (expected === 'value' || expected === 'value or ]') {
      const isWanted = wanted < 0 && path !== undefined && reaches(stack, path);
      if (isWanted) wanted = at;
      if (char === '[' || char === '{') {
        stack.push({ isArray: char === '[', start: at, step: 0 });
        at++;
        expected = char === '[' ? 'value or ]' : 'key or }';
        continue;
      }
      const end = char === '"' ? stringEnd(text, at) : matchAt(SCALAR, text, at);
      if (end < 0) return { offset: at, expected: EXPECTED[expected] };
      if (isWanted) return { start: at, end };
      at = end;
      expected = stack.length === 0 ? 'end' : 'comma';
    } else if (frame !== undefined && (expected === 'key' || expected === 'key or }')) {
      const end = stringEnd(text, at);
      if (end < 0) return { offset: at, expected: EXPECTED[expected] };
      frame.step = JSON.parse(text.slice(at, end)) as string;
      at = end;
      expected = 'colon';
    } else if (expected === 'colon' && char === ':') {
      at++;
      expected = 'value';
    } else if (frame !== undefined && expected === 'comma' && char === ',') {
      at++;
      if (frame.isArray) frame.step = (frame.step as number) + 1;
      expected = frame.isArray ? 'value' : 'key';
    } else return { offset: at, expected: EXPECTED[expected] };
  }
}

function reaches(stack: readonly Frame[], path: readonly string[]): boolean {
  return stack.length === path.length && stack.every((frame, at) => String(frame.step) === path[at]);
}
