import type { Place } from './ast.ts';
import { quotesValues, textOf, timeText, writeExpression } from './json-expressions.ts';
import { isObject, listOf, Writer } from './json-writer.ts';

/** Statements of libnftables-json(5), STATEMENTS, in the words of nft(8). */
type Write = (content: unknown, writer: Writer, kind: string) => boolean;

const done = (_: Writer): true => true;

/**
 * One statement of a rule. What JSON says and is not known here is opaque: a comparison may hold or not, and behind any
 * other statement anything may happen.
 * @param place where the statement stands; without one, where the writer's command stands
 * @returns whether it was known
 */
export function writeStatement(value: unknown, writer: Writer, place: Place = writer.place): boolean {
  const draft = new Writer(place);
  const known = writeKnown(value, draft);
  for (const atom of draft.atoms) writer.atoms.push(atom);
  return known;
}

function writeKnown(value: unknown, writer: Writer): boolean {
  // Where nft has no JSON for a statement it puts the text (src/json.c of nftables, stmt_print_json).
  if (typeof value === 'string') return writer.raw(value) || unknown(value, writer);
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

const COMPARISONS = ['==', '!=', '<', '>', '<=', '>='];

/** The text has `==` only where a comparison without a sign would mean something else, and behind a mask. */
function needsSign(left: unknown): boolean {
  if (!isObject(left)) return false;
  if (['&', '|', '^', '<<', '>>'].some((op) => Object.hasOwn(left, op))) return true;
  const key = textOf(left.ct, 'key');
  if (key === 'state' || key === 'status' || key === 'event' || key === 'label') return true;
  return textOf(left.payload, 'protocol') === 'tcp' && textOf(left.payload, 'field') === 'flags';
}

/** `tcp flags & (fin | syn) == syn`, which the text has as `tcp flags syn / fin,syn`. */
function flagMask(left: unknown, op: unknown, right: unknown): { field: unknown; mask: unknown } | undefined {
  if (!isObject(left) || (op !== '==' && op !== '!=')) return undefined;
  const pair = left['&'];
  if (!Array.isArray(pair) || pair.length !== 2 || !Array.isArray(pair[1])) return undefined;
  return typeof right === 'string' || Array.isArray(right) ? { field: pair[0], mask: pair[1] } : undefined;
}

const match: Write = (content, writer) => {
  if (!isObject(content)) return false;
  const { left, op, right } = content;
  const flags = flagMask(left, op, right);
  if (flags !== undefined) {
    if (!writeExpression(flags.field, writer)) return false;
    if (op === '!=') writer.sign('!=');
    return writeExpression(right, writer) && done(writer.sign('/')) && writeExpression(flags.mask, writer);
  }
  if (!writeExpression(left, writer)) return false;
  const isSet = isObject(right) && Object.hasOwn(right, 'set');
  const sign = typeof op === 'string' && COMPARISONS.includes(op);
  if (!sign && op !== 'in' && op !== undefined) return false;
  if (sign && (op !== '==' || (needsSign(left) && !isSet))) writer.sign(op);
  return writeExpression(right, writer, quotesValues(left));
};

/** The name of an object, or a map that gives one. */
function isReference(content: unknown): boolean {
  return typeof content === 'string' || (isObject(content) && isObject(content.map));
}

function reference(kind: string, content: unknown, writer: Writer): boolean {
  writer.words(kind, 'name');
  return typeof content === 'string'
    ? done(writer.quoted(content))
    : writeExpression(content, writer, true, true);
}

/** A quantity with a rate: `rate over 10/minute burst 5 packets`. */
const limit: Write = (content, writer) => {
  if (isReference(content)) return reference('limit', content, writer);
  if (!isObject(content) || typeof content.rate !== 'number') return false;
  const { rate, burst, rate_unit: unit, inv } = content;
  const per = textOf(content, 'per') ?? 'second';
  writer.words('limit rate');
  if (inv === true) writer.words('over');
  writer.number(rate);
  const bytes = typeof unit === 'string' && unit !== 'packets';
  if (bytes) writer.name(`${unit}/${per}`);
  else writer.sign('/').words(per);
  if (typeof burst === 'number' && burst !== (bytes ? 0 : 5))
    writer
      .words('burst')
      .number(burst)
      .words(bytes ? (textOf(content, 'burst_unit') ?? 'bytes') : 'packets');
  return true;
};

const quota: Write = (content, writer) => {
  if (isReference(content)) return reference('quota', content, writer);
  if (!isObject(content) || typeof content.val !== 'number') return false;
  const { val, used, inv } = content;
  writer.words('quota');
  if (inv === true) writer.words('over');
  writer.number(val).words(textOf(content, 'val_unit') ?? 'bytes');
  if (typeof used === 'number' && used !== 0)
    writer
      .words('used')
      .number(used)
      .words(textOf(content, 'used_unit') ?? 'bytes');
  return true;
};

const counter: Write = (content, writer) => {
  if (isReference(content)) return reference('counter', content, writer);
  writer.words('counter');
  if (!isObject(content)) return content === null;
  const { packets, bytes } = content;
  if (typeof packets === 'number' && typeof bytes === 'number')
    writer.words('packets').number(packets).words('bytes').number(bytes);
  return true;
};

const log: Write = (content, writer) => {
  writer.words('log');
  if (!isObject(content)) return content === null;
  const prefix = textOf(content, 'prefix');
  if (prefix !== undefined) writer.words('prefix').quoted(prefix);
  for (const key of ['group', 'snaplen', 'queue-threshold'])
    if (typeof content[key] === 'number') writer.words(key).number(content[key] as number);
  const level = textOf(content, 'level');
  if (level !== undefined) writer.words('level', level);
  return logFlags(listOf(content.flags), writer);
};

/** `flags tcp sequence,options flags ip options`: the flags of one kind are listed together. */
function logFlags(flags: readonly unknown[], writer: Writer): boolean {
  let kind = '';
  return flags.every((flag) => {
    if (typeof flag !== 'string') return false;
    const [first, second] = flag.split(' ') as [string, string | undefined];
    if (second !== undefined && first === kind) writer.sign(',').words(second);
    else writer.words('flags', flag);
    kind = first;
    return true;
  });
}

const NAT_FLAGS = new Set(['random', 'fully-random', 'persistent']);

/** `dnat ip to 192.0.2.1:80 persistent` and the like. */
const nat: Write = (content, writer, kind) => {
  writer.words(kind);
  if (!isObject(content)) return content === null;
  const { addr, port } = content;
  const family = textOf(content, 'family');
  if (family !== undefined) writer.words(family);
  const prefix = listOf(content.type_flags).includes('prefix') || listOf(content.flags).includes('netmap');
  if (prefix) writer.words('prefix');
  if (addr !== undefined || port !== undefined) writer.words('to');
  if (addr !== undefined && !writeAddress(addr, port !== undefined, writer)) return false;
  if (port !== undefined) {
    writer.sign(':');
    if (!writeExpression(port, writer)) return false;
  }
  return listOf(content.flags)
    .filter((flag) => flag !== 'netmap')
    .every((flag, at) => {
      if (at > 0) writer.sign(',');
      return typeof flag === 'string' && NAT_FLAGS.has(flag) && done(writer.words(flag));
    });
};

/** An IPv6 address in front of a port stands in brackets. */
function writeAddress(addr: unknown, withPort: boolean, writer: Writer): boolean {
  const range = isObject(addr) && Array.isArray(addr.range) ? addr.range : [addr];
  if (!withPort || !range.some((one) => typeof one === 'string' && one.includes(':')))
    return writeExpression(addr, writer);
  return range.every((one, at) => {
    if (at > 0) writer.sign('-');
    writer.sign('[');
    return writeExpression(one, writer) && done(writer.sign(']'));
  });
}

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
  reset: (content, writer) =>
    isObject(content) && done(writer.words('reset')) && writeExpression(content, writer),
  xt: (content, writer) => {
    const [type, name] = [textOf(content, 'type'), textOf(content, 'name')];
    return type !== undefined && name !== undefined && done(writer.words('xt', type).quoted(name));
  },
};

function quotesAssigned(key: unknown): boolean {
  return isObject(key) && textOf(key.meta, 'key') === 'secmark';
}
