import type { Baseline } from '../baseline/baseline.ts';
import { checkNames } from '../baseline/check-names.ts';
import type { Deployment, DeploymentHost } from '../baseline/deployment.ts';
import { withIncluded } from '../baseline/extends.ts';
import { resolveWith } from '../baseline/resolve.ts';
import { hostChanges } from '../compare/host-changes.ts';
import { diffConnections } from '../drift/connections.ts';
import { diffSettings } from '../drift/settings.ts';
import { jsonText } from '../report/json-text.ts';
import { foldedText } from '../report/wrap.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import { readBaseline } from './baselines.ts';
import { type BaselineDiff, diffJson, diffLines, type HostDiff, isSame } from './diff-render.ts';
import { withExtended } from './extends.ts';
import { guarded } from './guard.ts';
import { loadHost } from './host/host.ts';
import type { InputFile } from './input.ts';
import { notGiven } from './wrong-files/missing-file.ts';
import { readDeployment, sitePath } from './site.ts';
import type { Compared } from './audit/verify.ts';

/** What `diff` is asked. */
export interface DiffRequest {
  readonly from: string | InputFile;
  readonly to: string | InputFile;
  readonly deployment?: InputFile;
  /** The files that the deployment and the baselines name. */
  readonly files?: readonly InputFile[];
}

/** Compares two baselines as connections and, with a deployment, as openings to make and to close on each host. */
export async function diff(request: DiffRequest): Promise<Result<Compared>> {
  const files = request.files ?? [];
  const [from, to] = [request.from, request.to].map((one) => whole(one, files)) as [
    Result<Baseline>,
    Result<Baseline>,
  ];
  if (!from.ok || !to.ok) return failure(...[from, to].flatMap((one) => (one.ok ? [] : one.errors)));
  const site = request.deployment && readDeployment(request.deployment);
  if (site !== undefined && !site.ok) return site;
  const hosts = site && (await hostDiffs(site.value, from.value, to.value, files));
  if (hosts !== undefined && !hosts.ok) return hosts;
  const found: BaselineDiff = {
    from: from.value,
    to: to.value,
    connections: diffConnections(from.value, to.value),
    settings: diffSettings(from.value, to.value),
    ...(hosts === undefined ? {} : { hosts: hosts.value }),
  };
  return success(
    {
      differs: !isSame(found),
      text: (width) => foldedText(diffLines(found), width),
      json: () => jsonText(diffJson(found)),
    },
    [...from.warnings, ...to.warnings, ...(hosts?.warnings ?? [])],
  );
}

/** Whether the hosts' configs are wanted: a role is bound to a set, whose elements stand there. */
export function needsConfigs(deployment: InputFile): boolean {
  const site = readDeployment(deployment);
  if (!site.ok) return false;
  return [site.value, ...site.value.hosts].some(({ roles }) =>
    [...roles.values()].some(({ sets }) => sets.length > 0),
  );
}

function whole(named: string | InputFile, files: readonly InputFile[]): Result<Baseline> {
  const alone = readBaseline(named);
  return alone.ok ? withExtended(alone.value, files) : alone;
}

async function hostDiffs(
  deployment: Deployment,
  from: Baseline,
  to: Baseline,
  files: readonly InputFile[],
): Promise<Result<readonly HostDiff[]>> {
  const chosen = concerned(deployment, from, to, files);
  if (!chosen.ok) return chosen;
  const { hosts, named } = chosen.value;
  const known = withIncluded([from, to, ...named]);
  const names = checkNames(deployment, known);
  if (names.length > 0) return failure(...names);
  const found: HostDiff[] = [];
  const errors: Diagnostic[] = [];
  const warnings = new Map<string, Diagnostic>();
  for (const { host, others } of hosts) {
    const ruleset = await rulesetOf(host, deployment, files);
    const before = resolveWith(deployment, host, [from, ...others]);
    const after = resolveWith(deployment, host, [to, ...others]);
    if (!ruleset.ok || !before.ok || !after.ok) {
      errors.push(...[ruleset, before, after].flatMap((one) => (one.ok ? [] : one.errors)));
      continue;
    }
    for (const one of [...before.warnings, ...after.warnings]) warnings.set(one.message, one);
    const changes = guarded(deployment.source.path, () =>
      success(hostChanges(before.value, after.value, ruleset.value)),
    );
    if (!changes.ok) errors.push(...changes.errors);
    else found.push({ name: host.name, role: host.role.value, changes: changes.value });
  }
  return errors.length > 0 ? failure(...errors) : success(found, [...warnings.values()]);
}

interface Concerned {
  readonly host: DeploymentHost;
  /** Its baselines beside the two. */
  readonly others: readonly Baseline[];
}

interface Site {
  /** Hosts that have one of the two baselines; where none has, those with a role that one of the two knows. */
  readonly hosts: readonly Concerned[];
  /** The baselines of all hosts. */
  readonly named: readonly Baseline[];
}

function concerned(
  deployment: Deployment,
  from: Baseline,
  to: Baseline,
  files: readonly InputFile[],
): Result<Site> {
  const errors: Diagnostic[] = [];
  const all = deployment.hosts.map((host) => {
    const named = host.baselines.flatMap(({ kind, name, span }) => {
      const file = files.find(({ path }) => path === sitePath(deployment.source.path, name));
      const read = kind === 'id' ? whole(name, files) : file && whole(file, files);
      if (read?.ok) return [read.value];
      // The deployment's own baseline may be the one that is compared, and lie elsewhere today.
      errors.push(...(read?.errors ?? [notGiven(name, span)]));
      return [];
    });
    return { host, named, others: named.filter(({ id }) => id !== from.id && id !== to.id) };
  });
  if (errors.length > 0) return failure(...errors);
  const having = all.filter(({ named, others }) => others.length < named.length);
  const knowing = all.filter(({ host }) =>
    [host.role, ...host.protects].some(({ value }) => from.roles.has(value) || to.roles.has(value)),
  );
  return success({
    hosts: having.length > 0 ? having : knowing,
    named: all.flatMap((one) => one.named),
  });
}

const NOTHING: Ruleset = { chains: [], sets: new Map(), host: undefined, families: new Set() };

/** The host's rules where its configs were given, for the sets that roles are bound to. */
async function rulesetOf(
  host: DeploymentHost,
  deployment: Deployment,
  files: readonly InputFile[],
): Promise<Result<Ruleset>> {
  const paths = new Set(host.configs.map(({ path }) => sitePath(deployment.source.path, path)));
  const configs = files.filter(({ path }) => paths.has(path));
  if (configs.length === 0) return success(NOTHING);
  const loaded = await loadHost(configs);
  return loaded.ok ? success(loaded.value.ruleset) : loaded;
}
