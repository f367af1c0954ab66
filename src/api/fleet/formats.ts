import type { Report } from '../../finding/report.ts';
import { type Layout, type ReportFormat, reportRenderer } from '../reports.ts';
import { type BlobHead, blobLines, type RecordHead } from './blob.ts';
import { fleetJson, fleetReport, parsedHosts } from './totals.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';

/** What a run of many hosts has to show, as often as it is asked. */
export interface FleetOutput {
  /** The report around its hosts. */
  readonly around: Report;
  readonly records: readonly RecordHead[];
  /** The hosts' texts in order, from the first. */
  readonly texts: () => Iterable<string>;
  /** The same texts in UTF-8, where they are kept so. */
  readonly bytes?: () => Iterable<Uint8Array>;
  readonly warnings: readonly Diagnostic[];
  /** What a blob begins with; undefined where the run makes none. */
  readonly head?: BlobHead;
}

/** What writes a format for many hosts. JSON, tables and blobs are written host by host; other formats take the whole report. */
export async function fleetRenderer(
  format: string,
  output: FleetOutput,
): Promise<(layout: Layout) => Iterable<string | Uint8Array>> {
  const { around, texts, bytes, head, records, warnings } = output;
  if (format === 'json' && bytes !== undefined) return () => joined(fleetJson(around, bytes()));
  if (format === 'json') return () => fleetJson(around, texts());
  if (format === 'blob' && head !== undefined) return () => blobLines(head, records, texts(), warnings);
  if (format === 'parquet') {
    const { parquetChunks } = await import('./parquet.ts');
    return () => parquetChunks(around, parsedHosts(texts()));
  }
  const render = await reportRenderer(format as ReportFormat);
  return (layout) => render(fleetReport(around, texts()), layout);
}

/** Bytes that are written at once: hosts are small. */
const PIECE = 1 << 18;

/** Small pieces as large ones. */
function* joined(pieces: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let held = 0;
  for (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
    waiting.push(bytes);
    held += bytes.length;
    if (held < PIECE) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    held = 0;
  }
  yield Buffer.concat(waiting);
}

/** What writes a format that is no text, of a report in memory. */
export async function tableRenderer(report: Report): Promise<() => Iterable<Uint8Array>> {
  const { parquetChunks } = await import('./parquet.ts');
  return () => parquetChunks(report, report.hosts);
}
