import type { Baseline } from '../../baseline/baseline.ts';
import type { Deployment, DeploymentHost } from '../../baseline/deployment.ts';
import { withIncluded } from '../../baseline/extends.ts';
import type { ResolvedHost } from '../../baseline/model.ts';
import { resolveHosts } from '../../baseline/resolve.ts';
import { Spaces } from '../../compare/spaces.ts';
import type { Report } from '../../finding/report.ts';
import { packageVersion } from '../../package.ts';
import { type Result, success } from '../../text/diagnostic.ts';
import { HostFileCache } from '../host-cache.ts';
import { type InputFile, sha256 } from '../input.ts';
import { hostConfigs, namedBaselines, readBaselines } from '../plan.ts';
import { uniqueBaselines } from '../report-builder.ts';
import { chooseHosts, readDeployment, type SiteFile, sitePath } from '../site.ts';
import { unreviewed } from '../unreviewed.ts';
import { checkOne } from './check-one.ts';
import { hostKey } from './host-key.ts';
import { type PackedDiagnostic, packDiagnostic } from './packed.ts';
import type { HostOutcome, HostRecord } from './record.ts';
import type { RecordStore } from './store.ts';

/** A site whose hosts are checked one by one or a few at a time, perhaps by several workers. */
export interface FleetRequest {
  readonly deployment: InputFile;
  /** Baselines for every host besides: ids of shipped ones, or files. */
  readonly baselines?: readonly (string | InputFile)[];
  /** The baseline files that the deployment names, and those that they extend. */
  readonly files?: readonly InputFile[];
  /** Only these hosts. */
  readonly hosts?: readonly string[];
}

/** What a report says before its hosts. */
export type FleetHeader = Pick<Report, 'tool' | 'baselines'> & Required<Pick<Report, 'deployment'>>;

/** What became of some hosts. */
export interface BatchOutcome {
  readonly outcomes: readonly HostOutcome[];
  /** What is to be told of the site; other batches may tell the same. */
  readonly warnings: readonly PackedDiagnostic[];
}

/** Reads the files of a host: all of them, or why one could not be read. */
export type ReadFiles = (wanted: readonly SiteFile[]) => Promise<Result<readonly InputFile[]>>;

/** A deployment and its baselines, read once for any number of hosts. */
export class FleetSite {
  private readonly files = new HostFileCache();
  private readonly spaces = new Spaces();

  private constructor(
    private readonly request: FleetRequest,
    private readonly deployment: Deployment,
    /** The hosts that are to be checked, in the deployment's order. */
    readonly hosts: readonly DeploymentHost[],
    private readonly named: ReadonlyMap<string, Baseline>,
    private readonly everywhere: readonly Baseline[],
  ) {}

  /** Reads deployment and baselines. What is wrong with a host's rows is told when it is checked. */
  static open(request: FleetRequest): Result<FleetSite> {
    const everywhere = readBaselines(request.baselines ?? [], request.files ?? []);
    if (!everywhere.ok) return everywhere;
    const deployment = readDeployment(request.deployment);
    if (!deployment.ok) return deployment;
    const chosen = chooseHosts(deployment.value, request.hosts);
    if (!chosen.ok) return chosen;
    const named = namedBaselines(chosen.value, request.deployment, request.files ?? []);
    if (!named.ok) return named;
    const site = new FleetSite(request, deployment.value, chosen.value, named.value, everywhere.value);
    return success(site, unreviewed(site.baselines()));
  }

  /** What the report says before its hosts. */
  header(): FleetHeader {
    const { path, bytes } = this.request.deployment;
    return {
      tool: { name: 'postern', version: packageVersion() },
      baselines: uniqueBaselines(this.baselines()),
      deployment: { path, sha256: sha256(bytes) },
    };
  }

  /**
   * Checks some hosts, one after the other.
   * @param indices their places in `hosts`
   * @param store where results are kept from run to run; undefined: nowhere
   */
  async check(
    indices: readonly number[],
    read: ReadFiles,
    store?: RecordStore,
  ): Promise<Result<BatchOutcome>> {
    const chosen = indices.map((index) => this.hosts[index] as DeploymentHost);
    const resolved = resolveHosts(this.deployment, this.named, this.everywhere, chosen);
    if (!resolved.ok) return resolved;
    const outcomes: HostOutcome[] = [];
    for (const [i, host] of resolved.value.entries()) {
      const index = indices[i] as number;
      const result = await this.one(index, host, chosen[i] as DeploymentHost, read, store);
      outcomes.push(
        result.ok
          ? { ok: true, ...result.value }
          : { ok: false, index, name: host.name, errors: result.errors.map(packDiagnostic) },
      );
    }
    return success({ outcomes, warnings: resolved.warnings.map(packDiagnostic) });
  }

  private async one(
    index: number,
    host: ResolvedHost,
    from: DeploymentHost,
    read: ReadFiles,
    store: RecordStore | undefined,
  ): Promise<Result<{ readonly record: HostRecord; readonly cached: boolean }>> {
    const files = await read(this.wanted(from));
    if (!files.ok) return files;
    const configs = hostConfigs({ files: files.value }, from, this.request.deployment);
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
      const seen = sitePath(this.request.deployment.path, path);
      if (!found.has(seen)) found.set(seen, { path: seen, span });
    }
    return [...found.values()];
  }

  private baselines(): Baseline[] {
    return withIncluded([...this.named.values(), ...this.everywhere]);
  }
}
