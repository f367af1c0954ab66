import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { Span } from '../text/source.ts';
import type { Baseline } from './baseline.ts';
import { checkHost, checkNames } from './check-names.ts';
import { chooseRole } from './choose-role.ts';
import type { Deployment, DeploymentHost } from './deployment.ts';
import { withIncluded } from './extends.ts';
import type { ResolvedHost } from './model.ts';
import { complaint } from './complaint.ts';
import { loneHost, resolveHost } from './resolve-host.ts';
import { shareSettings, withOwnSettings } from './shared-settings.ts';
import { suggestion } from './suggest.ts';

const MAXIMUM_ERRORS = 20;
/**
 * Every host of a deployment with the rows of its baselines that concern it, in the deployment's order.
 *
 * @param baselines the baselines that the deployment names, by {@link BaselineReference}`.name` as it is there
 * @param everywhere baselines that every host must meet besides (`--baseline`)
 * @param chosen only these of its hosts. Where their baselines are not all that the deployment names, a name that they do
 *   not know may be another baseline's, and is a warning only
 * @param all whether the baselines are all that the deployment's other hosts name; found out where nobody says so
 */
export function resolveHosts(
  deployment: Deployment,
  baselines: ReadonlyMap<string, Baseline>,
  everywhere: readonly Baseline[] = [],
  chosen: readonly DeploymentHost[] = deployment.hosts,
  all: boolean = knowsAll(deployment, baselines, new Set(chosen)),
): Result<ResolvedHost[]> {
  const errors: Diagnostic[] = [];
  const warnings = new Map<string, Diagnostic>();
  const names = checkNames(deployment, withIncluded([...baselines.values(), ...everywhere]), all);
  if (all) errors.push(...names);
  else for (const one of names) warnings.set(`name ${one.message}`, { ...one, severity: 'warning' });
  const shared = shareSettings(deployment);
  const hosts: ResolvedHost[] = [];
  for (const host of chosen) {
    const { found, problems } = baselinesOf(host, baselines, everywhere);
    errors.push(...problems, ...checkHost(host, found));
    if (errors.length > MAXIMUM_ERRORS) break;
    if (problems.length > 0) continue;
    hosts.push(resolveHost(deployment, host, found, withOwnSettings(shared, host), errors, warnings));
  }
  if (errors.length > 0) return failure(...errors.slice(0, MAXIMUM_ERRORS));
  return success(hosts, [...warnings.values()]);
}

/** Whether the baselines are all that hosts of the deployment name, but for some of the hosts. */
export function knowsAll(
  deployment: Deployment,
  baselines: ReadonlyMap<string, Baseline>,
  without: ReadonlySet<DeploymentHost> = new Set(),
): boolean {
  return deployment.hosts.every(
    (host) => without.has(host) || host.baselines.every(({ name }) => baselines.has(name)),
  );
}

/**
 * One host of a role, with a deployment's settings and configs from elsewhere
 * (`check rules.v4 --deployment site.yaml --as admin`).
 *
 * @param named the baselines that the deployment's own hosts name: their roles and features are known too
 */
export function resolveAs(
  deployment: Deployment,
  baselines: readonly Baseline[],
  role: string | undefined,
  named: readonly Baseline[] = [],
): Result<ResolvedHost> {
  const composed = withIncluded(baselines);
  const chosen = chooseRole(composed, role);
  if (!chosen.ok) return chosen;
  const errors = checkNames({ ...deployment, hosts: [] }, withIncluded([...baselines, ...named]));
  const warnings = new Map<string, Diagnostic>();
  const host = loneHost(chosen.value);
  const resolved = resolveHost(deployment, host, composed, shareSettings(deployment), errors, warnings);
  return errors.length > 0 ? failure(...errors) : success(resolved, [...warnings.values()]);
}

/**
 * One host of the deployment as if it had these baselines, whatever it names itself. Names are not checked: what one
 * baseline does not know another may.
 */
export function resolveWith(
  deployment: Deployment,
  host: DeploymentHost,
  baselines: readonly Baseline[],
): Result<ResolvedHost> {
  const errors: Diagnostic[] = [];
  const warnings = new Map<string, Diagnostic>();
  const shared = withOwnSettings(shareSettings(deployment), host);
  const resolved = resolveHost(deployment, host, withIncluded(baselines), shared, errors, warnings);
  return errors.length > 0 ? failure(...errors) : success(resolved, [...warnings.values()]);
}

/** One host of a role with no deployment: no role is bound, nothing is decided. */
export function resolveWithout(
  baselines: readonly Baseline[],
  role: string | undefined,
): Result<ResolvedHost> {
  const composed = withIncluded(baselines);
  const chosen = chooseRole(composed, role);
  if (!chosen.ok) return chosen;
  const errors: Diagnostic[] = [];
  const host = loneHost(chosen.value);
  const resolved = resolveHost(undefined, host, composed, shareSettings(host), errors, new Map());
  return errors.length > 0 ? failure(...errors) : success(resolved);
}

function baselinesOf(
  host: DeploymentHost,
  baselines: ReadonlyMap<string, Baseline>,
  everywhere: readonly Baseline[],
): { found: readonly Baseline[]; problems: readonly Diagnostic[] } {
  const found = new Set<Baseline>();
  const problems: Diagnostic[] = [];
  for (const { name, span } of host.baselines) {
    const baseline = baselines.get(name);
    if (baseline !== undefined) for (const one of withIncluded([baseline])) found.add(one);
    else problems.push(unknownBaseline(name, span, baselines));
  }
  for (const baseline of withIncluded(everywhere))
    if (![...found].some(({ sha256 }) => sha256 === baseline.sha256)) found.add(baseline);
  if (found.size === 0 && problems.length === 0)
    problems.push(
      complaint({
        code: 'missing-key',
        message: `The host \`${host.name}\` has no baseline.`,
        span: host.role.place.span,
        expected: '`baselines:` with ids or paths',
        help: 'Add `baselines:` to the host, or name a baseline with `--baseline`.',
      }),
    );
  return { found: [...found], problems };
}

function unknownBaseline(name: string, span: Span, known: ReadonlyMap<string, Baseline>): Diagnostic {
  const help = suggestion(name, known.keys());
  return complaint({ code: 'unknown-baseline', message: `There is no baseline \`${name}\`.`, span, help });
}
