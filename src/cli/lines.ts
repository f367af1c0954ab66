import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A packet is a few hundred characters; what is longer than this is not read on. */
export const LONGEST_LINE = 1 << 20;

/**
 * The lines of a stream, without their line breaks. A line that is too long comes once, cut to one character more than
 * {@link LONGEST_LINE}; the rest of it is passed over, so memory stays bounded.
 */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let skipping = false;
  for await (const chunk of stream) {
    const pieces = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = pieces.pop() as string;
    for (const piece of pieces) {
      if (!skipping) yield cut(piece);
      skipping = false;
    }
    if (rest.length > LONGEST_LINE) {
      if (!skipping) yield cut(rest);
      skipping = true;
      rest = '';
    }
  }
  rest += decoder.end();
  if (rest !== '' && !skipping) yield cut(rest);
}

const cut = (line: string): string => line.slice(0, LONGEST_LINE + 1);
