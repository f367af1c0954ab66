import { failure, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile, Span } from '../../text/source.ts';
import { Places } from './places.ts';
import { JsonTokens, KIND } from './tokens.ts';

/** A JSON value: what a provider's command line printed. Objects have their places in {@link LocatedJson}. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** The objects of a list; none where the value is no list. */
export function objectsOf(value: Json | undefined): JsonObject[] {
  if (!Array.isArray(value)) return [];
  return (value as Json[]).filter(
    (one): one is JsonObject => typeof one === 'object' && one !== null && !Array.isArray(one),
  );
}

/** The values of a file, one after the other (pages, NDJSON), and where their objects stand. */
export interface LocatedJson {
  readonly file: SourceFile;
  readonly values: readonly Json[];
  /** The span of an object of the file; that of the whole file for any other. */
  place(object: object): Span;
}

/** The scanner's errors in a token: jsonc-parser's ScanError. */
const UNENDED = 2;
const FAULTS: Readonly<Record<number, string>> = {
  [UNENDED]: 'a quotation mark that ends the text in its line',
  3: 'a digit',
  4: 'four hexadecimal digits after `\\u`',
  5: 'one of `" \\ / b f n r t u` after a backslash',
  6: 'no control character in a text',
};

const ONCE = 'each name once in an object';

/** Deeper than any export is: a file that nests deeper is made to exhaust memory. */
const DEEPEST = 200;
const SHALLOW = `values nested at most ${DEEPEST} deep`;
/** What is wrong where JSON itself is not. */
const MESSAGES: Readonly<Record<string, string>> = {
  [ONCE]: 'this name stands twice in its object',
  [SHALLOW]: 'brackets in brackets are too deep here',
};

interface Open {
  readonly value: Json[] | Record<string, Json>;
  readonly start: number;
  /** The name that waits for its value; undefined in arrays. */
  key: string | undefined;
  /** What may come: a value or the end, a value, a comma or the end, a colon. */
  expects: 'first' | 'item' | 'comma' | 'colon';
}

/**
 * Reads JSON values (RFC 8259; comments are passed over) one after the other: one document, several pages, or one a line. A loop with a
 * stack, so that depth costs no call stack.
 *
 * @returns an error at the place where the text stops being JSON, or where it ends too soon
 */
export function readLocated(file: SourceFile): Result<LocatedJson> {
  return new Reader(file).read();
}

class Reader {
  private readonly places = new Places();
  private readonly values: Json[] = [];
  private readonly open: Open[] = [];
  private readonly tokens;

  constructor(private readonly file: SourceFile) {
    this.tokens = new JsonTokens(file.text);
  }

  read(): Result<LocatedJson> {
    for (;;) {
      const token = this.tokens.scan();
      if (token === KIND.end) break;
      const fault = this.tokens.error;
      if (fault === UNENDED && this.tokens.end >= this.file.text.length) return failure(this.cutInText());
      const problem = fault === 0 ? this.take(token) : (FAULTS[fault] ?? 'JSON');
      if (problem !== undefined) return failure(this.unexpected(problem));
    }
    const [last] = this.open.slice(-1);
    if (last !== undefined) return failure(this.truncated(last));
    const { file, places } = this;
    return success({
      file,
      values: this.values,
      place: (object) => ({
        file,
        ...(places.of(object) ?? { start: 0, end: file.text.length }),
        withheld: true,
      }),
    });
  }

  /** Takes one token; gives back what was expected where it cannot stand here. */
  private take(token: number): string | undefined {
    const frame = this.open[this.open.length - 1];
    switch (token) {
      case KIND.openBrace:
      case KIND.openBracket:
        return this.begin(token === KIND.openBrace ? {} : [], frame);
      case KIND.closeBrace:
      case KIND.closeBracket:
        return this.end(token === KIND.closeBracket, frame);
      case KIND.comma:
        if (frame?.expects !== 'comma') return expectation(frame);
        frame.expects = 'item';
        return undefined;
      case KIND.colon:
        if (frame?.expects !== 'colon') return expectation(frame);
        frame.expects = 'item';
        return undefined;
      case KIND.string:
        return this.string(this.tokens.value, frame);
      case KIND.number:
        return this.value(Number(this.tokens.value), frame);
      case KIND.true:
        return this.value(true, frame);
      case KIND.false:
        return this.value(false, frame);
      case KIND.null:
        return this.value(null, frame);
      default:
        return expectation(frame);
    }
  }

  private begin(value: Open['value'], frame: Open | undefined): string | undefined {
    const problem = this.value(value as Json, frame);
    if (problem !== undefined) return problem;
    if (this.open.length >= DEEPEST) return SHALLOW;
    this.open.push({ value, start: this.tokens.offset, key: undefined, expects: 'first' });
    return undefined;
  }

  private end(array: boolean, frame: Open | undefined): string | undefined {
    const ends = frame !== undefined && (frame.expects === 'comma' || frame.expects === 'first');
    if (!ends || Array.isArray(frame.value) !== array) return expectation(frame);
    this.places.add(frame.value, frame.start, this.tokens.end);
    this.open.pop();
    return undefined;
  }

  private string(text: string, frame: Open | undefined): string | undefined {
    const isName = frame !== undefined && !Array.isArray(frame.value) && frame.key === undefined;
    if (!isName) return this.value(text, frame);
    if (frame.expects === 'comma' || frame.expects === 'colon') return expectation(frame);
    frame.key = text;
    frame.expects = 'colon';
    return undefined;
  }

  private value(value: Json, frame: Open | undefined): string | undefined {
    if (frame === undefined) this.values.push(value);
    else {
      if (frame.expects !== 'first' && frame.expects !== 'item') return expectation(frame);
      if (Array.isArray(frame.value)) frame.value.push(value);
      else if (frame.key === undefined) return expectation(frame);
      // RFC 8259, 4: of a name that stands twice, readers take what they like. What is lost may be a rule.
      else if (Object.hasOwn(frame.value, frame.key)) return ONCE;
      // `__proto__` would set the prototype instead of a field.
      else if (frame.key === '__proto__')
        Object.defineProperty(frame.value, frame.key, { value, enumerable: true, configurable: true });
      else frame.value[frame.key] = value;
      frame.key = undefined;
      frame.expects = 'comma';
    }
    return undefined;
  }

  private unexpected(expected: string) {
    const start = this.tokens.offset;
    return {
      severity: 'error',
      code: 'json-syntax',
      message: MESSAGES[expected] ?? 'this is not JSON',
      span: { file: this.file, start, end: start + 1, withheld: true },
      expected,
    } as const;
  }

  private cutInText() {
    const { text } = this.file;
    return {
      severity: 'error',
      code: 'json-syntax',
      message: 'the file ends inside of a text in quotation marks',
      span: { file: this.file, start: text.length, end: text.length, withheld: true },
      expected: 'a quotation mark that ends it',
      help: 'the file was cut short; export it again',
    } as const;
  }

  private truncated(frame: Open) {
    const { text } = this.file;
    const { line } = this.file.position(frame.start);
    return {
      severity: 'error',
      code: 'json-syntax',
      message: `the text ends before the ${Array.isArray(frame.value) ? 'list' : 'object'} of line ${line} does`,
      span: { file: this.file, start: text.length, end: text.length, withheld: true },
      expected: expectation(frame),
      help: 'the file was cut short; export it again',
    } as const;
  }
}

function expectation(frame: Open | undefined): string {
  if (frame === undefined) return 'a JSON value';
  const list = Array.isArray(frame.value);
  if (frame.expects === 'colon') return '`:`';
  if (frame.expects === 'comma') return list ? '`,` or `]`' : '`,` or `}`';
  return list || frame.key !== undefined ? 'a value' : 'a name in quotation marks';
}
