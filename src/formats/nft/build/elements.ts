import type { Element, SymbolValue, Value } from '../ast/ast.ts';

/**
 * The elements of large sets: addresses and numbers, ranges and prefixes of them, and concatenations. They are read
 * from the text, without tokens, as address lists have tens of thousands of them. Anything else is left to
 * `readElements`, which reads the same text the long way.
 */

const BLANK = /[ \t\r\n\f]*/y;
const NUMBER = /(?:\d+(?:\.\d+){3}|0x[0-9a-fA-F]+|\d+)(?![\w.:])/y;
const COLONS = /[0-9a-fA-F:]+(?![\w.])/y;
const IPV6 = /^(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|(?=.*::)(?!.*::.*::)(?!.*:::)[0-9a-fA-F:]{2,39})$/;
const LENGTH = /\/(\d{1,3})(?![\w.:])/y;

/** An IPv4 address of a list. There may be millions of them: the text, which has no zeros in front, is made when it is asked for. */
class PlainAddress implements SymbolValue {
  declare readonly kind: 'symbol';
  declare readonly quoted: false;

  constructor(
    readonly start: number,
    readonly end: number,
    readonly address: number,
  ) {}

  get text(): string {
    const { address } = this;
    return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
  }
}
// The same for all of them, and no property of each.
Object.assign(PlainAddress.prototype, { kind: 'symbol', quoted: false });

/** Reads one list from left to right. */
class Scanner {
  at = 0;

  constructor(
    private readonly text: string,
    private readonly base: number,
  ) {}

  skipBlank(): void {
    const code = this.text.charCodeAt(this.at);
    if (code !== 0x20 && code > 0x0d) return;
    BLANK.lastIndex = this.at;
    BLANK.test(this.text);
    this.at = BLANK.lastIndex;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  take(sign: number): boolean {
    if (this.text.charCodeAt(this.at) !== sign) return false;
    this.at++;
    return true;
  }

  /** An IPv4 address without zeros in front; undefined, and nothing taken, where something else stands here. */
  private address(): SymbolValue | undefined {
    const { text, at: start } = this;
    let [address, part, digits, dots] = [0, 0, 0, 0];
    let at = start;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x30 && code <= 0x39 && (digits === 0 || part > 0) && digits < 3) {
        part = part * 10 + code - 0x30;
        digits++;
      } else if (code === 0x2e && digits > 0 && part < 256 && dots < 3) {
        address = address * 256 + part;
        part = digits = 0;
        dots++;
      } else break;
    }
    // What follows is a blank, a comma, a dash or a slash, or the end.
    if (dots < 3 || digits === 0 || part > 255 || /[\w.:]/.test(text.charAt(at))) return undefined;
    this.at = at;
    return new PlainAddress(this.base + start, this.base + at, address * 256 + part);
  }

  private symbol(): SymbolValue | undefined {
    const known = this.address();
    if (known !== undefined) return known;
    const start = this.at;
    NUMBER.lastIndex = start;
    if (NUMBER.test(this.text)) this.at = NUMBER.lastIndex;
    else {
      COLONS.lastIndex = start;
      if (!COLONS.test(this.text)) return undefined;
      this.at = COLONS.lastIndex;
      if (!IPV6.test(this.text.slice(start, this.at))) return undefined;
    }
    const text = this.text.slice(start, this.at);
    return { kind: 'symbol', text, quoted: false, start: this.base + start, end: this.base + this.at };
  }

  /** `a`, `a-b`, `a/24` */
  private one(): Value | undefined {
    const lo = this.symbol();
    if (lo === undefined) return undefined;
    const { start } = lo;
    const next = this.text.charCodeAt(this.at);
    if (next === 0x2f) {
      LENGTH.lastIndex = this.at;
      const found = LENGTH.exec(this.text);
      if (found === null) return undefined;
      this.at = LENGTH.lastIndex;
      return { kind: 'prefix', base: lo, length: Number(found[1]), start, end: this.base + this.at };
    }
    if (next !== 0x2d) return lo;
    this.at++;
    const hi = this.symbol();
    return hi && { kind: 'range', lo, hi, start, end: hi.end };
  }

  private endsLine(from: number): boolean {
    return this.text.slice(from, this.at).includes('\n');
  }

  /** `a . b . c`, or one value. */
  key(): Value | undefined {
    const first = this.one();
    if (first === undefined) return undefined;
    const behind = this.at;
    this.skipBlank();
    if (this.text.charCodeAt(this.at) !== 0x2e) return first;
    if (this.endsLine(behind)) return undefined;
    const of = [first];
    for (let from = this.at; this.take(0x2e); from = this.at) {
      this.skipBlank();
      // A line cannot end in an element, but behind it.
      if (this.endsLine(from)) return undefined;
      const more = this.one();
      if (more === undefined) return undefined;
      of.push(more);
      const end = this.at;
      this.skipBlank();
      if (this.text.charCodeAt(this.at) === 0x2e && this.endsLine(end)) return undefined;
    }
    return { kind: 'concat', of, start: first.start, end: (of[of.length - 1] as Value).end };
  }
}

/** The elements of a plain list; undefined where something in it is not plain. */
export function readPlainElements(text: string, base: number): Element[] | undefined {
  const scanner = new Scanner(text, base);
  const elements: Element[] = [];
  scanner.skipBlank();
  while (!scanner.done) {
    const key = scanner.key();
    if (key === undefined) return undefined;
    elements.push({ key, stateful: false, start: key.start, end: key.end });
    scanner.skipBlank();
    if (!scanner.done && !scanner.take(0x2c)) return undefined;
    scanner.skipBlank();
  }
  return elements;
}
