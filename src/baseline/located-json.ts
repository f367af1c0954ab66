import type { SourceFile } from '../text/source.ts';
import type { Located } from './located.ts';

/** Values nested deeper, and more of them, are left to the reader of YAML, which refuses them in its own words. */
const DEEPEST = 60;
const MOST_VALUES = 1_000_000;

const BLANK = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON refuses them in strings (RFC 8259, section 7)
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/**
 * A text that is JSON (RFC 8259), with places, as the reader of YAML gives them for it: YAML 1.2 has JSON in it, and reading
 * it as what it is takes a third of the time. What machines write of a site of thousands of hosts is JSON.
 *
 * @returns undefined where the text is not plainly JSON, or a key stands twice: then it is read as YAML, which says why
 */
export function readPlainJson(file: SourceFile): Located | undefined {
  const reader = new JsonReader(file);
  const value = reader.value(0);
  return value !== undefined && reader.ended() ? value : undefined;
}

class JsonReader {
  private at = 0;
  private count = 0;

  constructor(private readonly file: SourceFile) {}

  ended(): boolean {
    this.skip();
    return this.at === this.file.text.length;
  }

  value(depth: number): Located | undefined {
    this.skip();
    if (depth > DEEPEST || ++this.count > MOST_VALUES) return undefined;
    switch (this.file.text[this.at]) {
      case '{':
        return this.map(depth + 1);
      case '[':
        return this.list(depth + 1);
      case '"':
        return this.leaf(TEXT);
      default:
        return this.leaf(WORD);
    }
  }

  private map(depth: number): Located | undefined {
    const start = this.at++;
    const entries = new Map<string, Located>();
    // A null prototype: a key named `__proto__` is a key like any other.
    const value: Record<string, unknown> = Object.create(null);
    let size = 1;
    if (!this.takes('}')) {
      do {
        this.skip();
        const key = this.leaf(TEXT);
        if (key === undefined || entries.has(key.value as string) || !this.takes(':')) return undefined;
        const inner = this.value(depth);
        if (inner === undefined) return undefined;
        entries.set(key.value as string, { ...inner, keySpan: key.span });
        value[key.value as string] = inner.value;
        size += inner.size;
      } while (this.takes(','));
      if (!this.takes('}')) return undefined;
    }
    return { value, span: { file: this.file, start, end: this.at }, entries, size };
  }

  private list(depth: number): Located | undefined {
    const start = this.at++;
    const items: Located[] = [];
    let size = 1;
    if (!this.takes(']')) {
      do {
        const inner = this.value(depth);
        if (inner === undefined) return undefined;
        items.push(inner);
        size += inner.size;
      } while (this.takes(','));
      if (!this.takes(']')) return undefined;
    }
    const value = items.map((item) => item.value);
    return { value, span: { file: this.file, start, end: this.at }, items, size };
  }

  private leaf(pattern: RegExp): Located | undefined {
    const start = this.at;
    pattern.lastIndex = start;
    if (!pattern.test(this.file.text)) return undefined;
    this.at = pattern.lastIndex;
    const value: unknown = JSON.parse(this.file.text.slice(start, this.at));
    return { value, span: { file: this.file, start, end: this.at }, size: 1 };
  }

  private skip(): void {
    BLANK.lastIndex = this.at;
    BLANK.test(this.file.text);
    this.at = BLANK.lastIndex;
  }

  private takes(mark: string): boolean {
    this.skip();
    if (this.file.text[this.at] !== mark) return false;
    this.at++;
    return true;
  }
}
