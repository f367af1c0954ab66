import type { Baseline } from '../../baseline/baseline.ts';
import type { Deployment, DeploymentHost } from '../../baseline/deployment.ts';
import { withIncluded } from '../../baseline/extends.ts';
import { knowsAll } from '../../baseline/resolve.ts';
import type { Report } from '../../finding/report.ts';
import { packageVersion } from '../../package.ts';
import { failure, type Result, success } from '../../text/diagnostic.ts';
import { type InputFile, sha256 } from '../input.ts';
import { namedBaselines, othersBaselines, readBaselines } from '../plan.ts';
import { uniqueBaselines } from '../report-builder.ts';
import { chooseHosts, readDeployment, withoutHosts } from '../site.ts';
import { unreviewed } from '../audit/unreviewed.ts';
import { type BatchOutcome, HostChecker, type PlacedHost, type ReadFiles } from './host-checker.ts';
import { pack, type PackedHosts, type PackedSite, packHosts } from './packed-site.ts';
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

/** A deployment and its baselines, read once for any number of hosts. */
export class FleetSite {
  private readonly checker: HostChecker;
  private readonly all: boolean;
  /** Those of hosts that are not checked, too, where they can be read. */
  private readonly known: ReadonlyMap<string, Baseline>;

  private constructor(
    private readonly request: FleetRequest,
    private readonly deployment: Deployment,
    /** The hosts that are to be checked, in the deployment's order. */
    readonly hosts: readonly DeploymentHost[],
    private readonly named: ReadonlyMap<string, Baseline>,
    private readonly everywhere: readonly Baseline[],
  ) {
    const { path } = request.deployment;
    const others = othersBaselines(deployment, hosts, request.deployment, request.files);
    this.known = new Map([...others, ...named]);
    this.all = knowsAll(deployment, this.known);
    this.checker = new HostChecker({ path, deployment, named: this.known, everywhere, all: this.all });
  }

  /** Reads deployment and baselines. What is wrong with a host's rows is told when it is checked. */
  static open(request: FleetRequest): Result<FleetSite> {
    const everywhere = readBaselines(request.baselines ?? [], request.files ?? []);
    if (!everywhere.ok) return everywhere;
    const deployment = readDeployment(request.deployment);
    if (!deployment.ok) return deployment;
    const chosen = chooseHosts(deployment.value, request.hosts);
    if (!chosen.ok) return chosen;
    const none = withoutHosts(deployment.value);
    if (none !== undefined) return failure(none);
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
  check(indices: readonly number[], read: ReadFiles, store?: RecordStore): Promise<Result<BatchOutcome>> {
    return this.checker.check(this.placed(indices), read, store);
  }

  /** The site without its hosts, for workers, which need not each hold all of them. */
  packed(): PackedSite {
    const { path, text } = this.deployment.source;
    const { baselines = [], files = [] } = this.request;
    const references = new Map(
      this.deployment.hosts
        .flatMap((host) => host.baselines.filter(({ name }) => this.known.has(name)))
        .map((one) => [one.name, one] as const)
        .reverse(),
    );
    return {
      path,
      text,
      deployment: pack({ ...this.deployment, hosts: [] }),
      references: pack([...references.values()].reverse()),
      baselines,
      files,
      all: this.all,
    };
  }

  /**
   * Hosts for a worker.
   * @param indices their places in `hosts`
   */
  packedHosts(indices: readonly number[]): PackedHosts {
    return packHosts(this.placed(indices));
  }

  private placed(indices: readonly number[]): PlacedHost[] {
    return indices.map((index) => ({ index, host: this.hosts[index] as DeploymentHost }));
  }

  private baselines(): Baseline[] {
    return withIncluded([...this.named.values(), ...this.everywhere]);
  }
}
