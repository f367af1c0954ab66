import type { Baseline } from '../baseline/baseline.ts';
import { formatPlace } from '../text/source.ts';
import { type Drift, type Found, hasDrift, type RowChange } from './verify.ts';

/** The comparison as lines of text; texts from documents are as they stand there, and not yet safe for a terminal. */
export function driftLines(baseline: Baseline, path: string, drift: Drift): string[] {
  return [
    `${baseline.id} against ${path}: ${hasDrift(drift) ? 'drift' : 'no drift'}`,
    `  ${drift.unchanged} of ${baseline.rows.length} ${baseline.rows.length === 1 ? 'row' : 'rows'} unchanged`,
    ...section('added', drift.added.flatMap(addedLines), drift.added.length),
    ...section('removed', drift.removed.flatMap(removedLines), drift.removed.length),
    ...section('changed', drift.changed.flatMap(changedLines), drift.changed.length),
    ...section(
      'moved',
      drift.moved.map(([row, found]) => `${row.id}: from ${row.document.row} to ${placeOf(found)}`),
      drift.moved.length,
    ),
    ...lineSection(drift),
    ...(drift.withoutDigest.length === 0
      ? []
      : [
          `  ${drift.withoutDigest.length} ${drift.withoutDigest.length === 1 ? 'row of the baseline has' : 'rows of the baseline have'} no digest: changed notes there are not seen`,
        ]),
  ];
}

function section(title: string, lines: readonly string[], count: number): string[] {
  return count === 0 ? [] : [`  ${title} (${count})`, ...lines.map((line) => `    ${line}`)];
}

function addedLines(found: Found): string[] {
  return [placeOf(found), `  ${found.row.cells.map(({ verbatim }) => verbatim).join(' | ')}`];
}

function removedLines({ id, document }: Drift['removed'][number]): string[] {
  return [`${id}: ${document.row}`, `  ${document.text}`];
}

function changedLines({ row, found, cells }: RowChange): string[] {
  return [
    `${row.id}: ${placeOf(found)}`,
    ...cells.map(({ column, from, to }) => {
      if (from === undefined)
        return `  ${column}: ${to ?? ''} (what stood there before is not in the baseline)`;
      return `  ${column}: ${from} → ${to ?? '(no such column)'}`;
    }),
  ];
}

/** `Communication between users and Segura, row 4 (page.md:31:1)`. */
export function placeOf({ table, row }: Found): string {
  const title = table.title === '' ? `table ${table.index}` : table.title;
  return `${title}, row ${row.number} (${formatPlace(row.span)})`;
}

function lineSection({ lines }: Drift): string[] {
  if (lines === undefined)
    return ['  lines outside the tables were not compared: the baseline does not note them (`lines`)'];
  const removed = lines.removed === 0 ? [] : [`${lines.removed} of the lines that were there are gone`];
  return section(
    'lines outside the tables',
    [...lines.added.map(({ text, span }) => `new: ${text} (${formatPlace(span)})`), ...removed],
    lines.added.length + lines.removed,
  );
}
