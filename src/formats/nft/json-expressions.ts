import { isObject, type Json, listOf, type Writer } from './json-writer.ts';

/**
 * Expressions of libnftables-json(5), EXPRESSIONS, in the words of nft(8). Each function says whether it could; what it
 * wrote before it could not is thrown away by the statement.
 * @param quote strings stand in quotation marks in the text
 * @param quoteData so do the data of a map
 */
export function writeExpression(value: unknown, writer: Writer, quote = false, quoteData = false): boolean {
  if (typeof value === 'string') return writeString(value, writer, quote);
  if (typeof value === 'number') return Number.isSafeInteger(value) && done(writer.number(value));
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

const done = (_: Writer): true => true;

function writeString(text: string, writer: Writer, quote: boolean): boolean {
  if (text === '*') return done(writer.sign('*'));
  if (text.startsWith('@')) return done(writer.sign('@').name(text.slice(1)));
  return done(writer.value(text, quote));
}

function writeList(values: readonly unknown[], between: string, writer: Writer, quote: boolean): boolean {
  return (
    values.length > 0 &&
    values.every((value, at) => {
      if (at > 0) writer.sign(between);
      return writeExpression(value, writer, quote);
    })
  );
}

type Write = (content: unknown, writer: Writer, quote: boolean, kind: string) => boolean;

/** A string, or undefined. */
export function textOf(content: unknown, key: string): string | undefined {
  const value = isObject(content) ? content[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Words for keys of an object that are there; false where one that must be there is not. */
function keys(content: unknown, writer: Writer, ...names: readonly string[]): boolean {
  return names.every((name) => {
    const text = textOf(content, name.replace('?', ''));
    if (text === undefined) return name.endsWith('?');
    return done(writer.words(text));
  });
}

const pair = (content: unknown): readonly [unknown, unknown] | undefined =>
  Array.isArray(content) && content.length === 2 ? [content[0], content[1]] : undefined;

/** Keys that the text has without `meta` (src/meta.c of nftables, meta_key_is_unqualified). */
const BARE_META = new Set(['iif', 'iifname', 'oif', 'oifname', 'iifgroup', 'oifgroup']);

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

const option =
  (words: string): Write =>
  (content, writer) => {
    if (!isObject(content)) return false;
    const { base, offset, len } = content;
    if (base !== undefined)
      return done(
        writer.words(words).sign('@').name(`${base}`).sign(',').name(`${offset}`).sign(',').name(`${len}`),
      );
    writer.words(words);
    return keys(content, writer, 'name', 'field?');
  };

const payload: Write = (content, writer) => {
  if (!isObject(content)) return false;
  const { base, offset, len } = content;
  if (typeof base === 'string' && typeof offset === 'number' && typeof len === 'number')
    return done(writer.sign('@').name(base).sign(',').number(offset).sign(',').number(len));
  return keys(content, writer, 'tunnel?', 'protocol', 'field');
};

const exthdr: Write = (content, writer) => {
  if (textOf(content, 'field') === undefined) writer.words('exthdr');
  return keys(content, writer, 'name', 'field?');
};

const fib: Write = (content, writer) => {
  if (!isObject(content)) return false;
  writer.words('fib');
  const flags = listOf(content.flags);
  const known = flags.every((flag, at) => {
    if (at > 0) writer.sign('.');
    return typeof flag === 'string' && done(writer.words(flag));
  });
  return known && flags.length > 0 && keys(content, writer, 'result');
};

const modulus = (content: Json, writer: Writer): boolean => {
  if (typeof content.mod !== 'number') return false;
  writer.words('mod').number(content.mod);
  if (typeof content.seed === 'number' && content.seed !== 0)
    writer.words('seed').name(`0x${content.seed.toString(16)}`);
  if (typeof content.offset === 'number' && content.offset !== 0)
    writer.words('offset').number(content.offset);
  return true;
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
  quote: boolean,
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
  for (const option of OPTIONS) {
    const seconds = content[option];
    if (typeof seconds === 'number') writer.words(option).name(timeText(seconds));
  }
  for (const option of ['limit', 'quota', 'ct count'])
    if (content[option] !== undefined)
      writer.words(option === 'ct count' ? 'ct count over 1' : `${option} x`);
  return true;
};

/** A time as nft prints it: `1d2h3m4s`. */
export function timeText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  const text = parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : '')).join('');
  return text === '' ? '0s' : text;
}

const verdict: Write = (content, writer, _, kind) => {
  writer.words(kind);
  if (kind !== 'jump' && kind !== 'goto') return true;
  const target = textOf(content, 'target');
  return target !== undefined && done(writer.name(target));
};

const EXPRESSIONS: Readonly<Record<string, Write>> = {
  concat: (content, writer, quote) => Array.isArray(content) && writeList(content, '.', writer, quote),
  set,
  elem,
  payload,
  exthdr,
  fib,
  'tcp option': option('tcp option'),
  'ip option': option('ip option'),
  'sctp chunk': option('sctp chunk'),
  'dccp option': (content, writer) =>
    isObject(content) &&
    typeof content.type === 'number' &&
    done(writer.words('dccp option').number(content.type)),
  map: (content, writer) => mapOf(content, writer, false),
  prefix: (content, writer) =>
    isObject(content) &&
    writeExpression(content.addr, writer) &&
    typeof content.len === 'number' &&
    done(writer.sign('/').number(content.len)),
  range: (content, writer, quote) =>
    Array.isArray(content) && content.length === 2 && writeList(content, '-', writer, quote),
  meta: (content, writer) => {
    const key = textOf(content, 'key');
    if (key === undefined) return false;
    if (!BARE_META.has(key)) writer.words('meta');
    return done(writer.words(key));
  },
  rt: (content, writer) => done(writer.words('rt')) && keys(content, writer, 'family?', 'key'),
  ct: (content, writer) => done(writer.words('ct')) && keys(content, writer, 'dir?', 'family?', 'key'),
  numgen: (content, writer) =>
    isObject(content) &&
    done(writer.words('numgen')) &&
    keys(content, writer, 'mode') &&
    modulus(content, writer),
  jhash: (content, writer) =>
    isObject(content) &&
    done(writer.words('jhash')) &&
    writeExpression(content.expr, writer) &&
    modulus(content, writer),
  symhash: (content, writer) =>
    isObject(content) && done(writer.words('symhash')) && modulus(content, writer),
  socket: (content, writer) => {
    const level = isObject(content) ? content.level : undefined;
    writer.words('socket');
    if (!keys(content, writer, 'key')) return false;
    return typeof level !== 'number' || done(writer.words('level').number(level));
  },
  osf: (content, writer) => {
    writer.words('osf');
    const ttl = textOf(content, 'ttl');
    if (ttl !== undefined) writer.words('ttl', ttl);
    return keys(content, writer, 'key');
  },
  ipsec: (content, writer) => {
    if (!isObject(content) || !keys(content, writer.words('ipsec'), 'dir')) return false;
    if (typeof content.spnum === 'number' && content.spnum !== 0) writer.words('spnum').number(content.spnum);
    return keys(content, writer, 'family?', 'key');
  },
  tunnel: (content, writer) => done(writer.words('tunnel')) && keys(content, writer, 'key'),
  ...Object.fromEntries(TIGHTNESS.map((op) => [op, binary])),
  ...Object.fromEntries(
    ['accept', 'drop', 'continue', 'return', 'jump', 'goto'].map((kind) => [kind, verdict]),
  ),
};

/** Whether the text has values of an expression in quotation marks: names of interfaces and the like. */
export function quotesValues(expression: unknown): boolean {
  if (!isObject(expression)) return false;
  if (Array.isArray(expression.concat)) return expression.concat.some(quotesValues);
  const key = textOf(expression.meta, 'key');
  if (key !== undefined)
    return /^[io](?:if|ifname|bridgename|brname|bridgeport|bport|ifkind|brport)$|^(?:time|hour|day)$/.test(
      key,
    );
  const result = textOf(expression.fib, 'result');
  return result === 'oif' || result === 'oifname' || expression.osf !== undefined;
}
