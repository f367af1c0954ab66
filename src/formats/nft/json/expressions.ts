import { done, FIELDS, modulus, type Quote, timeText, type WriteExpression as Write } from './fields.ts';
import { numberOf, quotesValues } from './kinds-of-values.ts';
import { isObject, listOf, type Writer } from './writer.ts';

/**
 * Expressions of libnftables-json(5), EXPRESSIONS, in the words of nft(8). Each function says whether it could; what it
 * wrote before it could not is thrown away by the statement.
 * @param quote strings stand in quotation marks in the text
 * @param quoteData so do the data of a map
 */
export function writeExpression(
  value: unknown,
  writer: Writer,
  quote: Quote = false,
  quoteData = false,
): boolean {
  if (typeof value === 'string') return writeString(value, writer, quote);
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && done(writer.number(numberOf(value, quote)));
  if (typeof value === 'boolean') return done(writer.words(value ? 'exists' : 'missing'));
  if (Array.isArray(value)) return writeList(value, ',', writer, quote);
  if (!isObject(value)) return false;
  const [kind, ...more] = Object.keys(value);
  if (kind === undefined || more.length > 0) return false;
  const content = value[kind];
  if (kind === 'map' && quoteData) return mapOf(content, writer, true);
  if (kind === 'set' && quoteData) return set(content, writer, quote, DATA_QUOTED);
  const write = Object.hasOwn(EXPRESSIONS, kind) ? EXPRESSIONS[kind] : undefined;
  return write?.(content, writer, quote, kind) === true;
}

function writeString(text: string, writer: Writer, quote: Quote): boolean {
  if (text === '*') return done(writer.sign('*'));
  if (text.startsWith('@')) return done(writer.sign('@').name(text.slice(1)));
  // So nft 1.0 prints a connection's ports in sets without a name (src/datatype.c, invalid_type_print).
  const untyped = /^(0x[0-9a-f]+) \[invalid type\]$/.exec(text)?.[1];
  return done(writer.value(untyped ?? text, quote === true));
}

function writeList(values: readonly unknown[], between: string, writer: Writer, quote: Quote): boolean {
  return (
    values.length > 0 &&
    values.every((value, at) => {
      if (at > 0) writer.sign(between);
      return writeExpression(value, writer, quote);
    })
  );
}

const pair = (content: unknown): readonly [unknown, unknown] | undefined =>
  Array.isArray(content) && content.length === 2 ? [content[0], content[1]] : undefined;

/** From the loosest to the tightest. */
const TIGHTNESS = ['|', '^', '&', '<<', '>>'];

const binary: Write = (content, writer, quote, op) => {
  if (!Array.isArray(content) || content.length < 2) return false;
  return content.every((one, at) => {
    if (at > 0) writer.sign(op);
    const inner = isObject(one)
      ? Object.keys(one)[0]
      : Array.isArray(one) && one.length > 1
        ? ','
        : undefined;
    if (inner === undefined || (TIGHTNESS.indexOf(inner) >= TIGHTNESS.indexOf(op) && inner !== ','))
      return writeExpression(one, writer, quote);
    if (inner !== ',' && !TIGHTNESS.includes(inner)) return writeExpression(one, writer, quote);
    writer.sign('(');
    return writeExpression(one, writer, quote) && done(writer.sign(')'));
  });
};

/** In place of a kind: the data of the map's elements are names of objects, which stand in quotation marks. */
const DATA_QUOTED = 'quoted data';

const set: Write = (content, writer, quote, kind) => {
  let whole = true;
  writer.group((inner) => {
    whole = writeElements(listOf(content), inner, quote, kind === DATA_QUOTED);
  });
  return whole;
};

function mapOf(content: unknown, writer: Writer, quoteData: boolean): boolean {
  if (!isObject(content) || !writeExpression(content.key, writer)) return false;
  return writeExpression(content.data, writer.words('map'), quotesValues(content.key), quoteData);
}

/** Elements of a set, and of a map as pairs. */
export function writeElements(
  elements: readonly unknown[],
  writer: Writer,
  quote: Quote,
  quoteData = false,
): boolean {
  return elements.every((element, at) => {
    if (at > 0) writer.sign(',');
    const mapped = pair(element);
    if (mapped === undefined) return !Array.isArray(element) && writeExpression(element, writer, quote);
    if (!writeExpression(mapped[0], writer, quote)) return false;
    writer.sign(':');
    return writeExpression(mapped[1], writer, quoteData);
  });
}

const OPTIONS = ['timeout', 'expires'] as const;

/** `elem`: a value with what belongs to it. */
const elem: Write = (content, writer, quote) => {
  if (!isObject(content) || !writeExpression(content.val, writer, quote)) return false;
  // How much an element limits decides nothing that postern models.
  if (content.limit !== undefined) writer.words('limit rate').number(1).sign('/').words('second');
  if (content.quota !== undefined) writer.words('quota').number(1).words('bytes');
  if (content['ct count'] !== undefined) writer.words('ct count over').number(1);
  for (const option of OPTIONS) {
    const seconds = content[option];
    if (typeof seconds === 'number') writer.words(option).name(timeText(seconds));
  }
  return true;
};

const EXPRESSIONS: Readonly<Record<string, Write>> = {
  concat: (content, writer, quote) =>
    Array.isArray(content) &&
    content.every((part, at) => {
      if (at > 0) writer.sign('.');
      return writeExpression(part, writer, typeof quote === 'object' ? quote[at] : quote);
    }),
  set,
  elem,
  ...FIELDS,
  map: (content, writer) => mapOf(content, writer, false),
  prefix: (content, writer) =>
    isObject(content) &&
    writeExpression(content.addr, writer) &&
    typeof content.len === 'number' &&
    done(writer.sign('/').number(content.len)),
  range: (content, writer, quote) =>
    Array.isArray(content) && content.length === 2 && writeList(content, '-', writer, quote),
  jhash: (content, writer) =>
    isObject(content) &&
    done(writer.words('jhash')) &&
    writeExpression(content.expr, writer) &&
    modulus(content, writer),
  ...Object.fromEntries(TIGHTNESS.map((op) => [op, binary])),
};
