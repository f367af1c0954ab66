import type { Diagnostic } from '../text/diagnostic.ts';
import type { AddressSets } from './addresses.ts';
import type { Baseline } from './baseline.ts';
import type { Deployment, DeploymentHost, Settings } from './deployment.ts';

/** Addresses that the deployment gives a host. */
interface OwnAddresses {
  readonly all: AddressSets;
  /** Those that are written one by one: of a network others may have some. */
  readonly singles: AddressSets;
}

/**
 * The host's own addresses: what it writes itself; else its role's, where the role is written as single addresses and
 * no other host has it. A network or several machines behind the role say nothing about this machine: any address then.
 */
export function ownAddresses(
  deployment: Deployment | undefined,
  host: Pick<DeploymentHost, 'addresses' | 'singles'> & { readonly role: { readonly value: string } },
  settings: Settings,
  warnings: Map<string, Diagnostic>,
): OwnAddresses | undefined {
  const role = host.role.value;
  const binding = settings.roles.get(role);
  if (binding !== undefined && binding.interfaces.length > 0)
    warnings.set(`interfaces ${role}`, ownInterfaces(role, binding.place.span));
  if (host.addresses !== undefined) return { all: host.addresses, singles: host.singles };
  if (binding?.addresses === undefined) return undefined;
  if ((deployment === undefined || (deployment.hostRoles.get(role)?.count ?? 0) <= 1) && binding.individual)
    return { all: binding.addresses, singles: binding.addresses };
  warnings.set(`addresses ${role}`, {
    severity: 'warning',
    code: 'own-addresses',
    message: `\`${role}\` stands for several machines, so that the own addresses of its hosts are not known.`,
    span: binding.place.span,
    help: 'Write `addresses:` beside each host of the role; until then any address is taken as its own.',
  });
  return undefined;
}

function ownInterfaces(role: string, span: Diagnostic['span']): Diagnostic {
  return {
    severity: 'warning',
    code: 'own-interfaces',
    message: `\`${role}\` is the role of a host here; the interfaces it is bound to lead to its other machines, and say nothing about that host.`,
    ...(span === undefined ? {} : { span }),
    help: 'Bind the other roles to the interfaces that lead to them, too.',
  };
}

/**
 * Whether the rows of a cluster apply: where the deployment declares it, or says nothing about it but knows members.
 * Only a declared cluster gives its members the primary's rows.
 */
export function clusterExists(
  deployment: Deployment,
  settings: Settings,
  id: string,
  baseline: Baseline,
  warnings: Map<string, Diagnostic>,
): boolean {
  const declared = settings.clusters.get(id)?.value;
  if (declared !== undefined) return declared;
  const member = baseline.clusters.get(id)?.member ?? '';
  const place = settings.roles.get(member)?.place ?? deployment.hostRoles.get(member)?.first;
  if (place === undefined) return false;
  warnings.set(`cluster ${id}`, {
    severity: 'warning',
    code: 'undeclared-cluster',
    message: `\`${member}\` is a member of the cluster \`${id}\`, which the deployment does not declare.`,
    span: place.span,
    help: `Write \`clusters: { ${id}: true }\` so that members get the primary's rows too, or \`false\`.`,
  });
  return true;
}
