import type { Diagnostic } from '../text/diagnostic.ts';
import type { SourceFile } from '../text/source.ts';
import type { DocumentFormat } from './document.ts';

/** Characters that are read, by format. The parser of Markdown takes some ten seconds for a megabyte of tables. */
export const LONGEST_DOCUMENT: Readonly<Record<DocumentFormat, number>> = {
  markdown: 250_000,
  html: 8_000_000,
  csv: 2_000_000,
};
/** Rows of all tables of connections together. */
export const MOST_ROWS = 3000;
/** Markers of quotes and lists at the beginning of a line; each is a level that the parser keeps open. */
const DEEPEST_MARKERS = 64;
const MOST_MARKERS = 15_000;
const MARKERS = /^(?:[ \t]*(?:>|(?:[*+-]|\d{1,9}[.)])(?=[ \t]|$)))+/;
/** Lines of Markdown: each can begin a block, and the parser's work grows faster than their number. */
const MOST_LINES = 10_000;
const LONGEST_PIPE_LINE = 200;
/** Steps that the HTML parser may take over open elements, and elements that it may make by reopening. */
const MOST_STEPS = 100_000_000;
const MOST_ELEMENTS = 400_000;

/** Why a document is not read: it is too large, or made so that a parser would run for minutes. Linear in its length. */
export function checkEffort(file: SourceFile, format: DocumentFormat): Diagnostic | undefined {
  const { text } = file;
  const limit = LONGEST_DOCUMENT[format];
  if (text.length > limit)
    return refusal(
      file,
      0,
      `The document has ${text.length} characters.`,
      `at most ${limit} characters of ${format}`,
    );
  if (format === 'csv') return undefined;
  const costly = costlyMarkup(file);
  if (costly !== undefined) return costly;
  return format === 'markdown' ? costlyLine(file) : undefined;
}

function refusal(file: SourceFile, at: number, message: string, expected: string): Diagnostic {
  return {
    severity: 'error',
    code: 'document-too-large',
    message,
    span: { file, start: at, end: at },
    expected,
    help: 'Save only the part of the page with the tables.',
  };
}

function costlyLine(file: SourceFile): Diagnostic | undefined {
  const lines = file.text.split('\n');
  if (lines.length > MOST_LINES)
    return refusal(
      file,
      0,
      `The document has ${lines.length} lines.`,
      `at most ${MOST_LINES} lines of markdown`,
    );
  let start = 0;
  let all = 0;
  for (const line of lines) {
    const [lead = ''] = MARKERS.exec(line) ?? [];
    const markers = lead.match(/[>*+-]|\d[.)]/g)?.length ?? 0;
    all += markers;
    if (markers > DEEPEST_MARKERS || all > MOST_MARKERS)
      return refusal(
        file,
        start,
        'Too many quotes and lists begin here.',
        `at most ${DEEPEST_MARKERS} on a line and ${MOST_MARKERS} in a document`,
      );
    let bars = 0;
    for (let at = line.indexOf('|'); at >= 0 && bars <= LONGEST_PIPE_LINE; at = line.indexOf('|', at + 1))
      bars++;
    if (bars > LONGEST_PIPE_LINE)
      return refusal(
        file,
        start,
        'This line has too many cells.',
        `at most ${LONGEST_PIPE_LINE} bars in a line`,
      );
    start += line.length + 1;
  }
  return undefined;
}

const VOID = new Set(
  'area base br col embed hr img input link meta param source track wbr !doctype !--'.split(' '),
);
/** Elements whose end tags may be left out: they close one another outside of SVG and MathML. */
const OPTIONAL = new Set(
  'p li dt dd td th tr thead tbody tfoot colgroup option optgroup rp rt html head body'.split(' '),
);
/** Elements that are opened again in every block where they were not closed (WHATWG HTML, 13.2.4.3). */
const FORMATTING = new Set('a b big code em font i nobr s small strike strong tt u'.split(' '));

/**
 * Where reading the text's tags would have cost too much, by an estimate of what the parsing algorithm of
 * HTML does: it looks through the open elements for every tag, and opens unclosed formatting elements anew.
 */
function costlyMarkup(file: SourceFile): Diagnostic | undefined {
  let open = 0;
  let formatting = 0;
  let steps = 0;
  let elements = 0;
  let foreign = false;
  for (const match of file.text.matchAll(/<(\/?)([a-z!][a-z0-9-]*)/gi)) {
    const name = (match[2] ?? '').toLowerCase();
    if (name === 'svg' || name === 'math') foreign = true;
    if (VOID.has(name) || (OPTIONAL.has(name) && !foreign)) {
      // They close themselves.
    } else if (match[1] === '/') {
      open = Math.max(0, open - 1);
      if (FORMATTING.has(name)) formatting = Math.max(0, formatting - 1);
    } else {
      open++;
      if (FORMATTING.has(name)) formatting++;
    }
    steps += 1 + open;
    elements += 1 + formatting;
    if (steps > MOST_STEPS)
      return refusal(
        file,
        match.index,
        'Too many elements are open here.',
        'HTML in which elements are closed',
      );
    if (elements > MOST_ELEMENTS)
      return refusal(
        file,
        match.index,
        'The page has too many elements.',
        `at most ${MOST_ELEMENTS}, unclosed ones counted where they are opened again`,
      );
  }
  return undefined;
}
