import { columns, columnsOf } from './columns.ts';
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
  /** The text is not the line but says what stands there: all of it is meant. */
  readonly described?: boolean;
}

/** An excerpt has as many characters as fit these lines; a hostile line of a million characters is not repeated. */
const MAX_LINES = 4;

/**
 * A source line with its number, wrapped at `width`, and carets below what is meant. Where the whole rest of a line is
 * meant, carets below its first piece are enough.
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
  let marked = false;
  for (const [at, end] of pieces(characters, room)) {
    const piece = characters.slice(at, end).join('');
    out.push(`${at === 0 ? `${indent}${number} | ` : gutter}${piece}`.trimEnd());
    // A caret may stand behind the last character: something is missing there.
    const [start, stop] = [Math.max(from, at), end === characters.length ? to : Math.min(to, end)];
    if (start >= stop || (marked && excerpt.length === undefined)) continue;
    const room = columns(characters.slice(at, start).join(''));
    // Behind the last character there is nothing, and one caret all the same.
    const meant = columns(characters.slice(start, stop).join('')) + Math.max(stop - characters.length, 0);
    out.push(`${gutter}${' '.repeat(room)}${'^'.repeat(meant)}`);
    marked = true;
  }
  return out;
}

/** Where the lines of a wrapped text begin and end: after a space near the end of the room, else where the room ends. */
function pieces(characters: readonly string[], room: number): [number, number][] {
  const found: [number, number][] = [];
  let at = 0;
  for (let stop = fitting(characters, at, room); stop < characters.length; ) {
    const space = characters.lastIndexOf(' ', stop - 1);
    const end = space > at + ((stop - at) * 2) / 3 ? space + 1 : stop;
    found.push([at, end]);
    at = end;
    stop = fitting(characters, at, room);
  }
  return [...found, [at, Math.max(characters.length, at)]];
}

/** How far one may go from a character until the room is full; one character at least. */
function fitting(characters: readonly string[], from: number, room: number): number {
  let used = 0;
  let at = from;
  for (; at < characters.length; at++) {
    used += columnsOf(characters[at] as string);
    if (used > room && at > from) break;
  }
  return at;
}

/** The part of the line that is shown, character by character, and which of them the carets go below. */
function window(excerpt: Excerpt, limit: number): { characters: string[]; from: number; to: number } {
  const { text } = excerpt;
  const start = excerpt.described === true ? 0 : Math.min(Math.max(excerpt.column - 1, 0), text.length);
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
