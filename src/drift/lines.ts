import { createHash } from 'node:crypto';
import type { Document } from '../document/document.ts';
import { looseConnections } from '../document/loose.ts';
import { SourceFile, type Span } from '../text/source.ts';
import { htmlLines } from '../document/html-lines.ts';

/** A line outside of a document's tables that tells of a connection. */
export interface DocumentLine {
  /** Without markup and list mark, white space as single spaces. */
  readonly text: string;
  readonly span: Span;
}

const URL_ALONE = /^\s*(?:[-*•]\s+)?<?(https?:\/\/[^\s<>|]+)>?\s*$/i;
const LONGEST = 2000;
const MOST = 1000;

/**
 * The lines outside of the tables that look like connections, and those that are an address and nothing else. Of an HTML
 * page its lines are those that a browser shows.
 */
export function documentLines(document: Document): DocumentLine[] {
  const lines = document.format === 'html' ? shownLines(document) : writtenLines(document);
  return lines.slice(0, MOST);
}

function writtenLines({ source, loose, tables, others }: Document): DocumentLine[] {
  const starts = new Set(loose.map(({ start }) => start));
  const inside = [...tables, ...others].map(({ span }) => span);
  const found: DocumentLine[] = [];
  let at = 0;
  for (const line of source.text.split('\n')) {
    const span = {
      file: source,
      start: at + line.length - line.trimStart().length,
      end: at + line.trimEnd().length,
    };
    at += line.length + 1;
    if (!starts.has(span.start) && (!isUrl(line) || inside.some((table) => meets(table, span)))) continue;
    found.push({ text: lineText(line), span });
    if (found.length >= MOST) break;
  }
  return found;
}

function shownLines({ source, tables, others }: Document): DocumentLine[] {
  const inside = [...tables, ...others].map(({ span }) => span);
  const found: DocumentLine[] = [];
  for (const { text, start, end, item } of htmlLines(source.text)) {
    const line = `${item ? '- ' : ''}${text}`;
    if (!isUrl(line) && looseConnections(new SourceFile('', line), []).length === 0) continue;
    const span = { file: source, start, end };
    if (!inside.some((table) => meets(table, span))) found.push({ text: lineText(line), span });
    if (found.length >= MOST) break;
  }
  return found;
}

const isUrl = (line: string): boolean => line.length <= LONGEST && URL_ALONE.test(line);
const meets = (a: Span, b: Span): boolean => a.start < b.end && b.start < a.end;

/** A line as it is compared: white space as single spaces, without list mark and what encloses an address. */
export function lineText(line: string): string {
  const text = line
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^[-*•]\s+/, '');
  return URL_ALONE.exec(text)?.[1] ?? text;
}

/** What a baseline carries of a line under `lines`: the first 16 hexadecimal digits of the SHA-256 of its text. */
export function lineDigest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 16);
}
