import type { Baseline } from '../../baseline/baseline.ts';
import type { Deployment, DeploymentHost } from '../../baseline/deployment.ts';
import type { ResolvedHost } from '../../baseline/model.ts';
import { resolveHosts } from '../../baseline/resolve.ts';
import { Spaces } from '../../compare/view/spaces.ts';
import { type Result, success } from '../../text/diagnostic.ts';
import { HostFileCache } from '../host/cache.ts';
import type { InputFile } from '../input.ts';
import { hostConfigs } from '../plan.ts';
import { type SiteFile, sitePath } from '../site.ts';
import { checkOne } from './check-one.ts';
import { hostKey } from './host-key.ts';
import { type PackedDiagnostic, packDiagnostic } from './packed.ts';
import type { HostOutcome, HostRecord } from './record.ts';
import type { RecordStore } from './store.ts';

/** What the hosts of a site have in common. */
export interface SiteParts {
  /** The deployment's path. */
  readonly path: string;
  /** Its hosts may be left out: those that are to be checked are given one by one. */
  readonly deployment: Deployment;
  /** The baselines that hosts name, by the name that the deployment has. */
  readonly named: ReadonlyMap<string, Baseline>;
  /** Baselines for every host besides. */
  readonly everywhere: readonly Baseline[];
  /** Whether no host of the deployment names any other baseline. */
  readonly all: boolean;
}

/** A host of a deployment and its place among the hosts of the run, from 0. */
export interface PlacedHost {
  readonly index: number;
  readonly host: DeploymentHost;
}

/** What became of some hosts. */
export interface BatchOutcome {
  readonly outcomes: readonly HostOutcome[];
  /** What is to be told of the site; other batches may tell the same. */
  readonly warnings: readonly PackedDiagnostic[];
}

/** Reads the files of a host: all of them, or why one could not be read. */
export type ReadFiles = (wanted: readonly SiteFile[]) => Promise<Result<readonly InputFile[]>>;

/** Checks hosts of one site, one after the other. */
export class HostChecker {
  private readonly files = new HostFileCache();
  private readonly spaces = new Spaces();

  constructor(private readonly site: SiteParts) {}

  /**
   * Checks some hosts. What is wrong with one of them is its own outcome; what is wrong with the rows of any is told of all.
   * @param store where results are kept from run to run; undefined: nowhere
   */
  async check(
    placed: readonly PlacedHost[],
    read: ReadFiles,
    store?: RecordStore,
  ): Promise<Result<BatchOutcome>> {
    const { deployment, named, everywhere, all } = this.site;
    const hosts = placed.map(({ host }) => host);
    const resolved = resolveHosts(deployment, named, everywhere, hosts, all);
    if (!resolved.ok) return resolved;
    const outcomes: HostOutcome[] = [];
    for (const [i, host] of resolved.value.entries()) {
      const one = placed[i] as PlacedHost;
      const result = await this.one(one, host, read, store);
      outcomes.push(
        result.ok
          ? { ok: true, ...result.value }
          : { ok: false, index: one.index, name: host.name, errors: result.errors.map(packDiagnostic) },
      );
    }
    return success({ outcomes, warnings: resolved.warnings.map(packDiagnostic) });
  }

  private async one(
    { index, host: from }: PlacedHost,
    host: ResolvedHost,
    read: ReadFiles,
    store: RecordStore | undefined,
  ): Promise<Result<{ readonly record: HostRecord; readonly cached: boolean }>> {
    const files = await read(this.wanted(from));
    if (!files.ok) return files;
    const configs = hostConfigs({ files: files.value }, from, this.site);
    if (!configs.ok) return configs;
    const key = store && hostKey(host, from, configs.value);
    const known = key === undefined ? undefined : await store?.get(key);
    if (known !== undefined) return success({ record: { ...known, index }, cached: true });
    const task = { host, configs: configs.value, ...(from.selector && { selector: from.selector }) };
    const record = await checkOne(index, task, this.files, this.spaces);
    if (record.ok && key !== undefined) await store?.put(key, record.value);
    return record.ok ? success({ record: record.value, cached: false }) : record;
  }

  private wanted({ configs }: DeploymentHost): SiteFile[] {
    const found = new Map<string, SiteFile>();
    for (const { path, span } of configs) {
      const seen = sitePath(this.site.path, path);
      if (!found.has(seen)) found.set(seen, { path: seen, span });
    }
    return [...found.values()];
  }
}
