import { type GcpContent, type GcpNetwork, lastOf, networkOf } from './content.ts';

/**
 * Names of networks, as `networkOf` has them: `project/network`. Both parts may be numbers, as in `selfLinkWithId`. Names
 * are never only digits: "The first character must be a lowercase letter" (https://cloud.google.com/compute/docs/reference/rest/v1/networks,
 * name), and so are projects' (https://cloud.google.com/resource-manager/docs/creating-managing-projects#before_you_begin).
 */
const isNumber = (part: string): boolean => /^\d+$/.test(part);

/** Project and network; the project is undefined where none is written. */
function partsOf(name: string): { readonly project: string | undefined; readonly network: string } {
  const slash = name.lastIndexOf('/');
  return { project: slash < 0 ? undefined : name.slice(0, slash), network: name.slice(slash + 1) };
}

/**
 * The URL of a network that a resource of the same project names, with the project as the resource’s own link has it: VPC firewall
 * rules and network policies are of their network’s project. (https://cloud.google.com/firewall/docs/network-firewall-policies#specs)
 */
export function inProjectOf(url: string, selfLink: string | undefined): string {
  const project = /\/projects\/([^/]+)\//.exec(selfLink ?? '')?.[1];
  if (project === undefined || isNumber(project)) return url;
  if (!url.includes('/')) return `projects/${project}/global/networks/${url}`;
  return url.replace(/(^|\/)projects\/\d+\/(?=global\/networks\/)/, `$1projects/${project}/`);
}

/** Every name of a network, as rules, policies, networks and interfaces have them. */
export function namedNetworks(contents: readonly GcpContent[]): string[] {
  const all = <T>(pick: (content: GcpContent) => readonly T[]): T[] => contents.flatMap(pick);
  return [
    ...all((c) => c.firewalls).map(({ network }) => network),
    ...all((c) => c.policies).flatMap(({ attached, rules }) => [
      ...attached.flatMap(({ target }) => (/\/networks\//.test(target) ? [networkOf(target)] : [])),
      ...rules.flatMap(({ targets }) => targets.networks),
    ]),
    ...all((c) => c.networks).map(({ network }) => network),
    ...all((c) => c.interfaces).map(({ network }) => network),
  ];
}

/**
 * One name for each network. A number is the network whose export has it, and a network that is written by its name alone is the
 * one with a project that has this name, where there is one.
 */
export function canonicalNames(
  written: readonly string[],
  stated: readonly GcpNetwork[],
): (name: string) => string {
  const byNumber = new Map<string, string>();
  for (const { network, id } of stated) if (id !== undefined) byNumber.set(id, network);
  const numbered = (name: string): string => byNumber.get(lastOf(name)) ?? name;
  const full = [...new Set(written.map(numbered).filter((name) => name.includes('/')))];
  return (written) => {
    const name = numbered(written);
    if (name.includes('/')) return name;
    const found = full.filter((one) => one.endsWith(`/${name}`));
    return found.length === 1 ? (found[0] as string) : name;
  };
}

/**
 * The other networks that may be this one for all that the exports say: of one of the two they have the number alone, of itself or
 * of its project, or the name alone, which several have.
 */
export function perhapsSame(
  network: string,
  networks: readonly string[],
  stated: ReadonlyMap<string, GcpNetwork>,
): ReadonlySet<string> {
  const own = partsOf(network);
  const hasId = (name: string): boolean => stated.get(name)?.id !== undefined;
  const mayBe = (name: string): boolean => {
    const other = partsOf(name);
    const byNumber = isNumber(own.network) !== isNumber(other.network);
    if (byNumber ? hasId(network) || hasId(name) : own.network !== other.network) return false;
    // A name without a project that is one of several has not found its network: see canonicalNames.
    if (own.project === undefined || other.project === undefined) return true;
    return own.project === other.project ? byNumber : isNumber(own.project) !== isNumber(other.project);
  };
  return new Set(networks.filter((name) => name !== network && mayBe(name)));
}

/** Why it is not known whether a rule for some networks is for the network too. */
export function sameProblem(network: string, others: readonly string[]): string {
  const names = [network, ...others];
  const byNumber = names.find((name) => isNumber(lastOf(name)));
  const project = names.map((name) => partsOf(name).project ?? '').find(isNumber);
  if (byNumber === undefined && project === undefined)
    return `one of two exports names the network \`${lastOf(network)}\` without its project, and several projects have one of that name`;
  const number =
    byNumber === undefined
      ? `its project by the number \`${project}\``
      : `the network by the number \`${lastOf(byNumber)}\``;
  return `one of two exports names ${number}, the other by its name, and no export says whether they are the same (\`gcloud compute networks list --format=json\` says the numbers of networks)`;
}
