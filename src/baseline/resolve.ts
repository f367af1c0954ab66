import type { Ranges } from '../packet/ranges.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { Span } from '../text/source.ts';
import { type AddressSets, NO_ADDRESSES } from './addresses.ts';
import type { Baseline } from './baseline.ts';
import { ambiguousFeatures, checkHost, checkNames } from './check-names.ts';
import { chooseRole } from './choose-role.ts';
import type { Deployment, DeploymentHost, Settings } from './deployment.ts';
import { differingTexts, withIncluded } from './extends.ts';
import { clusterExists, ownAddresses } from './host-facts.ts';
import type { ResolvedBaseline, ResolvedHost } from './model.ts';
import { createParties, type Parties, selfParty } from './parties.ts';
import { resolveBaseline } from './resolve-baseline.ts';
import type { HostContext } from './resolve-row.ts';
import { complaint } from './schema.ts';
import { suggestion } from './suggest.ts';

const MAXIMUM_ERRORS = 20;
/** The name of the one host where no deployment gives it another. */
const LONE_HOST = 'host';

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
    hosts.push(resolveHost(deployment, host, found, merge(shared, host), errors, warnings));
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
  const shared = merge(shareSettings(deployment), host);
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

interface Lone extends Settings {
  readonly name: string;
  readonly role: { readonly value: string };
  readonly protects: DeploymentHost['protects'];
  readonly addresses: AddressSets | undefined;
  readonly singles: AddressSets;
}

function loneHost(role: string): Lone {
  return {
    name: LONE_HOST,
    role: { value: role },
    protects: [],
    addresses: undefined,
    singles: NO_ADDRESSES,
    roles: new Map(),
    features: new Map(),
    parameters: new Map(),
    clusters: new Map(),
  };
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

/** Settings, and what follows from them for every host that has them. */
interface Shared {
  readonly settings: Settings;
  readonly parties: Parties;
  readonly applied: HostContext['applied'];
}

function shareSettings(settings: Settings): Shared {
  return { settings, parties: createParties(settings.roles), applied: new Map() };
}

/** A host's own word counts before the deployment's. */
function merge(shared: Shared, host: DeploymentHost): Shared {
  const general = shared.settings;
  const { roles, features, parameters, clusters } = host;
  const { routes = general.routes } = host;
  if (roles.size + features.size + parameters.size + clusters.size === 0 && routes === general.routes)
    return shared;
  const settings: Settings = {
    roles: new Map([...general.roles, ...roles]),
    features: new Map([...withoutSaid(general.features, features), ...features]),
    parameters: new Map([...withoutSaid(general.parameters, parameters), ...parameters]),
    clusters: new Map([...general.clusters, ...clusters]),
    ...(routes === undefined ? {} : { routes }),
  };
  const parties = roles.size === 0 ? shared.parties : createParties(settings.roles);
  return { settings, parties, applied: new Map() };
}

/** What a host says by the name alone (`ssh`) is before the deployment's for one baseline (`host-essentials.ssh`), too. */
function withoutSaid<T>(general: ReadonlyMap<string, T>, own: ReadonlyMap<string, T>): [string, T][] {
  return [...general].filter(([name]) => !own.has(name.slice(name.indexOf('.') + 1)));
}

function resolveHost(
  deployment: Deployment | undefined,
  host: Lone | DeploymentHost,
  baselines: readonly Baseline[],
  shared: Shared,
  errors: Diagnostic[],
  warnings: Map<string, Diagnostic>,
): ResolvedHost {
  const { settings } = shared;
  errors.push(...differingTexts(baselines));
  for (const one of ambiguousFeatures(settings, baselines))
    warnings.set(`feature ${one.message}`, { ...one, severity: 'warning' });
  const role = host.role.value;
  const own = ownAddresses(deployment, host, settings, warnings);
  const ownOfRole = own !== undefined && host.addresses === undefined;
  const ownIsGuessed = ownOfRole && [own.all.ipv4, own.all.ipv6].some(isSeveral);
  const ownMayBeOthers: true | undefined = (ownIsGuessed && isOfGroups(host)) || undefined;
  const self = selfParty(role, own?.all, own?.singles, settings.roles.get(role)?.groups ?? []);
  const protectedRoles = host.protects.map(({ value }) => value);
  const clusters =
    deployment && ((id: string, of: Baseline) => clusterExists(deployment, settings, id, of, warnings));
  const resolved = baselines.map((baseline): ResolvedBaseline => {
    const general = [...baseline.roles].filter(([, { everyHost }]) => everyHost).map(([id]) => id);
    const roles = new Set([...general, ...(baseline.roles.has(role) ? [role] : [])]);
    return resolveBaseline(
      baseline,
      { roles, self, own: own?.all, ownIsGuessed, ownMayBeOthers, clusters, errors, ...shared },
      protectedRoles,
    );
  });
  return {
    name: host.name,
    role,
    baselines: resolved,
    own: self,
    ...(ownOfRole ? { ownOfRole: true } : {}),
    ...(ownMayBeOthers ? { ownMayBeOthers } : {}),
    others: shared.parties.bound,
    unbound: unboundRoles(resolved),
    ...(settings.routes === 'symmetric' ? { symmetricRoutes: true } : {}),
  };
}

/** Whether the host is what groups of a cloud guard, which may be any number of machines. */
function isOfGroups(host: Lone | DeploymentHost): boolean {
  return 'selector' in host && host.selector !== undefined && host.selector.instance === undefined;
}

/** Whether ranges hold more than one address. */
const isSeveral = (values: Ranges<number> | Ranges<bigint>): boolean =>
  values.length > 2 || values[0] !== values[1];

function unboundRoles(baselines: readonly ResolvedBaseline[]): string[] {
  const found = new Set<string>();
  for (const { rows } of baselines)
    for (const row of rows)
      if (row.status !== 'not-applicable')
        for (const party of [row.source, row.destination])
          if (party.binding === 'unbound') found.add(party.role);
  return [...found].sort();
}
