import { createScanner } from 'jsonc-parser';

/** The tokens: jsonc-parser's SyntaxKind, whose names this compiler's settings do not let through. */
export const KIND = {
  openBrace: 1,
  closeBrace: 2,
  openBracket: 3,
  closeBracket: 4,
  comma: 5,
  colon: 6,
  null: 7,
  true: 8,
  false: 9,
  string: 10,
  number: 11,
  end: 17,
} as const;

const MARKS: Readonly<Record<string, number>> = {
  '{': KIND.openBrace,
  '}': KIND.closeBrace,
  '[': KIND.openBracket,
  ']': KIND.closeBracket,
  ',': KIND.comma,
  ':': KIND.colon,
};
const KIND_OF_CODE = new Uint8Array(128);
for (const [mark, kind] of Object.entries(MARKS)) KIND_OF_CODE[mark.charCodeAt(0)] = kind;

const BLANKS = /[ \t\n\r]*/y;
/** All but quotation marks, backslashes and control characters, up to the quotation mark at the end. */
const REST_OF_TEXT = /[ !#-[\]-\uffff]*"/y;
const WHOLE_NUMBER = /(?:0|[1-9]\d*)(?![\d.eE])/y;
const QUOTE = 34;

/**
 * The tokens of a JSON text, without blanks and comments: those that exports consist of by regular expressions, which V8 runs at
 * full speed from the beginning; jsonc-parser's scanner puts blanks together letter by letter. All others are the scanner's.
 */
export class JsonTokens {
  /** Where the last token begins, and where it ends. */
  offset = 0;
  end = 0;
  /** What a text or a number says. */
  value = '';
  /** What is wrong with the token: jsonc-parser's ScanError; 0 where nothing is. */
  error = 0;
  private readonly scanner;

  constructor(private readonly text: string) {
    this.scanner = createScanner(text, true);
  }

  /** The kind of the next token. */
  scan(): number {
    const { text } = this;
    BLANKS.lastIndex = this.end;
    BLANKS.test(text);
    const at = BLANKS.lastIndex;
    const code = text.charCodeAt(at);
    if (code === QUOTE) return this.matched(REST_OF_TEXT, at, 1) ? KIND.string : this.scanned(at);
    const kind = KIND_OF_CODE[code] ?? 0;
    if (kind === 0) return this.matched(WHOLE_NUMBER, at, 0) ? KIND.number : this.scanned(at);
    this.offset = at;
    this.end = at + 1;
    this.error = 0;
    return kind;
  }

  /** @param marks how many characters stand before the value, and behind it */
  private matched(pattern: RegExp, at: number, marks: number): boolean {
    pattern.lastIndex = at + marks;
    if (!pattern.test(this.text)) return false;
    this.offset = at;
    this.end = pattern.lastIndex;
    this.value = this.text.slice(at + marks, this.end - marks);
    this.error = 0;
    return true;
  }

  private scanned(at: number): number {
    const { scanner } = this;
    scanner.setPosition(at);
    const kind = scanner.scan();
    this.offset = scanner.getTokenOffset();
    this.end = scanner.getPosition();
    this.value = scanner.getTokenValue();
    this.error = scanner.getTokenError();
    return kind;
  }
}
