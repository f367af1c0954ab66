import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A packet is a few hundred characters; what is longer than this is not read on. */
export const LONGEST_LINE = 1 << 20;

/**
 * The lines of a stream, without their line breaks. A line that is too long comes once, cut to one character more than
 * {@link LONGEST_LINE}; the rest of it is passed over, so memory stays bounded.
 */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new MarkedDecoder();
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

/** UTF-8; or UTF-16 behind its byte order mark (RFC 2781, 3.2), as Windows PowerShell writes files. */
class MarkedDecoder {
  private decoder: { write(bytes: Buffer): string; end(): string } | undefined;
  private first: Buffer = Buffer.alloc(0);

  write(chunk: Buffer): string {
    if (this.decoder !== undefined) return this.decoder.write(chunk);
    this.first = Buffer.concat([this.first, chunk]);
    return this.first.length < 2 ? '' : this.begin().write(this.first);
  }

  end(): string {
    if (this.decoder !== undefined) return this.decoder.end();
    return this.begin().write(this.first);
  }

  private begin(): { write(bytes: Buffer): string; end(): string } {
    const name = UTF_16[this.first.toString('hex', 0, 2)];
    if (name === undefined) this.decoder = new StringDecoder('utf8');
    else {
      const decoder = new TextDecoder(name);
      this.decoder = {
        write: (bytes) => decoder.decode(bytes, { stream: true }),
        end: () => decoder.decode(),
      };
    }
    return this.decoder;
  }
}

const UTF_16: Readonly<Record<string, 'utf-16le' | 'utf-16be'>> = { fffe: 'utf-16le', feff: 'utf-16be' };
