import { safeJson } from './visible.ts';

/** Characters of a piece of text, about: large enough that writing it costs little, small beside any report. */
const PIECE = 1 << 16;
/** Items of a list that become text at once. */
const BATCH = 32;
const INDENT = '  ';

/** A list in a JSON text whose items get their shape only when they are written. */
export class JsonList<T> {
  constructor(
    readonly items: readonly T[],
    readonly shape: (item: T) => unknown,
  ) {}
}

/** An object in a JSON text among whose values there are {@link JsonList}s or other such objects. */
export class JsonObject {
  constructor(readonly values: Readonly<Record<string, unknown>>) {}
}

/** A long list of texts that many values share: it becomes text once. */
export class SharedTexts {
  constructor(readonly texts: readonly string[]) {}
}

/** Lists that are shared are long: a short one costs more to remember than to write. */
const LONG = 64;

/** A long list of texts as one that may be shared; short ones as they are. */
export function sharedTexts(texts: readonly string[] | undefined): unknown {
  return texts !== undefined && texts.length > LONG ? new SharedTexts(texts) : texts;
}

/** Whether a list is one that {@link sharedTexts} shares. */
export function isLong(texts: readonly string[] | undefined): boolean {
  return texts !== undefined && texts.length > LONG;
}

/** So many characters of lists are remembered; then all are forgotten. */
const REMEMBERED = 1 << 24;
const listTexts = new Map<readonly string[], { readonly depth: number; readonly text: string }>();
let remembered = 0;

function sharedText({ texts }: SharedTexts, depth: number): string {
  const known = listTexts.get(texts);
  if (known?.depth === depth) return known.text;
  const text = safeJson(nested(texts, depth));
  remembered += text.length;
  if (remembered > REMEMBERED) {
    listTexts.clear();
    remembered = text.length;
  }
  listTexts.set(texts, { depth, text });
  return text;
}

/**
 * A value as JSON, two spaces deep, ending with a line break, safe to show in a terminal, in pieces: a report of a
 * million findings is more than one text can hold (V8: 2^29 characters), and need not be in memory as text. The pieces
 * together are what `JSON.stringify(value, null, 2)` gives for the same value without lists.
 */
export function* jsonPieces(value: unknown): Generator<string> {
  let piece = '';
  for (const part of parts(value, 0)) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}\n`;
}

/** The text of {@link jsonPieces} in one. */
export function jsonText(value: unknown): string {
  return [...jsonPieces(value)].join('');
}

/** A value as it stands in such a text, `depth` levels deep. */
export function jsonTextAt(value: unknown, depth: number): string {
  let text = '';
  for (const part of parts(value, depth)) text += part;
  return text;
}

/**
 * A value that stands `depth` levels deep; its first line is not indented, as a key stands before it. Made safe part by part:
 * most parts are plain ASCII, of which one look tells that nothing is to be done.
 */
function* parts(value: unknown, depth: number): Generator<string> {
  if (value instanceof JsonList) yield* listParts(value, depth);
  else if (value instanceof JsonObject) yield* objectParts(value, depth);
  else if (value instanceof SharedTexts) yield sharedText(value, depth);
  else yield safeJson(nested(value, depth));
}

/** Values that become text in one go stand together: asking `JSON.stringify` for each key costs more than the text. */
function* objectParts(value: JsonObject, depth: number): Generator<string> {
  const end = `\n${INDENT.repeat(depth)}}`;
  let before = '{';
  let plain: Record<string, unknown> | undefined;
  const plainText = (): string => {
    if (plain === undefined) return '';
    const text = `${before}${safeJson(nested(plain, depth).slice(1, -end.length))}`;
    plain = undefined;
    before = ',';
    return text;
  };
  for (const [key, inner] of Object.entries(value.values)) {
    if (inner === undefined) continue;
    if (!isInParts(inner)) {
      plain ??= {};
      plain[key] = inner;
      continue;
    }
    yield `${plainText()}${before}\n${INDENT.repeat(depth + 1)}${safeJson(JSON.stringify(key))}: `;
    before = ',';
    yield* parts(inner, depth + 1);
  }
  const rest = plainText();
  yield before === '{' ? '{}' : `${rest}${end}`;
}

const isInParts = (value: unknown): boolean =>
  value instanceof JsonList || value instanceof JsonObject || value instanceof SharedTexts;

function* listParts<T>(list: JsonList<T>, depth: number): Generator<string> {
  const end = `\n${INDENT.repeat(depth)}]`;
  for (let i = 0; i < list.items.length; i += BATCH) {
    const batch = list.items.slice(i, i + BATCH).map(list.shape);
    yield i === 0 ? '[' : ',';
    if (batch.some((item) => item instanceof JsonObject)) yield* separately(batch, depth + 1);
    else yield safeJson(nested(batch, depth).slice(1, -end.length));
  }
  yield list.items.length === 0 ? '[]' : end;
}

function* separately(items: readonly unknown[], depth: number): Generator<string> {
  for (const [i, item] of items.entries()) {
    yield `${i === 0 ? '' : ','}\n${INDENT.repeat(depth)}`;
    yield* parts(item, depth);
  }
}

/** `JSON.stringify` indents from the margin: inside as many lists as the value is deep, it indents as is wanted here. */
function nested(value: unknown, depth: number): string {
  let wrapped = value;
  let [before, after] = [0, 0];
  for (let level = 0; level < depth; level++) {
    wrapped = [wrapped];
    before += '[\n'.length + INDENT.length * (level + 1);
    after += '\n]'.length + INDENT.length * level;
  }
  const text = JSON.stringify(wrapped, null, 2);
  return text.slice(before, text.length - after);
}
