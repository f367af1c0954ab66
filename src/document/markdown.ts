import type { Nodes, Root, RootContent, Table, TableCell } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import type { Diagnostic, Result } from '../text/diagnostic.ts';
import { success } from '../text/diagnostic.ts';
import type { SourceFile } from '../text/source.ts';
import { makeCell, noParts } from './cell.ts';
import { htmlInMarkdown } from './html.ts';
import { markdownText } from './markdown-text.ts';
import { isDelimiter, type RestoredText, restoreTables, splitBars } from './restore.ts';
import { isConnectionHeader } from './read-table.ts';
import type { RawDocument, RawHeading, RawRow, RawTable } from './raw-table.ts';

/** The depth of bold lines that stand for headings: inside every heading that is one. */
const BOLD_LEVEL = 7;
/** Bold words that begin a remark, not a section. */
const REMARK = /^(note|notes|important|warning|caution|info|tip|hint|attention|remark|example)$/i;

/**
 * The tables of a Markdown text (CommonMark with the tables of GFM, also without blank lines around them), those in its
 * HTML, and its headings.
 */
export function readMarkdown(file: SourceFile): Result<RawDocument> {
  const restored = restoreTables(file.text, isConnectionHeader);
  const root = unified().use(remarkParse).use(remarkGfm).parse(restored.text);
  const found = collect(root);
  const tables = found.tables.map((table) => pipeTable(table, file, restored));
  const headings = found.headings.map((heading) => ({
    ...heading,
    start: restored.original(heading.start),
    end: restored.original(heading.end),
  }));
  const problems = lostTables(file, tables, found.opaque, restored);
  if (problems.length > 0) return { ok: false, errors: problems };
  if (!/<table/i.test(file.text)) return success({ tables, headings });
  const html = htmlInMarkdown(root, restored, file);
  if (!html.ok) return html;
  const all = [...tables, ...html.value.tables].sort((a, b) => a.span.start - b.span.start);
  const both = [...headings, ...html.value.headings].sort((a, b) => a.start - b.start);
  return success({ tables: all, headings: both });
}

interface Found {
  readonly tables: Table[];
  readonly headings: RawHeading[];
  /** Code and HTML: a table in there is none of Markdown's. Offsets in the restored text. */
  readonly opaque: (readonly [number, number])[];
}

/** The blocks that matter, without recursion: documents may nest as they like. */
function collect(root: Root): Found {
  const found: Found = { tables: [], headings: [], opaque: [] };
  const waiting: RootContent[] = [...root.children].reverse();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const start = node.position?.start.offset ?? 0;
    const end = node.position?.end.offset ?? start;
    if (node.type === 'table') found.tables.push(node);
    else if (node.type === 'code' || node.type === 'html') found.opaque.push([start, end]);
    else if (node.type === 'heading')
      found.headings.push({ level: node.depth, text: withoutId(plain(node.children)), start, end });
    else if (node.type === 'paragraph') {
      const [first] = node.children;
      const text = first?.type === 'strong' ? plain(first.children).replace(/\s*:$/, '') : '';
      if (text !== '' && !REMARK.test(text)) found.headings.push({ level: BOLD_LEVEL, text, start, end });
    } else if ('children' in node) waiting.push(...([...node.children].reverse() as RootContent[]));
  }
  return found;
}

const plain = (nodes: Parameters<typeof markdownText>[0]): string =>
  markdownText(nodes).lines.join(' ').replace(/\s+/g, ' ').trim();

function pipeTable(table: Table, file: SourceFile, restored: RestoredText): RawTable {
  const span = (node: Nodes) => ({
    file,
    start: restored.original(node.position?.start.offset ?? 0),
    end: restored.original(node.position?.end.offset ?? 0),
  });
  const rows = table.children.map(
    (row): RawRow => ({
      cells: row.children.map((cell) => pipeCell(cell, file, restored)),
      span: span(row),
    }),
  );
  const [head, ...body] = rows;
  return { headings: head?.cells ?? [], rows: body, span: span(table), problems: [] };
}

/** A cell's place includes the bars beside it and the padding; its text does not. */
function pipeCell(cell: TableCell, file: SourceFile, restored: RestoredText) {
  const from = cell.position?.start.offset ?? 0;
  const whole = restored.text.slice(from, cell.position?.end.offset ?? from);
  const inner = whole
    .replace(/^\|/, '')
    .trimEnd()
    .replace(/(?<!\\)\|$/, '');
  const lead = whole.startsWith('|') ? 1 : 0;
  const blank = inner.length - inner.trimStart().length;
  const start = restored.original(from + lead + blank);
  const raw = inner.trim();
  const parts = raw === '' ? noParts() : markdownText(cell.children);
  return makeCell(file, start, start + raw.length, raw, parts);
}

/** `Nodes {#nodes}`: an anchor, as generators of sites write it, is no part of the heading. */
const withoutId = (heading: string): string => heading.replace(/\s*\{#[^\s{}]{1,200}\}$/, '');

/** Tables that the parser does not see, because their headings and their delimiter line do not fit. */
function lostTables(
  file: SourceFile,
  tables: readonly RawTable[],
  opaque: Found['opaque'],
  restored: RestoredText,
): Diagnostic[] {
  const hidden = opaque.map(([start, end]) => [restored.original(start), restored.original(end)] as const);
  const seen = [...tables.map(({ span }) => [span.start, span.end] as const), ...hidden];
  const problems: Diagnostic[] = [];
  let start = 0;
  let header = '';
  for (const line of file.text.split('\n')) {
    const at = start - header.length - 1;
    if (isDelimiter(line) && isConnectionHeader(splitBars(header)))
      if (!seen.some(([from, to]) => from <= start && start < to))
        problems.push(lostTable(file, at, header, line));
    start += line.length + 1;
    header = line;
  }
  return problems;
}

function lostTable(file: SourceFile, at: number, header: string, line: string): Diagnostic {
  return {
    severity: 'error',
    code: 'table-shape',
    message: `This table has ${splitBars(header).length} headings, and ${splitBars(line).length} columns in the line under them.`,
    span: { file, start: at, end: at + header.trimEnd().length },
    expected: 'as many columns in the line `|---|---|` as there are headings',
    help: 'Correct the line; until then nobody can tell which cell belongs to which heading.',
  };
}
