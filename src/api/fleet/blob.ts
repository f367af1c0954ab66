import { createHash } from 'node:crypto';
import type { Report } from '../../finding/report.ts';
import { jsonLine } from '../../report/visible.ts';
import { type PackedDiagnostic, packDiagnostic } from './packed.ts';
import type { HostRecord } from './record.ts';
import type { Shard } from './shard.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';

/** The first line of a blob (shape: schemas/blob.schema.json). */
export interface BlobHead extends Pick<Report, 'tool' | 'baselines'>, Required<Pick<Report, 'deployment'>> {
  readonly schemaVersion: '1';
  readonly kind: 'postern-blob';
  readonly shard: Shard;
  /** Hosts of the whole run, of which the shard has some. */
  readonly hosts: number;
  /** SHA-256 over the names of all hosts of the run, in order, each ended by a line break. */
  readonly names: string;
}

/** A line of a blob between the first and the last: one host, in the order of the run. */
export interface BlobHost extends Omit<HostRecord, 'text' | 'tally' | 'warnings'> {
  readonly warnings: readonly PackedDiagnostic[];
  /** The host as a report has it. */
  readonly report: unknown;
}

/** The last line: a blob without it was cut off. */
export interface BlobEnd {
  readonly end: true;
  /** How many hosts the blob has. */
  readonly count: number;
  /** Warnings about the site. */
  readonly warnings: readonly PackedDiagnostic[];
  /** SHA-256 of all bytes before this line. */
  readonly sha256: string;
}

/** A record without its host's text: what stays in memory. */
export type RecordHead = Omit<HostRecord, 'text'>;

/** A shard's result as lines of JSON. */
export function* blobLines(
  head: BlobHead,
  records: readonly RecordHead[],
  texts: Iterable<string>,
  warnings: readonly Diagnostic[],
): Generator<string> {
  const hash = createHash('sha256');
  const line = (text: string): string => {
    hash.update(`${text}\n`);
    return `${text}\n`;
  };
  yield line(jsonLine(head));
  let i = 0;
  for (const text of texts) {
    const { index, name, inputs, coverage, warnings: told } = records[i++] as RecordHead;
    const host: BlobHost = { index, name, inputs, coverage, warnings: told, report: JSON.parse(text) };
    yield line(jsonLine(host));
  }
  const end: BlobEnd = {
    end: true,
    count: i,
    warnings: warnings.map(packDiagnostic),
    sha256: hash.digest('hex'),
  };
  yield `${jsonLine(end)}\n`;
}

/** The head of a shard's blob. */
export function blobHead(
  header: Omit<BlobHead, 'schemaVersion' | 'kind' | 'shard' | 'hosts' | 'names'>,
  names: readonly string[],
  shard: Shard,
): BlobHead {
  const { tool, baselines, deployment } = header;
  const hash = createHash('sha256');
  for (const name of names) hash.update(`${name}\n`);
  return {
    schemaVersion: '1',
    kind: 'postern-blob',
    tool,
    baselines,
    deployment,
    shard,
    hosts: names.length,
    names: hash.digest('hex'),
  };
}
