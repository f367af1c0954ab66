import type { SourceFile, Span } from '../text/source.ts';
import type { DocumentCell } from './document.ts';
import { collapse } from './raw-table.ts';

/** The parts of a cell's text while it is collected; `close` says where a part ends that is not the cell's text. */
export interface TextParts {
  readonly lines: string[];
  readonly footnotes: string[];
  struck: boolean;
}

/** Nothing yet. */
export function noParts(): TextParts {
  return { lines: [''], footnotes: [], struck: false };
}

/** Adds text to the last line. */
export function addText(parts: TextParts, text: string): void {
  parts.lines[parts.lines.length - 1] += text;
}

/** Begins a new line. */
export function addLine(parts: TextParts): void {
  parts.lines.push('');
}

/** A reference whose definition the document lacks stays text in Markdown; signs after a word are footnotes anywhere. */
const REFERENCE = /\[\^([^\]\s]{1,40})\]/g;
const SIGNS = /(?<=[^\s,;/])\s?([¹²³⁰⁴-⁹]{1,3}|[*†‡§]{1,3})(?=$|[\s,;/])/g;

/** A cell from what its format found in it. */
export function makeCell(
  file: SourceFile,
  start: number,
  end: number,
  raw: string,
  parts: TextParts,
): DocumentCell {
  const footnotes = [...parts.footnotes];
  const take = (_: string, mark: string): string => {
    footnotes.push(mark);
    return '';
  };
  const lines = parts.lines
    .map((line) => collapse(collapse(line.replace(REFERENCE, take)).replace(SIGNS, take)))
    .filter((line) => line !== '');
  const span: Span = { file, start, end };
  return { verbatim: collapse(raw), text: lines.join('\n'), footnotes, struck: parts.struck, span };
}

/** The cell that a row leaves out. */
export function absentCell(at: Span): DocumentCell {
  const span: Span = { ...at, start: at.end };
  return { verbatim: '', text: '', footnotes: [], struck: false, span };
}
