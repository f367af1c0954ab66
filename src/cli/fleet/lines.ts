import type { Readable } from 'node:stream';

/**
 * The lines of a stream, without their line breaks; what follows the last one counts as a line.
 * @param limit bytes of one line; a longer one throws
 */
export async function* linesOf(stream: Readable, limit: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of stream) {
    let rest = chunk as Buffer;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8');
      parts = [];
      held = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length === 0) continue;
    held += rest.length;
    if (held > limit) throw Object.assign(new Error('a line is too long'), { code: 'a line is too long' });
    parts.push(rest);
  }
  if (parts.length > 0) yield Buffer.concat(parts).toString('utf8');
}
