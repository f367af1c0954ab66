import type { DeploymentHost, Settings } from './deployment.ts';
import { createParties, type Parties } from './parties.ts';
import type { HostContext } from './resolve-row.ts';

/** Settings, and what follows from them for every host that has them. */
export interface SharedSettings {
  readonly settings: Settings;
  readonly parties: Parties;
  readonly applied: HostContext['applied'];
}

/** What settings come to before any host is looked at. */
export function shareSettings(settings: Settings): SharedSettings {
  return { settings, parties: createParties(settings.roles), applied: new Map() };
}

/** The settings for one host: its own word counts before the deployment's. */
export function withOwnSettings(shared: SharedSettings, host: DeploymentHost): SharedSettings {
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
