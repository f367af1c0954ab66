import { writeExpression } from './expressions.ts';
import { done, textOf } from './fields.ts';
import { isObject, listOf, type Writer } from './writer.ts';

/** Writes a statement of one kind; says whether it could. */
export type WriteStatement = (content: unknown, writer: Writer, kind: string) => boolean;

const NAT_FLAGS = new Set(['random', 'fully-random', 'persistent']);

/** `dnat ip to 192.0.2.1:80 persistent` and the like. */
export const nat: WriteStatement = (content, writer, kind) => {
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
