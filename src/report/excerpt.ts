import { visible } from './visible.ts';

/** A place in a file with the text of its line. */
export interface Excerpt {
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** The whole line. */
  readonly text: string;
  /** How many units are meant; absent: to the line's end. */
  readonly length?: number;
}

/** Lines that an excerpt takes at most; a hostile line of a million characters is not repeated. */
const MAX_LINES = 4;

/**
 * A source line with its number, wrapped at `width`, and carets below what is meant:
 *
 *     12 | -A INPUT -p tcp --dport 5432 -j ACCEPT
 *        | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
 */
export function excerptLines(excerpt: Excerpt, indent: string, width: number): string[] {
  const number = String(excerpt.line);
  const gutter = `${indent}${' '.repeat(number.length)} | `;
  const room = Math.max(width - gutter.length, 20);
  const { characters, from, to } = window(excerpt, room * MAX_LINES);
  const out: string[] = [];
  for (let at = 0; at === 0 || at < characters.length; at += room) {
    const piece = characters.slice(at, at + room).join('');
    out.push(`${at === 0 ? `${indent}${number} | ` : gutter}${piece}`.trimEnd());
    const [start, end] = [Math.max(from, at), Math.min(to, at + room)];
    if (start < end) out.push(`${gutter}${' '.repeat(start - at)}${'^'.repeat(end - start)}`);
  }
  return out;
}

/** The part of the line that is shown, character by character, and which of them the carets go below. */
function window(excerpt: Excerpt, limit: number): { characters: string[]; from: number; to: number } {
  const { text } = excerpt;
  const start = Math.min(Math.max(excerpt.column - 1, 0), text.length);
  const end = excerpt.length === undefined ? text.length : Math.min(start + excerpt.length, text.length);
  const skip = start > limit / 2 ? start - Math.floor(limit / 4) : 0;
  const stop = Math.min(skip + limit, text.length);
  const head = [...(skip > 0 ? '…' : ''), ...visible(text.slice(skip, start))];
  const meant = [...visible(text.slice(start, Math.min(end, stop))).trimEnd()];
  const tail = visible(text.slice(Math.min(end, stop), stop));
  const whole = [...head, ...meant, ...(end <= stop ? tail : '')];
  const clipped = stop < text.length || whole.length > limit;
  const characters = clipped ? [...whole.slice(0, limit - 1), '…'] : whole;
  const to = Math.min(head.length + Math.max(meant.length, 1), Math.max(characters.length, head.length + 1));
  return { characters, from: head.length, to };
}
