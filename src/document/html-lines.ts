/** A line that a browser shows. */
export interface HtmlLine {
  /** Without tags, character references read, white space as single spaces. */
  readonly text: string;
  /** Where it begins and ends in the page. */
  readonly start: number;
  readonly end: number;
  /** It begins an item of a list. */
  readonly item: boolean;
}

/** Elements that begin and end lines, and what is not shown at all. HTML Living Standard, 15.3.3 (flow content). */
const BREAK =
  /<!--[\s\S]*?(?:-->|$)|<(script|style|template)\b[\s\S]*?(?:<\/\1\s*>|$)|<\/?(address|article|aside|blockquote|body|br|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|li|main|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|title|tr|ul)\b[^>]{0,2000}>/gi;
const TAG = /<[a-z/!][^>]{0,2000}>/gi;

/** The references that tables and lists of connections use; others stay as they are written. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  rarr: '→',
  larr: '←',
  harr: '↔',
  ndash: '–',
  mdash: '—',
  reg: '®',
  trade: '™',
};

/** The lines of an HTML page, empty ones left out. */
export function* htmlLines(page: string): Generator<HtmlLine> {
  let from = 0;
  let item = false;
  for (const found of page.matchAll(BREAK)) {
    yield* lineOf(page, from, found.index, item);
    from = found.index + found[0].length;
    item = found[2]?.toLowerCase() === 'li' && !found[0].startsWith('</');
  }
  yield* lineOf(page, from, page.length, item);
}

function* lineOf(page: string, start: number, end: number, item: boolean): Generator<HtmlLine> {
  const text = decoded(page.slice(start, end).replace(TAG, '')).replace(/\s+/g, ' ').trim();
  if (text !== '') yield { text, start, end, item };
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
