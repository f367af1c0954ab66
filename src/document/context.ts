import type { DocumentTable } from './document.ts';
import { collapse, type RawHeading, type RawTable } from './raw-table.ts';

/** Lines up to this length that end without a full stop can be headings of a plain text. */
const LONGEST_HEADING = 100;
const LONGEST_PREAMBLE = 2000;
/** The levels of plain lines above a table: below all headings that are marked as such. */
const SECTION_LEVEL = 8;
const TITLE_LEVEL = 9;

type Context = Pick<DocumentTable, 'title' | 'sections' | 'preamble'>;

/**
 * What stands above each table: the headings that it is under, and the lines right above it where nothing marks them as
 * headings, as in a page saved as text.
 *
 * @param headings in the source's order, as `tables` are
 */
export function contexts(
  text: string,
  headings: readonly RawHeading[],
  tables: readonly RawTable[],
): Context[] {
  const stack: { level: number; text: string }[] = [];
  const enter = (level: number, name: string): void => {
    while ((stack.at(-1)?.level ?? 0) >= level) stack.pop();
    if (name !== '') stack.push({ level, text: name });
  };
  let used = 0;
  let after = 0;
  return tables.map(({ span, caption }) => {
    let from = after;
    for (let next = headings[used]; next !== undefined && next.start < span.start; next = headings[used]) {
      enter(next.level, next.text);
      from = Math.max(from, next.end);
      used++;
    }
    const [section, title] = linesAbove(text, from, span.start);
    if (section !== undefined) enter(SECTION_LEVEL, section);
    if (title !== undefined) enter(TITLE_LEVEL, title);
    after = span.end;
    const above = stack.map((heading) => heading.text);
    const preamble = collapse(text.slice(Math.max(from, span.start - LONGEST_PREAMBLE), span.start));
    if (caption !== undefined) above.push(caption);
    return { title: above.at(-1) ?? '', sections: above.slice(0, -1), preamble };
  });
}

/** The last line above a table as its title, and the one above that as the section, where they look like headings. */
function linesAbove(
  text: string,
  from: number,
  to: number,
): readonly [string | undefined, string | undefined] {
  const near = text.slice(Math.max(from, to - 4 * LONGEST_HEADING), to);
  const lines = near
    .replace(/[ \t]*\|?[ \t]*$/, '')
    .split('\n')
    .map((line) => withoutTag(line.trim()));
  while (lines.at(-1) === '') lines.pop();
  const title = lines.pop();
  if (title === undefined || !looksLikeHeading(title)) return [undefined, undefined];
  const section = lines.pop();
  return [section !== undefined && looksLikeHeading(section) ? section : undefined, title];
}

/** `<figcaption>Inbound rules</figcaption>` on a line of its own, as pages in Markdown have it. */
function withoutTag(line: string): string {
  return /^<(figcaption|caption|strong|b|em|p)>([^<>]*)<\/\1>$/i.exec(line)?.[2]?.trim() ?? line;
}

/** Whether a line of a plain text can be a heading: short, with a letter, no list item, no sentence. */
export function looksLikeHeading(line: string): boolean {
  if (line === '' || line.length > LONGEST_HEADING) return false;
  return /\p{L}/u.test(line) && !/^[-*+>:<|#`]|^\d+[.)]\s|[.,;!?|>]$/u.test(line);
}
