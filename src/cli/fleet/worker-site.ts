import type { Diagnostic, Result } from '../../api.ts';
import { type AccountRequest, AccountSite } from '../../api/fleet/account.ts';
import { type PackedDiagnostic, packDiagnostic } from '../../api/fleet/packed.ts';
import { type BatchOutcome, type FleetRequest, FleetSite } from '../../api/fleet/site.ts';
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
  readonly request: FleetRequest;
  /** The greatest file that is read, in bytes. */
  readonly limit: number;
  /** Where records are kept from run to run, and what they belong to. */
  readonly cache?: { readonly folder: string; readonly build: string };
}

/** What a worker says of a batch. */
export interface WorkerAnswer extends BatchOutcome {
  /** How many hosts there are, where only the worker knows. */
  readonly total?: number;
  /** Why none of its hosts could be checked. */
  readonly errors: readonly PackedDiagnostic[];
}

/** Checks hosts, some at a time. */
export interface Worker {
  /** What became of the hosts at these places: plain values, which can go to another thread. */
  check(batch: readonly number[]): Promise<WorkerAnswer>;
}

/** What checks the hosts of a site, or the points of an account. */
export function workerOf(site: WorkerSite): Worker {
  return 'account' in site ? new AccountWorker(site.account) : new FleetWorker(site);
}

/** Checks points of one account, whose exports it is given. */
class AccountWorker implements Worker {
  private opened: Promise<Result<AccountSite>> | undefined;

  constructor(private readonly request: AccountRequest) {}

  async check(batch: readonly number[]): Promise<WorkerAnswer> {
    this.opened ??= AccountSite.open(this.request);
    const opened = await this.opened;
    return opened.ok ? { errors: [], ...opened.value.check(batch) } : failed(opened.errors);
  }
}

/** Checks hosts of one site, whose files it reads itself. */
class FleetWorker implements Worker {
  private opened: Result<FleetSite> | undefined;
  private readonly cache: RecordCache | undefined;

  constructor(private readonly site: FleetWork) {
    this.cache = site.cache && new RecordCache(site.cache.folder, site.cache.build);
  }

  async check(batch: readonly number[]): Promise<WorkerAnswer> {
    this.opened ??= FleetSite.open(this.site.request);
    if (!this.opened.ok) return failed(this.opened.errors);
    const { request, limit } = this.site;
    const read = (wanted: Parameters<typeof readBeside>[1]) =>
      readBeside(request.deployment.path, wanted, limit);
    const checked = await this.opened.value.check(batch, read, this.cache);
    if (!checked.ok) return failed(checked.errors);
    const { outcomes, warnings } = checked.value;
    const doubts = this.cache?.takeDoubts() ?? [];
    return { errors: [], outcomes, warnings: [...warnings, ...doubts.map(packDiagnostic)] };
  }
}

const failed = (errors: readonly Diagnostic[]): WorkerAnswer => ({
  errors: errors.map(packDiagnostic),
  outcomes: [],
  warnings: [],
});
