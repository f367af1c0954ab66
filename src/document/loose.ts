import { SourceFile, type Span } from '../text/source.ts';
import { htmlLines } from './html-lines.ts';
import type { RawTable } from './raw-table.ts';
import { isDelimiter, splitBars } from './restore.ts';

const MOST_LINES = 1000;

/** `VPN → Manager: 22, 8080`, `- 443/80: Client access`, `5500/tcp`: a port beside an arrow, a colon or a protocol. */
const CONNECTION =
  /[→⇒↔⇔⟶]\s?[^|\n]{1,80}:\s?\d{2,5}\b|->\s?[^|\n]{1,80}:\s?\d{2,5}\b|^\s*[-*•]\s+\d{2,5}(?:\/\d{2,5}){0,5}:\s|\b\d{2,5}\/(?:tcp|udp)\b|\b(?:tcp|udp)[ /:]\d{2,5}\b|\bports?\s\(?\d{2,5}\b/i;

/** Lines outside the tables that look like connections: nobody reads them, so somebody must be told. */
export function looseConnections(file: SourceFile, tables: readonly RawTable[]): Span[] {
  const found: Span[] = [];
  let at = 0;
  let passed = 0;
  for (const line of file.text.split('\n')) {
    const start = at;
    at += line.length + 1;
    while ((tables[passed]?.span.end ?? Infinity) <= start) passed++;
    const table = tables[passed];
    if (table !== undefined && table.span.start < at) continue;
    if (line.length > 2000 || !(CONNECTION.test(line) || isStrayRow(line))) continue;
    found.push({
      file,
      start: start + line.length - line.trimStart().length,
      end: start + line.trimEnd().length,
    });
    if (found.length >= MOST_LINES) break;
  }
  return found;
}

/** The same of an HTML page, whose lines are those that a browser shows: `<li>443: updates</li>` may stand anywhere in the text. */
export function looseInHtml(file: SourceFile, tables: readonly RawTable[]): Span[] {
  const found: Span[] = [];
  for (const { text, start, end, item } of htmlLines(file.text)) {
    const line = `${item ? '- ' : ''}${text}`;
    if (tables.some(({ span }) => span.start < end && start < span.end)) continue;
    if (looseConnections(new SourceFile('', line), []).length > 0) found.push({ file, start, end });
    if (found.length >= MOST_LINES) break;
  }
  return found;
}

/** A row of a pipe table that stands in none: after a broken line, in a block of code. */
function isStrayRow(line: string): boolean {
  return line.includes('|') && /\b\d{2,5}\b/.test(line) && splitBars(line).length >= 3 && !isDelimiter(line);
}
