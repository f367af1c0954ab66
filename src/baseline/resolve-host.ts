import type { Ranges } from '../packet/ranges.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { type AddressSets, NO_ADDRESSES } from './addresses.ts';
import type { Baseline } from './baseline.ts';
import { ambiguousFeatures } from './check-names.ts';
import type { Deployment, DeploymentHost, Settings } from './deployment.ts';
import { differingTexts } from './extends.ts';
import { clusterExists, ownAddresses } from './host-facts.ts';
import type { ResolvedBaseline, ResolvedHost } from './model.ts';
import { selfParty } from './parties.ts';
import { resolveBaseline } from './resolve-baseline.ts';
import type { SharedSettings } from './shared-settings.ts';

/** The name of the one host where no deployment gives it another. */
const LONE_HOST = 'host';

/** A host that no deployment lists: a role, and nothing that is its own. */
export interface LoneHost extends Settings {
  readonly name: string;
  readonly role: { readonly value: string };
  readonly protects: DeploymentHost['protects'];
  readonly addresses: AddressSets | undefined;
  readonly singles: AddressSets;
}

/** The one host of a check that names a role and no host. */
export function loneHost(role: string): LoneHost {
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

/**
 * A host with the rows of its baselines as they stand for it.
 *
 * @param deployment where there is none, no cluster is known
 * @param errors gets what is wrong with the rows
 * @param warnings gets what is to be told, by what it is about: hosts share most of it
 */
export function resolveHost(
  deployment: Deployment | undefined,
  host: LoneHost | DeploymentHost,
  baselines: readonly Baseline[],
  shared: SharedSettings,
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
function isOfGroups(host: LoneHost | DeploymentHost): boolean {
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
