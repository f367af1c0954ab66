import type { Diagnostic, InputFile, Result, SiteFile } from '../../api.ts';
import { type AccountRequest, AccountSite } from '../../api/fleet/account.ts';
import { type PackedDiagnostic, packDiagnostic } from '../../api/fleet/packed.ts';
import type { RecordHead } from '../../api/fleet/blob.ts';
import type { BatchOutcome } from '../../api/fleet/host-checker.ts';
import { type PackedHosts, type PackedSite, SiteWorker } from '../../api/fleet/packed-site.ts';
import type { HostOutcome } from '../../api/fleet/record.ts';
import { readBeside } from '../site.ts';
import { RecordCache } from './cache.ts';

/** What a worker is given: plain values. */
export type WorkerSite = FleetWork | AccountWork;

/** An account whose points are checked. */
export interface AccountWork {
  readonly account: AccountRequest;
}

/** A site whose hosts are checked. */
export interface FleetWork {
  readonly site: PackedSite;
  /** The greatest file that is read, in bytes. */
  readonly limit: number;
  /** Where records are kept from run to run, and what they belong to. */
  readonly cache?: { readonly folder: string; readonly build: string };
}

/** What a worker says of a batch. */
export interface WorkerAnswer extends Pick<BatchOutcome, 'warnings'> {
  /** What became of each host, or why there is nothing of it, in the batch's order. */
  readonly outcomes: readonly HostAnswer[];
  /** How many hosts there are, where only the worker knows. */
  readonly total?: number;
  /** Why none of its hosts could be checked. */
  readonly errors: readonly PackedDiagnostic[];
}

/** What became of one host. Its text is in UTF-8, as it is written: a text would be made and encoded again by whoever takes it. */
export type HostAnswer =
  | { readonly ok: true; readonly record: RecordHead; readonly text: Uint8Array }
  | Extract<HostOutcome, { ok: false }>;

/** Hosts of a site, or places among the points of an account. */
export type Batch = PackedHosts | readonly number[];

/** Checks hosts, some at a time. */
export interface Worker {
  /** What became of these hosts: plain values, which can go to another thread. */
  check(batch: Batch): Promise<WorkerAnswer>;
}

/** What checks the hosts of a site, or the points of an account. */
export function workerOf(site: WorkerSite): Worker {
  return 'account' in site ? new AccountWorker(site.account) : new FleetWorker(site);
}

/** Checks points of one account, whose exports it is given. */
class AccountWorker implements Worker {
  private opened: Promise<Result<AccountSite>> | undefined;

  constructor(private readonly request: AccountRequest) {}

  async check(batch: Batch): Promise<WorkerAnswer> {
    this.opened ??= AccountSite.open(this.request);
    const opened = await this.opened;
    if (!opened.ok) return failed(opened.errors);
    const { outcomes, ...rest } = opened.value.check(batch as readonly number[]);
    return { errors: [], outcomes: outcomes.map(encoded), ...rest };
  }
}

/** Checks hosts of one site, whose files it reads itself. */
class FleetWorker implements Worker {
  private opened: Result<SiteWorker> | undefined;
  private readonly cache: RecordCache | undefined;
  private readonly files: LastFiles;

  constructor(private readonly work: FleetWork) {
    this.files = new LastFiles(work.site.path, work.limit);
    this.cache = work.cache && new RecordCache(work.cache.folder, work.cache.build);
  }

  async check(batch: Batch): Promise<WorkerAnswer> {
    const { site } = this.work;
    this.opened ??= SiteWorker.open(site);
    if (!this.opened.ok) return failed(this.opened.errors);
    const checked = await this.opened.value.check(batch, (wanted) => this.files.read(wanted), this.cache);
    if (!checked.ok) return failed(checked.errors);
    const { outcomes, warnings } = checked.value;
    const doubts = this.cache?.takeDoubts() ?? [];
    return {
      errors: [],
      outcomes: outcomes.map(encoded),
      warnings: [...warnings, ...doubts.map(packDiagnostic)],
    };
  }
}

/** Reads the files of hosts; those of the last one are kept, as hosts of a cloud share the exports of an account, which are large. */
class LastFiles {
  private key: string | undefined;
  private kept: readonly InputFile[] = [];

  constructor(
    private readonly site: string,
    private readonly limit: number,
  ) {}

  async read(wanted: readonly SiteFile[]): Promise<Result<readonly InputFile[]>> {
    const key = JSON.stringify(wanted.map(({ path }) => path));
    if (this.key === key) return { ok: true, value: this.kept, warnings: [] };
    // What is not asked for again need not wait in memory until the next are read.
    this.key = undefined;
    this.kept = [];
    const read = await readBeside(this.site, wanted, this.limit);
    if (read.ok) {
      this.key = key;
      this.kept = read.value;
    }
    return read;
  }
}

const encoder = new TextEncoder();

function encoded(outcome: HostOutcome): HostAnswer {
  if (!outcome.ok) return outcome;
  const { text, ...record } = outcome.record;
  return { ok: true, record, text: encoder.encode(text) };
}

const failed = (errors: readonly Diagnostic[]): WorkerAnswer => ({
  errors: errors.map(packDiagnostic),
  outcomes: [],
  warnings: [],
});
