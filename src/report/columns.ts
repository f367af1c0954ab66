/**
 * How many columns text takes in a terminal: two for wide and full-width characters (Unicode Standard Annex #11), none
 * for marks that combine with the character before them.
 */

const PLAIN = /^[ -~]*$/;
const COMBINING = /^\p{M}$/u;
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3001-\u303e\u30fb\u30fc\uff01-\uff60\uffe0-\uffe6]$/u;
/** Half-width forms of Katakana and Hangul. */
const HALF_WIDE = /^[\uff61-\uffdc]$/u;

/** The columns of one character (one code point). */
export function columnsOf(character: string): 0 | 1 | 2 {
  if (PLAIN.test(character)) return 1;
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) && !HALF_WIDE.test(character) ? 2 : 1;
}

/** The columns of a text. */
export function columns(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let sum = 0;
  for (const character of text) sum += columnsOf(character);
  return sum;
}

/**
 * A word in pieces of at most `width` columns, as far as it may be broken: between characters one of which is wide, where
 * such scripts break their lines. A word without wide characters stays whole.
 */
export function breakable(word: string, width: number): string[] {
  if (columns(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  let before = 1;
  for (const character of word) {
    const more = columnsOf(character);
    if (used + more > width && (before === 2 || more === 2) && more > 0) {
      pieces.push(piece);
      [piece, used] = ['', 0];
    }
    piece += character;
    used += more;
    if (more > 0) before = more;
  }
  return [...pieces, piece];
}
