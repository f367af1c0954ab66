import type { Ranges } from '../packet/ranges.ts';
import { failure, type Result, success } from '../text/diagnostic.ts';
import type { SourceFile } from '../text/source.ts';
import { readAddresses, textsOf } from './addresses.ts';
import { isIndividual, readBinding } from './binding.ts';
import type { Deployment, DeploymentHost, FileReference, Setting, Settings } from './deployment.ts';
import { sha256 } from './digest.ts';
import type { Located } from './located.ts';
import { readBaselineReference, readPath } from './paths.ts';
import { type Complaints, readPortValue } from './ports.ts';
import { complaint } from './complaint.ts';
import { checkSchema } from './schema.ts';
import { readSelector } from './selector.ts';
import { readYaml } from './yaml.ts';

const MAXIMUM_COMPLAINTS = 20;

/**
 * A deployment from its YAML text. Names of roles, features, parameters and clusters are checked by resolve.ts, which
 * has the baselines; whether a named file exists is the caller's to see, with the spans given here.
 */
export function loadDeployment(source: SourceFile): Result<Deployment> {
  const yaml = readYaml(source);
  if (!yaml.ok) return yaml;
  const root = yaml.value;
  const violations = checkSchema('deployment', root);
  if (violations.length > 0) return failure(...violations);
  const complaints: Complaints = [];
  const title = root.entries?.get('title')?.value as string | undefined;
  const hosts = (root.entries?.get('hosts')?.items ?? []).map((item) => readHost(item, complaints));
  checkHostNames(root, complaints);
  const deployment: Deployment = {
    ...(title === undefined ? {} : { title }),
    ...readSettings(root, complaints),
    hosts,
    hostRoles: rolesOf(hosts),
    source,
    sha256: sha256(source.text),
  };
  return complaints.length > 0 ? failure(...complaints.slice(0, MAXIMUM_COMPLAINTS)) : success(deployment);
}

function rolesOf(hosts: readonly DeploymentHost[]): Deployment['hostRoles'] {
  const found = new Map<string, { count: number; readonly first: Located }>();
  for (const { role } of hosts) {
    const known = found.get(role.value);
    if (known === undefined) found.set(role.value, { count: 1, first: role.place });
    else known.count++;
  }
  return found;
}

function readSettings(from: Located, complaints: Complaints): Settings {
  const routes = from.entries?.get('routes')?.value;
  return {
    roles: mapOf(from, 'roles', (value) => readBinding(value, complaints)),
    features: mapOf(from, 'features', (place) => ({ value: place.value as boolean | 'undecided', place })),
    parameters: mapOf(
      from,
      'parameters',
      (place): Setting<Ranges> => ({
        value: readPortValue(place, complaints) ?? [],
        place,
      }),
    ),
    clusters: mapOf(from, 'clusters', (place) => ({ value: place.value as boolean, place })),
    ...(routes === undefined ? {} : { routes: routes as 'symmetric' | 'unknown' }),
  };
}

function mapOf<T>(from: Located, key: string, read: (value: Located) => T): Map<string, T> {
  return new Map([...(from.entries?.get(key)?.entries ?? [])].map(([id, value]) => [id, read(value)]));
}

function readHost(item: Located, complaints: Complaints): DeploymentHost {
  const entry = (key: string): Located | undefined => item.entries?.get(key);
  const setting = (place: Located): Setting<string> => ({ value: String(place.value), place });
  const role = setting(entry('role') as Located);
  const protects = (entry('protects')?.items ?? []).map(setting);
  if (role.value === 'none' && protects.length === 0)
    complaints.push(
      complaint({
        code: 'missing-key',
        message: `The host \`${String(entry('name')?.value)}\` has the role \`none\` and protects nothing.`,
        span: role.place.span,
        expected: '`protects:` with the roles behind this firewall',
      }),
    );
  const addresses = textsOf(entry('addresses'));
  const selector = readSelector(item, complaints);
  return {
    name: String(entry('name')?.value),
    role,
    protects,
    addresses: addresses.length === 0 ? undefined : readAddresses(addresses, complaints),
    singles: readAddresses(addresses.filter(isIndividual), []),
    configs: readConfigs(entry('configs'), complaints),
    baselines: textsOf(entry('baselines')).flatMap((text) => readBaselineReference(text, complaints)),
    captured: { ...(entry('captured')?.value as Record<string, string> | undefined) },
    ...(selector === undefined ? {} : { selector }),
    ...readSettings(item, complaints),
    origin: item.span,
  };
}

/** The configs of a host, each of them once: two of one file would be two captures that contradict each other. */
function readConfigs(from: Located | undefined, complaints: Complaints): readonly FileReference[] {
  const found = textsOf(from).flatMap((text) => readPath(text, complaints));
  const seen = new Set<string>();
  for (const { path, span } of found) {
    if (seen.has(path))
      complaints.push(
        complaint({
          code: 'duplicate-config',
          message: `\`${path}\` stands twice among the configs of this host.`,
          span,
          help: 'Keep one of the two.',
        }),
      );
    seen.add(path);
  }
  return found;
}

function checkHostNames(root: Located, complaints: Complaints): void {
  const seen = new Map<string, number>();
  for (const item of root.entries?.get('hosts')?.items ?? []) {
    const name = item.entries?.get('name') as Located;
    const first = seen.get(String(name.value));
    const { line } = name.span.file.position(name.span.start);
    if (first === undefined) seen.set(String(name.value), line);
    else
      complaints.push(
        complaint({
          code: 'duplicate-host',
          message: `Two hosts have the name \`${String(name.value)}\` (the other on line ${first}).`,
          span: name.span,
          help: "All configs of one host go under that host's `configs`.",
        }),
      );
  }
}
