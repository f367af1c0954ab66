import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Diagnostic, InputFile, Result } from '../../api.ts';
import { type AccountHeader, accountHeader, type AccountRequest } from '../../api/fleet/account.ts';
import type { RecordHead } from '../../api/fleet/blob.ts';
import { unpackDiagnostic } from '../../api/fleet/packed.ts';
import type { PackedSite } from '../../api/fleet/packed-site.ts';
import { shardIndices, type Shard } from '../../api/fleet/shard.ts';
import { type FleetHeader, type FleetRequest, FleetSite } from '../../api/fleet/site.ts';
import { FleetTotals } from '../../api/fleet/totals.ts';
import { HostProblems } from '../../api/host/problems.ts';
import { sizeOf } from '../inputs.ts';
import { buildOf } from './build.ts';
import { inOrder } from './pool.ts';
import { noRoom } from './room.ts';
import { Spool } from './spool.ts';
import type { Batch, WorkerAnswer, WorkerSite } from './worker-site.ts';

/** How a site's hosts are checked. */
export interface FleetOptions {
  /** Workers; undefined: as many as there are processors, where there are hosts enough. */
  readonly jobs?: number | undefined;
  readonly shard?: Shard | undefined;
  /** A folder where results are kept. */
  readonly cache?: string | undefined;
  /** The greatest file that is read, in bytes. */
  readonly limit: number;
  /** Called when so many of so many hosts are done. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** What hosts came to, while the spool is open. */
export interface HostResults {
  readonly totals: FleetTotals;
  /** What the report says of each host, without the text that is in the spool. */
  readonly records: readonly RecordHead[];
  readonly spool: Spool;
}

/** What a run of an account's points has. */
export interface AccountResult extends HostResults {
  readonly header: AccountHeader;
}

/** What a run of a site's hosts has. */
export interface FleetResult extends HostResults {
  readonly header: FleetHeader;
  /** The names of all hosts of the run, those of other shards too. */
  readonly names: readonly string[];
}

/** Hosts that a worker takes at once. */
const BATCH = 16;
/** With fewer hosts than this, workers would take longer to start than the hosts to check. */
const FEW_HOSTS = 48;

/** Checks the hosts of a site, or a shard of them. All are tried, and all problems told. */
export async function runFleet(request: FleetRequest, options: FleetOptions): Promise<Result<FleetResult>> {
  const opened = FleetSite.open(request);
  if (!opened.ok) return opened;
  const site = opened.value;
  const names = site.hosts.map(({ name }) => name);
  const indices = shardIndices(names, options.shard);
  const built = options.cache === undefined ? undefined : await cacheOf(options.cache);
  if (built?.ok === false) return built;
  const work: WorkerSite = {
    site: plain(site.packed()),
    limit: options.limit,
    ...(built === undefined ? {} : { cache: built.value }),
  };
  const jobs = Math.min(
    options.jobs ?? defaultJobs(indices.length),
    Math.max(1, Math.ceil(indices.length / BATCH)),
  );
  const gathered = new Gathered(options, indices.length);
  const problem = await gathered.all(work, batchesOf(site, indices), jobs);
  if (problem !== undefined) return { ok: false, errors: [problem] };
  const ended = gathered.end();
  if (!ended.ok) return ended;
  const value = { header: site.header(), names, ...ended.value };
  return { ok: true, value, warnings: [...opened.warnings, ...ended.value.totals.warnings] };
}

/** Checks every point of an account as a host of its own; how many there are the workers say. */
export async function runAccount(
  request: AccountRequest,
  options: Pick<FleetOptions, 'jobs' | 'onProgress'>,
): Promise<Result<AccountResult>> {
  const header = accountHeader(request);
  if (!header.ok) return header;
  const gathered = new Gathered(options);
  const problem = await gathered.all(
    { account: request },
    gathered.batches(),
    options.jobs ?? jobsFor(request),
  );
  if (problem !== undefined) return { ok: false, errors: [problem] };
  const ended = gathered.end();
  if (!ended.ok) return ended;
  const value = { header: header.value, ...ended.value };
  return { ok: true, value, warnings: [...header.warnings, ...ended.value.totals.warnings] };
}

/** Takes what workers answer. */
class Gathered {
  readonly totals = new FleetTotals();
  readonly records: RecordHead[] = [];
  readonly spool = new Spool();
  private readonly hostErrors = new HostProblems();
  private readonly siteErrors = new Map<string, Diagnostic>();

  constructor(
    private readonly options: Pick<FleetOptions, 'onProgress'>,
    private of?: number,
  ) {}

  /** Has all batches checked; gives what ran out meanwhile, where something did. */
  async all(work: WorkerSite, batches: Iterable<Batch>, jobs: number): Promise<Diagnostic | undefined> {
    try {
      for await (const answer of inOrder(work, batches, jobs)) this.add(answer);
    } catch (error) {
      this.spool.close();
      const problem = noRoom(error);
      if (problem === undefined) throw error;
      return problem;
    }
    return undefined;
  }

  /** Batches of hosts, until an answer says that there are no more, or that there is something wrong with all of them. */
  *batches(): Generator<readonly number[]> {
    for (
      let first = 0;
      this.siteErrors.size === 0 && (this.of === undefined || first < this.of);
      first += BATCH
    )
      yield Array.from({ length: BATCH }, (_, i) => first + i);
  }

  /** Everything that was gathered, or why there can be no report. */
  end(): Result<HostResults> {
    const { totals, records, spool } = this;
    const errors = [...this.siteErrors.values(), ...this.hostErrors.list(true)];
    if (errors.length === 0) return { ok: true, value: { totals, records, spool }, warnings: [] };
    spool.close();
    return { ok: false, errors };
  }

  private add({ errors, outcomes, warnings, total }: WorkerAnswer): void {
    this.of = total ?? this.of;
    // What is wrong with the site stops every batch.
    for (const one of errors) this.siteErrors.set(JSON.stringify(one), unpackDiagnostic(one));
    this.totals.warn(warnings);
    for (const outcome of outcomes) {
      if (!outcome.ok) for (const one of outcome.errors) this.hostErrors.addPacked(outcome.name, one);
      else {
        this.totals.add(outcome.record);
        this.records.push(outcome.record);
        this.spool.add(outcome.text);
      }
    }
    this.options.onProgress?.(this.records.length, this.of ?? this.records.length);
  }
}

function defaultJobs(hosts: number): number {
  return hosts < FEW_HOSTS ? 1 : availableParallelism();
}

/**
 * Each worker reads all exports, and what points have in common each works out for itself: of less than this one is quicker than
 * two (bench/README.md).
 */
const SEVERAL_WORKERS = 10_000_000;

function jobsFor({ configs = [] }: AccountRequest): number {
  return sizeOf(configs) < SEVERAL_WORKERS ? 1 : availableParallelism();
}

/** Batches are packed as workers ask for them: only a few are under way. */
function* batchesOf(site: FleetSite, indices: readonly number[]): Generator<Batch> {
  for (let i = 0; i < indices.length; i += BATCH) yield site.packedHosts(indices.slice(i, i + BATCH));
}

async function cacheOf(folder: string): Promise<Result<{ folder: string; build: string }>> {
  const build = await buildOf(fileURLToPath(import.meta.url));
  return build.ok ? { ok: true, value: { folder, build: build.value }, warnings: [] } : build;
}

/** Buffers that are parts of larger ones would take those along to each worker. */
function plain(site: PackedSite): PackedSite {
  const copy = (file: InputFile): InputFile => ({ ...file, bytes: new Uint8Array(file.bytes) });
  return {
    ...site,
    baselines: site.baselines.map((one) => (typeof one === 'string' ? one : copy(one))),
    files: site.files.map(copy),
  };
}
