import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { SourceFile } from '../text/source.ts';
import { contexts } from './context.ts';
import { csvDelimiter, readCsv } from './csv.ts';
import type { Document, DocumentFormat, DocumentTable } from './document.ts';
import { checkEffort, MOST_ROWS } from './effort.ts';
import { readHtml } from './html.ts';
import { looseConnections, looseInHtml } from './loose.ts';
import { readMarkdown } from './markdown.ts';
import { collapse, type RawDocument, type RawTable } from './raw-table.ts';
import { isConnectionHeader, isConnectionTable, readTable } from './read-table.ts';
import { isDelimiter, splitBars } from './restore.ts';
import { documentTitle } from './title.ts';

const MOST_PROBLEMS = 20;

/**
 * A vendor's page (Markdown, HTML, plain text with pipe tables, CSV) with its tables of connections. The format comes
 * from the name's ending and, where that says nothing, from the text.
 *
 * Errors, with line and column: no table of connections; a merged cell, a table without end, content between cells, or a
 * row wider than its headings in a table of connections; a page that is too large or would take too long to read.
 * Warnings: tables and lines that were left out.
 */
export function readDocument(file: SourceFile): Result<Document> {
  const format = formatOf(file);
  const delimiter = format === 'csv' ? (csvDelimiter(file.text) ?? ',') : ',';
  const tooMuch = checkEffort(file, format);
  if (tooMuch !== undefined) return failure(tooMuch);
  const raw = withoutOverflow(file, () =>
    format === 'html' ? readHtml(file) : format === 'csv' ? readCsv(file, delimiter) : readMarkdown(file),
  );
  return raw.ok ? assemble(file, format, raw.value) : raw;
}

/** The parsers build trees by recursion; a page that is nested too deeply for them ends here. */
function withoutOverflow<T>(file: SourceFile, read: () => Result<T>): Result<T> {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return failure({
      severity: 'error',
      code: 'document-too-deep',
      message: 'The document is nested too deeply to be read.',
      span: { file, start: 0, end: 0 },
      help: 'Save only the part with the tables.',
    });
  }
}

/** The format that a file's name and text show. */
export function formatOf({ path, text }: SourceFile): DocumentFormat {
  if (/\.(html?|xhtml)$/i.test(path)) return 'html';
  if (/\.(csv|tsv)$/i.test(path)) return 'csv';
  if (/\.(md|markdown|mdx)$/i.test(path)) return 'markdown';
  if (
    /^\s*(<\?xml[^>]{0,200}>\s*)?(<!--[^>]{0,1000}-->\s*)?(<!doctype\s+html|<html[\s>])/i.test(
      text.slice(0, 5000),
    )
  )
    return 'html';
  return /<table/i.test(text) || hasPipeTable(text) || csvDelimiter(text) === undefined ? 'markdown' : 'csv';
}

function hasPipeTable(text: string): boolean {
  if (!text.includes('|')) return false;
  return text.split('\n').some((line) => isDelimiter(line) || isConnectionHeader(splitBars(line)));
}

function assemble(file: SourceFile, format: DocumentFormat, raw: RawDocument): Result<Document> {
  const above = contexts(file.text, raw.headings, raw.tables);
  const tables: DocumentTable[] = [];
  const others: RawTable[] = [];
  const problems: Diagnostic[] = [];
  for (const [i, one] of raw.tables.entries()) {
    if (!isConnectionTable(one)) {
      others.push(one);
      continue;
    }
    const context = above[i] ?? { title: '', sections: [], preamble: '' };
    const read = readTable(one, { index: tables.length + 1, ...context });
    tables.push(read.table);
    problems.push(...read.problems);
  }
  if (problems.length > 0) return failure(...problems.slice(0, MOST_PROBLEMS));
  const last = tables.at(-1);
  const rows = tables.reduce((sum, table) => sum + table.rows.length, 0);
  if (last !== undefined && rows > MOST_ROWS) return failure(tooManyRows(last, rows));
  if (tables.length === 0) return failure(noTable(file, others));
  const title = raw.title ?? documentTitle(file.text, raw.headings);
  const left = others.map(({ headings, span }) => ({
    headings: headings.map(({ text }) => collapse(text)),
    span,
  }));
  const loose = (format === 'html' ? looseInHtml : looseConnections)(
    file,
    raw.tables.filter((one) => !containsTable(one, raw.tables)),
  );
  return success({
    source: file,
    format,
    ...(title === undefined ? {} : { title }),
    tables,
    others: left,
    loose,
  });
}

/** Whether a table only lays out a page with others in it. Its text is read as any other. */
function containsTable({ span }: RawTable, tables: readonly RawTable[]): boolean {
  return tables.some((other) => span.start < other.span.start && other.span.end < span.end);
}

function tooManyRows({ span }: DocumentTable, rows: number): Diagnostic {
  return {
    severity: 'error',
    code: 'document-too-large',
    message: `The tables of connections have ${rows} rows together, up to this one.`,
    span,
    expected: `at most ${MOST_ROWS}`,
    help: 'Import the tables one by one.',
  };
}

function noTable(file: SourceFile, others: readonly RawTable[]): Diagnostic {
  const [first] = others;
  const seen = others.slice(0, 3).map(
    ({ headings }) =>
      `\`${headings
        .map(({ text }) => collapse(text))
        .join(' | ')
        .slice(0, 80)}\``,
  );
  const found =
    others.length === 0
      ? 'no table at all'
      : `${others.length === 1 ? 'one other table' : `${others.length} other tables`}: ${seen.join(', ')}`;
  return {
    severity: 'error',
    code: 'no-connection-table',
    message: `The document has no table of connections (${found}).`,
    span: first?.span ?? { file, start: 0, end: 0 },
    expected:
      'a table whose headings name ports and a party or a protocol, such as `Source | Destination | Port | Protocol`',
    help: 'Pages that fill their tables by a script must be saved from a browser.',
  };
}
