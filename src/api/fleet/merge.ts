import { createHash } from 'node:crypto';
import type { HostReport } from '../../finding/report.ts';
import { hostJson } from '../../report/json.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import { parseJson } from '../../text/json.ts';
import { SourceFile } from '../../text/source.ts';
import type { BlobEnd, BlobHead, BlobHost } from './blob.ts';
import { type LineKind, lineProblem } from './blob-shape.ts';
import { headProblems } from './merge-heads.ts';
import { type HostRecord, recordOf } from './record.ts';
import { shardOf } from './shard.ts';
import type { PackedDiagnostic } from './packed.ts';

/** A blob to read, line by line. */
export interface BlobSource {
  readonly path: string;
  /** The lines without their line breaks. A failure to read throws. */
  readonly lines: AsyncIterator<string>;
}

/** What merging gives besides the records. */
export interface Merged {
  /** The head of the run: all blobs agree but for the shard. */
  readonly head: BlobHead;
  readonly warnings: readonly PackedDiagnostic[];
}

/**
 * Puts the shards of one run together. Refuses where a shard is missing, doubled or of another run (tool, baselines,
 * deployment, hosts), and where a blob was cut off or changed.
 * @param each is given every host, in the order of the run; what it was given counts only where the result is good
 */
export async function mergeBlobs(
  sources: readonly BlobSource[],
  each: (record: HostRecord) => void,
): Promise<Result<Merged>> {
  const readers = sources.map((source) => new BlobReader(source));
  for (const reader of readers) await reader.start();
  const begun = problemsOf(readers);
  if (begun.length > 0) return failure(...begun);
  const heads = readers.map(({ path, head }) => ({ path, head: head as BlobHead }));
  const wrong = headProblems(heads);
  if (wrong.length > 0) return failure(...wrong);
  const { head } = heads[0] as (typeof heads)[number];
  const names = createHash('sha256');
  for (let index = 0; index < head.hosts; index++) {
    const reader = readers.find(({ next }) => next?.index === index);
    if (reader?.next === undefined) break;
    names.update(`${reader.next.name}\n`);
    each(recordFrom(reader.next));
    await reader.advance();
  }
  const ended = [...problemsOf(readers), ...leftovers(readers)];
  if (ended.length > 0) return failure(...ended);
  if (names.digest('hex') !== head.names) return failure(incomplete(heads.map(({ path }) => path)));
  return success({ head, warnings: readers.flatMap(({ warnings }) => warnings) });
}

function recordFrom({ index, report, ...rest }: BlobHost): HostRecord {
  const host = report as HostReport;
  return recordOf(index, host, { ...rest, text: hostJson(host) });
}

const problemsOf = (readers: readonly BlobReader[]): Diagnostic[] =>
  readers.flatMap(({ problem }) => problem ?? []);

/** Blobs with hosts that never came up: their places are taken, or those before them are nobody's. */
function leftovers(readers: readonly BlobReader[]): Diagnostic[] {
  const left = readers.filter(({ next }) => next !== undefined);
  return left.length === 0 ? [] : [incomplete(left.map(({ path }) => path))];
}

function incomplete(paths: readonly string[]): Diagnostic {
  return {
    severity: 'error',
    code: 'shards-differ',
    path: paths[0] as string,
    message: 'the shards together are not the hosts of the run, each once',
    help: 'run the shards again, all with the same deployment',
  };
}

const NO_BLOB =
  'take it away: the folder has the blobs of all shards (`--format blob=<file>`) and nothing else, no report in another format';

/** How the first line of every blob begins. */
const BLOB_BEGINS = /^\{"schemaVersion":"[^"]{1,20}","kind":"postern-blob"/;

/** One blob, checked as it is read. */
class BlobReader {
  head: BlobHead | undefined;
  /** The host that comes next; undefined at the end. */
  next: BlobHost | undefined;
  warnings: readonly PackedDiagnostic[] = [];
  problem: Diagnostic | undefined;
  private readonly hash = createHash('sha256');
  private line = 0;
  private count = 0;

  constructor(private readonly source: BlobSource) {}

  get path(): string {
    return this.source.path;
  }

  async start(): Promise<void> {
    const text = await this.read();
    if (text === undefined) return;
    this.head = this.parsed('head', text);
    if (this.head !== undefined) await this.advance();
  }

  async advance(): Promise<void> {
    const before = this.next?.index ?? -1;
    this.next = undefined;
    const text = await this.read();
    if (text === undefined) return;
    if (text.startsWith('{"end":')) return this.finish(text);
    const host = this.parsed<BlobHost>('host', text);
    if (host === undefined) return;
    const { shard, hosts } = this.head as BlobHead;
    const fits = host.index > before && host.index < hosts && shardOf(host.name, shard.count) === shard.index;
    if (!fits || (host.report as HostReport).name !== host.name)
      this.wrong(`the host \`${host.name.slice(0, 100)}\` does not belong here`);
    else {
      this.count++;
      this.next = host;
    }
  }

  private async finish(text: string): Promise<void> {
    const end = this.parsed<BlobEnd>('end', text, true);
    if (end === undefined) return;
    this.warnings = end.warnings;
    if (end.count !== this.count || end.sha256 !== this.hash.digest('hex'))
      this.wrong('the blob is not as it was written: its digest is another');
    else if ((await this.source.lines.next()).done !== true)
      this.wrong('something follows the last line of the blob');
  }

  private async read(): Promise<string | undefined> {
    const { done, value } = await this.source.lines.next();
    this.line++;
    if (done !== true) return value;
    this.wrong(this.line === 1 ? 'the file is empty' : 'the blob ends early: its last line is missing');
    return undefined;
  }

  private parsed<T>(kind: LineKind, text: string, last = false): T | undefined {
    if (!last) this.hash.update(`${text}\n`);
    if (kind === 'head' && !BLOB_BEGINS.test(text)) {
      this.wrong('this is no blob', 1, NO_BLOB);
      return undefined;
    }
    const json = parseJson(new SourceFile(this.path, text));
    if (!json.ok) {
      this.wrong('this line is no JSON', (json.errors[0]?.span?.start ?? 0) + 1);
      return undefined;
    }
    const problem = lineProblem(kind, json.value);
    if (problem === undefined) return json.value as T;
    this.wrong(`this is not the ${kind === 'head' ? 'first line' : kind} of a blob: ${problem}`);
    return undefined;
  }

  private wrong(message: string, column = 1, help = 'run this shard again'): void {
    this.problem ??= {
      severity: 'error',
      code: 'bad-blob',
      path: `${this.path}:${this.line}:${column}`,
      message,
      expected: 'a whole blob, as `postern check --format blob=<file>` writes it',
      help,
    };
  }
}
