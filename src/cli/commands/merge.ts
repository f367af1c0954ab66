import { constants, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Diagnostic, Result, Severity } from '../../api.ts';
import { type BlobSource, type Merged, mergeBlobs } from '../../api/fleet/merge.ts';
import { FleetTotals } from '../../api/fleet/totals.ts';
import type { RecordHead } from '../../api/fleet/blob.ts';
import { fleetRenderers } from '../fleet/check-site.ts';
import { linesOf } from '../fleet/lines.ts';
import { Spool } from '../fleet/spool.ts';
import { filesOfFolder } from '../folder.ts';
import type { FormatChoice } from '../options.ts';
import { readFailure } from '../read.ts';
import { deliver, fail, warn } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';

interface MergeOptions {
  readonly format?: readonly FormatChoice[];
  readonly failOn: Severity;
  readonly allowUndetermined?: boolean;
  readonly maxInputSize: number;
  readonly quiet?: boolean;
}

/** `postern merge <dir>`. */
export async function runMerge(
  streams: Streams,
  [folder = '.']: readonly string[],
  options: MergeOptions,
): Promise<ExitStatus> {
  const formats = options.format ?? [{ name: 'text' }];
  if (formats.some(({ name, file }) => name === 'parquet' && file === undefined))
    return fail(streams, [
      usage('a Parquet file is no text to print', 'name a file: `--format parquet=<file>`'),
    ]);
  const files = await filesOfFolder(folder);
  if (files === undefined || files.length === 0) return fail(streams, [nothing(folder, files !== undefined)]);
  const spool = new Spool();
  const totals = new FleetTotals();
  const records: RecordHead[] = [];
  try {
    const merged = await merge(files, options.maxInputSize, ({ text, ...rest }) => {
      totals.add(rest);
      records.push(rest);
      spool.add(Buffer.from(text, 'utf8'));
    });
    if (!merged.ok) return await fail(streams, merged.errors);
    const { head, warnings } = merged.value;
    totals.warn(warnings);
    await warn(streams, totals.warnings, options);
    const output = {
      around: totals.around(head),
      records,
      texts: () => spool.texts(),
      bytes: () => spool.bytes(),
      warnings: [],
    };
    const { failOn, allowUndetermined = false } = options;
    const status = totals.exceeds({ failOn, allowUndetermined }) ? 1 : 0;
    return await deliver(streams, formats, await fleetRenderers(formats, output), files, status);
  } finally {
    spool.close();
  }
}

async function merge(
  files: readonly string[],
  limit: number,
  each: Parameters<typeof mergeBlobs>[1],
): Promise<Result<Merged>> {
  let path = '';
  const sources = files.map(
    (file): BlobSource => ({
      path: file,
      lines: named(file, linesOfFile(file, limit)),
    }),
  );
  async function* named(file: string, lines: AsyncIterable<string>): AsyncGenerator<string> {
    try {
      yield* lines;
    } catch (error) {
      path = file;
      throw error;
    }
  }
  try {
    return await mergeBlobs(sources, each);
  } catch (error) {
    if (path === '') throw error;
    return readFailure(path, error);
  } finally {
    for (const { lines } of sources) await lines.return?.();
  }
}

/** The lines of a file that is opened when its first line is asked for: one that cannot be opened throws to who asks. */
async function* linesOfFile(path: string, limit: number): AsyncGenerator<string> {
  // A link may lead to a pipe, which must not be waited for (open(2), O_NONBLOCK).
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() && !stat.isDirectory()) throw Object.assign(new Error(), { code: 'it is no file' });
    yield* linesOf(handle.createReadStream({ autoClose: false, highWaterMark: 1 << 18 }), limit);
  } finally {
    await handle.close();
  }
}

const usage = (message: string, help: string): Diagnostic => ({
  severity: 'error',
  code: 'usage',
  message,
  help,
});

function nothing(folder: string, exists: boolean): Diagnostic {
  const message = exists
    ? 'the folder has no files'
    : existsSync(folder)
      ? 'this is a file, not a folder'
      : 'there is no such folder';
  return {
    severity: 'error',
    code: 'no-blobs',
    path: folder,
    message,
    expected: 'a folder with the blobs of all shards',
    help: 'each `postern check --shard i/n --format blob=<file>` writes one',
  };
}
