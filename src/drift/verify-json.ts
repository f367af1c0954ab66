import type { Baseline } from '../baseline/baseline.ts';
import type { Document } from '../document/document.ts';
import type { Span } from '../text/source.ts';
import { type Drift, type Found, hasDrift } from './verify.ts';

/** The comparison in the shape of schemas/baseline-verify.schema.json. */
export function driftJson(
  baseline: Baseline,
  document: Document,
  sha256: string,
  drift: Drift,
): Record<string, unknown> {
  const { id, title } = baseline;
  const { lines } = drift;
  return {
    schemaVersion: '1',
    baseline: { id, title, document: baseline.document, sha256: baseline.sha256 },
    document: {
      path: document.source.path,
      sha256,
      format: document.format,
      ...(document.title === undefined ? {} : { title: document.title }),
    },
    drift: hasDrift(drift),
    rows: {
      unchanged: drift.unchanged,
      added: drift.added.map((found) => ({ at: placeJson(found), cells: cellsJson(found) })),
      removed: drift.removed.map(({ id: row, document: from }) => ({ id: row, document: from })),
      changed: drift.changed.map(({ row, found, cells }) => ({
        id: row.id,
        document: row.document,
        at: placeJson(found),
        cells,
      })),
      moved: drift.moved.map(([row, found]) => ({
        id: row.id,
        document: row.document,
        at: placeJson(found),
      })),
      withoutDigest: drift.withoutDigest.map((row) => row.id),
    },
    lines:
      lines === undefined
        ? { compared: false, added: [], removed: 0 }
        : {
            compared: true,
            added: lines.added.map(({ text, span }) => ({ text, ...lineOf(span) })),
            removed: lines.removed,
          },
  };
}

function placeJson({ table, row }: Found): Record<string, unknown> {
  return { table: table.index, title: table.title, row: row.number, ...lineOf(row.span) };
}

function lineOf({ file, start }: Span): { file: string; line: number } {
  return { file: file.path, line: file.position(start).line };
}

function cellsJson({ table, row }: Found): Record<string, string> {
  return Object.fromEntries(table.columns.map(({ heading }, i) => [heading, row.cells[i]?.verbatim ?? '']));
}
