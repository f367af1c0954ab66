import { isObject, type Json, listOf, type Writer } from './writer.ts';

/** Writes an expression of one kind; says whether it could. `quote`: strings stand in quotation marks in the text. */
export type WriteExpression = (content: unknown, writer: Writer, quote: Quote, kind: string) => boolean;

/** Whether strings stand in quotation marks, and what numbers are. */
type QuotePart = boolean | 'ether-type';

/** The same; of a concatenation, part by part. */
export type Quote = QuotePart | readonly QuotePart[];

type Write = WriteExpression;

/** Something was written. */
export const done = (_: Writer): true => true;

/** A string of an object, or undefined. */
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

/** Keys that the text has without `meta` (src/meta.c of nftables, meta_key_is_unqualified). */
const BARE_META = new Set(['iif', 'iifname', 'oif', 'oifname', 'iifgroup', 'oifgroup']);

const option =
  (words: string): Write =>
  (content, writer) => {
    if (!isObject(content)) return false;
    const { base, offset, len } = content;
    // An option without a name: its first byte is the whole of it.
    if (typeof base === 'number' && offset === 0 && len === 8)
      return done(writer.words(words).name(`${base}`));
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

/** `mod 2 seed 0x1 offset 1` */
export const modulus = (content: Json, writer: Writer): boolean => {
  if (typeof content.mod !== 'number') return false;
  writer.words('mod').number(content.mod);
  if (typeof content.seed === 'number' && content.seed !== 0)
    writer.words('seed').name(`0x${content.seed.toString(16)}`);
  if (typeof content.offset === 'number' && content.offset !== 0)
    writer.words('offset').number(content.offset);
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

/** Expressions without others in them, by the names that libnftables-json(5) has for them. */
export const FIELDS: Readonly<Record<string, WriteExpression>> = {
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
  symhash: (content, writer) =>
    isObject(content) && done(writer.words('symhash')) && modulus(content, writer),
  socket: (content, writer) => {
    const level = isObject(content) ? content.level : undefined;
    writer.words('socket');
    if (!keys(content, writer, 'key')) return false;
    if (typeof level === 'number') return done(writer.words('level').number(level));
    // nft leaves the level out (src/json.c of nftables, socket_expr_json), and writes 0 as text where it does not know it.
    return textOf(content, 'key') !== 'cgroupv2' || done(writer.words('level').number(0));
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
  ...Object.fromEntries(
    ['accept', 'drop', 'continue', 'return', 'jump', 'goto'].map((kind) => [kind, verdict]),
  ),
};
