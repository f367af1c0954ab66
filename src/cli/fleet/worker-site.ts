import type { Diagnostic, Result } from '../../api.ts';
import { type PackedDiagnostic, packDiagnostic } from '../../api/fleet/packed.ts';
import { type BatchOutcome, type FleetRequest, FleetSite } from '../../api/fleet/site.ts';
import { readBeside } from '../site.ts';
import { RecordCache } from './cache.ts';

/** What a worker is given of a site: plain values. */
export interface WorkerSite {
  readonly request: FleetRequest;
  /** The greatest file that is read, in bytes. */
  readonly limit: number;
  /** Where records are kept from run to run, and what they belong to. */
  readonly cache?: { readonly folder: string; readonly build: string };
}

/** What a worker says of a batch. */
export interface WorkerAnswer extends BatchOutcome {
  /** Why none of its hosts could be checked. */
  readonly errors: readonly PackedDiagnostic[];
}

/** Checks hosts of one site, whose files it reads itself. */
export class FleetWorker {
  private opened: Result<FleetSite> | undefined;
  private readonly cache: RecordCache | undefined;

  constructor(private readonly site: WorkerSite) {
    this.cache = site.cache && new RecordCache(site.cache.folder, site.cache.build);
  }

  /** What became of the hosts at these places: plain values, which can go to another thread. */
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
