import type { Place } from '../ast/ast.ts';
import { counter, isReference, limit, log, quota, reference } from './counts.ts';
import { writeExpression } from './expressions.ts';
import { quotesValues } from './kinds-of-values.ts';
import { done, textOf, timeText } from './fields.ts';
import { match } from './match.ts';
import { nat, type WriteStatement } from './nat.ts';
import { isObject, listOf, Writer } from './writer.ts';
import { stringOffsets } from '../types/string-offsets.ts';

/** Statements of libnftables-json(5), STATEMENTS, in the words of nft(8). */
type Write = WriteStatement;

/**
 * One statement of a rule. What JSON says and is not known here is opaque: a comparison may hold or not, and behind any
 * other statement anything may happen.
 * @param place where the statement stands; without one, where the writer's command stands
 * @param written what is written at that place
 * @returns whether it was known
 */
export function writeStatement(
  value: unknown,
  writer: Writer,
  place: Place = writer.place,
  written: (place: Place) => string = () => '',
): boolean {
  const draft = new Writer(place);
  const known = writeKnown(value, draft, written);
  for (const atom of draft.atoms) writer.atoms.push(atom);
  return known;
}

function writeKnown(value: unknown, writer: Writer, written: (place: Place) => string): boolean {
  // Where nft has no JSON for a statement it puts the text (src/json.c of nftables, stmt_print_json).
  if (typeof value === 'string') {
    const offsets = stringOffsets(written(writer.place), writer.place.start, value);
    return writer.raw(value, offsets) || unknown(value, writer);
  }
  const [kind, ...more] = isObject(value) ? Object.keys(value) : [];
  if (!isObject(value) || kind === undefined || more.length > 0) return unknown(value, writer);
  const write = Object.hasOwn(STATEMENTS, kind) ? STATEMENTS[kind] : undefined;
  const draft = writer.fresh();
  if (write === undefined || !write(value[kind], draft, kind)) return unknown(value, writer);
  for (const atom of draft.atoms) writer.atoms.push(atom);
  return true;
}

function unknown(value: unknown, writer: Writer): false {
  const match = isObject(value) && Object.hasOwn(value, 'match');
  writer.opaque(match ? 'match' : 'statement', value);
  return false;
}

const word: Write = (_, writer, kind) => done(writer.words(kind));

const jump: Write = (content, writer, kind) => {
  const target = textOf(content, 'target');
  return target !== undefined && done(writer.words(kind).name(target));
};

const tproxy: Write = (content, writer, kind) => isObject(content) && nat(content, writer, kind);

const reject: Write = (content, writer) => {
  writer.words('reject');
  if (!isObject(content)) return content === null;
  const type = textOf(content, 'type');
  if (type === undefined) return true;
  writer.words('with', type);
  return content.expr === undefined || writeExpression(content.expr, writer);
};

const queue: Write = (content, writer) => {
  writer.words('queue');
  if (!isObject(content)) return content === null;
  const flags = listOf(content.flags);
  for (const [at, flag] of flags.entries()) {
    if (typeof flag !== 'string') return false;
    if (at === 0) writer.words('flags');
    else writer.sign(',');
    writer.words(flag);
  }
  return content.num === undefined || (done(writer.words('to')) && writeExpression(content.num, writer));
};

/** `add @s { ip saddr limit rate 3/minute }`, and of maps with data. */
const dynamic: Write = (content, writer, kind) => {
  if (!isObject(content)) return false;
  const { elem, stmt, data } = content;
  const op = textOf(content, 'op');
  const name = textOf(content, kind);
  if (op === undefined || name === undefined || !name.startsWith('@')) return false;
  let whole = true;
  writer.words(op).sign('@').name(name.slice(1));
  writer.group((inner) => {
    whole =
      writeExpression(elem, inner) &&
      listOf(stmt).every((one) => writeStatement(one, inner)) &&
      (data === undefined || (done(inner.sign(':')) && writeExpression(data, inner)));
  });
  return whole;
};

const meter: Write = (content, writer) => {
  const name = textOf(content, 'name');
  if (!isObject(content) || name === undefined) return false;
  writer.words('meter').name(name);
  if (typeof content.size === 'number') writer.words('size').number(content.size);
  let whole = true;
  writer.group((inner) => {
    whole =
      writeExpression(content.key, inner) && listOf(content.stmt).every((one) => writeStatement(one, inner));
  });
  return whole;
};

/** `{"map": …}` as a statement adds to a map; as an expression, it is a lookup. */
const mapStatement: Write = (content, writer, kind) =>
  isObject(content) && content.op !== undefined && dynamic(content, writer, kind);

const synproxy: Write = (content, writer) => {
  if (isReference(content)) return reference('synproxy', content, writer);
  writer.words('synproxy');
  if (!isObject(content)) return content === null;
  for (const key of ['mss', 'wscale'])
    if (typeof content[key] === 'number') writer.words(key).number(content[key] as number);
  return listOf(content.flags).every((flag) => typeof flag === 'string' && done(writer.words(flag)));
};

const copied: Write = (content, writer, kind) => {
  if (!isObject(content)) return false;
  writer.words(kind);
  const family = textOf(content, 'family');
  if (family !== undefined) writer.words(family);
  writer.words('to');
  if (content.addr === undefined) return writeExpression(content.dev, writer, true);
  if (!writeExpression(content.addr, writer)) return false;
  return (
    content.dev === undefined || (done(writer.words('device')) && writeExpression(content.dev, writer, true))
  );
};

const setObject: Write = (content, writer, kind) => {
  writer.words(kind, 'set');
  return typeof content === 'string'
    ? done(writer.quoted(content))
    : writeExpression(content, writer, true, true);
};

const STATEMENTS: Readonly<Record<string, Write>> = {
  ...Object.fromEntries(['accept', 'drop', 'continue', 'return', 'notrack'].map((kind) => [kind, word])),
  jump,
  goto: jump,
  match,
  limit,
  quota,
  counter,
  log,
  ...Object.fromEntries(['dnat', 'snat', 'masquerade', 'redirect'].map((kind) => [kind, nat])),
  tproxy,
  reject,
  queue,
  set: dynamic,
  map: mapStatement,
  meter,
  synproxy,
  dup: copied,
  fwd: copied,
  'ct helper': setObject,
  'ct timeout': setObject,
  'ct expectation': setObject,
  // A reference to an object (src/json.c of nftables, objref_stmt_json), which text has as an assignment and by its name.
  secmark: (content, writer) => {
    writer.words('meta', 'secmark', 'set');
    return typeof content === 'string'
      ? done(writer.quoted(content))
      : writeExpression(content, writer, true, true);
  },
  tunnel: (content, writer) => isReference(content) && reference('tunnel', content, writer),
  'ct count': (content, writer) => {
    if (!isObject(content) || typeof content.val !== 'number') return false;
    writer.words('ct count');
    if (content.inv === true) writer.words('over');
    return done(writer.number(content.val));
  },
  flow: (content, writer) => {
    const [op, name] = [textOf(content, 'op') ?? 'add', textOf(content, 'flowtable')];
    return name !== undefined && done(writer.words('flow', op).sign('@').name(name.replace(/^@/, '')));
  },
  mangle: (content, writer) =>
    isObject(content) &&
    writeExpression(content.key, writer) &&
    done(writer.words('set')) &&
    writeExpression(content.value, writer, quotesAssigned(content.key)),
  vmap: (content, writer) =>
    isObject(content) &&
    writeExpression(content.key, writer) &&
    done(writer.words('vmap')) &&
    writeExpression(content.data, writer, quotesValues(content.key)),
  last: (content, writer) => {
    writer.words('last');
    const used = isObject(content) ? content.used : undefined;
    return typeof used !== 'number' || done(writer.words('used').name(timeText(used / 1000)));
  },
  reset: (content, writer) => {
    if (!isObject(content)) return false;
    writer.words('reset');
    const option = content['tcp option'];
    // So nft prints options that it has no name for.
    const number = isObject(option) && option.len === 0 ? option.base : undefined;
    return typeof number === 'number'
      ? done(writer.words('tcp', 'option').number(number))
      : writeExpression(content, writer);
  },
  xt: (content, writer) => {
    const [type, name] = [textOf(content, 'type'), textOf(content, 'name')];
    return type !== undefined && name !== undefined && done(writer.words('xt', type).quoted(name));
  },
};

function quotesAssigned(key: unknown): boolean {
  return isObject(key) && textOf(key.meta, 'key') === 'secmark';
}
