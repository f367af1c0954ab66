import type { Deployment } from '../baseline/deployment.ts';
import { besides } from '../baseline/extends.ts';
import { loadDeployment } from '../baseline/load-deployment.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { SourceFile, Span } from '../text/source.ts';
import { decode, type InputFile } from './input.ts';
import { configInstead } from './wrong-files/own-document.ts';
import { formatOf } from './host/readers.ts';

/** A file that a deployment names. */
export interface SiteFile {
  /** The deployment's folder and the path written there: the name under which `check` expects the file. */
  readonly path: string;
  /** Where it is named, for whoever finds that it does not exist. */
  readonly span: Span;
  /** It is a baseline, which may name others (`extends`). */
  readonly baseline?: boolean;
}

/** Deployments that were read, by their bytes: a large one takes seconds, and a run asks for it more than once. */
const known = new WeakMap<Uint8Array, { readonly path: string; readonly read: Result<Deployment> }>();

/** The deployment in a file. */
export function readDeployment(file: InputFile): Result<Deployment> {
  const before = known.get(file.bytes);
  if (before?.path === file.path) return before.read;
  const decoded = decode(file);
  const read = decoded.ok ? readSource(decoded.value.source) : decoded;
  known.set(file.bytes, { path: file.path, read });
  return read;
}

function readSource(source: SourceFile): Result<Deployment> {
  const read = loadDeployment(source);
  const format = read.ok ? undefined : formatOf(source);
  return format === undefined ? read : failure(configInstead(source, format));
}

/** A path that a deployment names, seen from where the deployment's own path is seen. */
export function sitePath(deployment: string, path: string): string {
  return besides(deployment, path);
}

/**
 * The files that the deployment's hosts name, each once, in their order: whoever reads files gives them to `check`.
 * @param hosts only those of these hosts; undefined: of all
 * @param configs whether the configs are wanted too, or the baselines only
 */
export function siteFiles(
  file: InputFile,
  hosts: readonly string[] | undefined,
  configs = true,
): Result<SiteFile[]> {
  const deployment = readDeployment(file);
  if (!deployment.ok) return deployment;
  const chosen = chooseHosts(deployment.value, hosts);
  if (!chosen.ok) return chosen;
  const found = new Map<string, SiteFile>();
  for (const host of chosen.value) {
    const baselines = host.baselines.filter(({ kind }) => kind === 'path');
    const named = [
      ...(configs ? host.configs.map(({ path, span }) => ({ path, span })) : []),
      ...baselines.map(({ name, span }) => ({ path: name, span, baseline: true })),
    ];
    for (const one of named) {
      const seen = sitePath(file.path, one.path);
      if (!found.has(seen)) found.set(seen, { ...one, path: seen });
    }
  }
  return success([...found.values()]);
}

/** How many hosts of a deployment are to be checked; none where it cannot be read. */
export function hostCount(file: InputFile, names: readonly string[] | undefined): number {
  const read = readDeployment(file);
  const chosen = read.ok ? chooseHosts(read.value, names) : read;
  return chosen.ok ? chosen.value.length : 0;
}

/** The hosts with these names; all where none is named. */
export function chooseHosts(
  deployment: Deployment,
  names: readonly string[] | undefined,
): Result<Deployment['hosts']> {
  if (names === undefined || names.length === 0) return success(deployment.hosts);
  const unknown = names.filter((name) => !deployment.hosts.some((host) => host.name === name));
  if (unknown.length > 0) return failure(...unknown.map((name) => unknownHost(deployment, name)));
  return success(deployment.hosts.filter((host) => names.includes(host.name)));
}

/** What is wrong with a deployment of which no host is to be checked: a check of nothing finds nothing, and says so with status 0. */
export function withoutHosts({ hosts, source }: Deployment): Diagnostic | undefined {
  if (hosts.length > 0) return undefined;
  return {
    severity: 'error',
    code: 'no-hosts',
    message: 'the deployment has no hosts',
    span: { file: source, start: 0, end: 0 },
    expected: '`hosts:` with a host or more, each with its configs',
    help: 'add them, or name configs and their `--as <role>`: a check of nothing says nothing',
  };
}

function unknownHost(deployment: Deployment, name: string): Diagnostic {
  const known = deployment.hosts.map((host) => `\`${host.name}\``);
  const shown = known.slice(0, 10).join(', ');
  return {
    severity: 'error',
    code: 'unknown-host',
    message: `the deployment has no host \`${name}\``,
    path: deployment.source.path,
    expected: `one of ${shown}${known.length > 10 ? ` and ${known.length - 10} more` : ''}`,
  };
}
