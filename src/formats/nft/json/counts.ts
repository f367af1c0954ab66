import { writeExpression } from './expressions.ts';
import { done, textOf } from './fields.ts';
import type { WriteStatement } from './nat.ts';
import { isObject, listOf, type Writer } from './writer.ts';

/** Statements that count, limit and log, of libnftables-json(5), in the words of nft(8). */

/** The name of an object, or a map that gives one. */
export function isReference(content: unknown): boolean {
  return typeof content === 'string' || (isObject(content) && isObject(content.map));
}

/** `counter name "x"`, or with a map that gives the name. */
export function reference(kind: string, content: unknown, writer: Writer): boolean {
  writer.words(kind, 'name');
  return typeof content === 'string'
    ? done(writer.quoted(content))
    : writeExpression(content, writer, true, true);
}

/** A quantity with a rate: `rate over 10/minute burst 5 packets`. */
export const limit: WriteStatement = (content, writer) => {
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

/** `quota over 25 mbytes used 3 mbytes` */
export const quota: WriteStatement = (content, writer) => {
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

/** `counter packets 5 bytes 300` */
export const counter: WriteStatement = (content, writer) => {
  if (isReference(content)) return reference('counter', content, writer);
  writer.words('counter');
  if (!isObject(content)) return content === null;
  const { packets, bytes } = content;
  if (typeof packets === 'number' && typeof bytes === 'number')
    writer.words('packets').number(packets).words('bytes').number(bytes);
  return true;
};

/** `log prefix "x" group 3` */
export const log: WriteStatement = (content, writer) => {
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
