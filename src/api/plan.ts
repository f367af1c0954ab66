import { posix } from 'node:path';
import type { Baseline } from '../baseline/baseline.ts';
import type { Deployment, DeploymentHost } from '../baseline/deployment.ts';
import { withIncluded } from '../baseline/extends.ts';
import type { ResolvedHost } from '../baseline/model.ts';
import { resolveAs, resolveHosts, resolveWithout } from '../baseline/resolve.ts';
import type { CloudSelector } from '../rule/cloud-selector.ts';
import { type Diagnostic, failure, placed, type Result, success } from '../text/diagnostic.ts';
import type { AuditRequest } from './audit/audit.ts';
import { readBaseline } from './baselines.ts';
import { allExtended, withExtended } from './extends.ts';
import type { InputFile } from './input.ts';
import { notGiven } from './wrong-files/missing-file.ts';
import { chooseHosts, readDeployment, sitePath, withoutHosts } from './site.ts';

/** What `check` is asked. Give configs, or a deployment that names them, or both. */
export interface CheckRequest extends AuditRequest {
  /** The configs of one host. Beside a deployment they stand in the place of those that it names. */
  readonly configs?: readonly InputFile[];
  /** Baselines for every host: ids of shipped ones, or files. */
  readonly baselines?: readonly (string | InputFile)[];
  /** The role of the host that `configs` are of. */
  readonly as?: string;
  readonly deployment?: InputFile;
  /** The files that the deployment names, under the paths that `siteFiles` gives. */
  readonly files?: readonly InputFile[];
  /** Only these hosts of the deployment. */
  readonly hosts?: readonly string[];
  /** Whether the report has the detail that some formats show (docs/report.md, "Detail"), which takes about three times as long. */
  readonly detail?: boolean;
  /** Called with the name of each host before it is checked. */
  readonly onHost?: (name: string) => void;
}

/** One host to check: what it must meet, and its configs. */
export interface Task {
  readonly host: ResolvedHost;
  readonly configs: readonly InputFile[];
  /** Where the configs are of a cloud: which of its groups guard the host. Absent: none is named. */
  readonly selector?: CloudSelector;
  /** Nobody says what the hosts are; where the configs are of a cloud each of its points is one. */
  readonly every?: boolean;
}

/** The hosts to check, and every baseline that one of them must meet. */
export interface Plan {
  readonly tasks: readonly Task[];
  readonly baselines: readonly Baseline[];
}

/** Who is to be checked, with what, against what. */
export function planOf(request: CheckRequest): Result<Plan> {
  const everywhere = readBaselines(request.baselines ?? [], request.files ?? []);
  if (!everywhere.ok) return everywhere;
  return request.deployment === undefined
    ? planAlone(request, everywhere.value)
    : planSite(request, request.deployment, everywhere.value);
}

/** The baselines that a command line names, each with what it extends. */
export function readBaselines(
  named: readonly (string | InputFile)[],
  files: readonly InputFile[],
): Result<Baseline[]> {
  const found: Baseline[] = [];
  const errors: Diagnostic[] = [];
  for (const one of named) {
    const read = readBaseline(one);
    if (read.ok) found.push(read.value);
    else errors.push(...read.errors);
  }
  if (errors.length > 0) return failure(...errors);
  const whole = allExtended(found, files);
  return whole.ok ? success(withIncluded(whole.value)) : whole;
}

function planAlone(request: CheckRequest, baselines: readonly Baseline[]): Result<Plan> {
  const host = resolveWithout(baselines, request.as);
  if (!host.ok) return host;
  return success(
    { tasks: [{ host: host.value, configs: request.configs ?? [], every: true }], baselines },
    host.warnings,
  );
}

function planSite(request: CheckRequest, file: InputFile, everywhere: readonly Baseline[]): Result<Plan> {
  const read = readDeployment(file);
  if (!read.ok) return read;
  const deployment = read.value;
  const chosen = chooseHosts(deployment, request.hosts);
  if (!chosen.ok) return chosen;
  const named = namedBaselines(chosen.value, file, request.files ?? []);
  if (!named.ok) return named;
  if (request.as !== undefined) return planAs(request, deployment, everywhere, named.value);
  const wrong = withoutHosts(deployment) ?? configsProblem(request, chosen.value, deployment);
  if (wrong !== undefined) return failure(wrong);
  const known = new Map([...othersBaselines(deployment, chosen.value, file, request.files), ...named.value]);
  const resolved = resolveHosts(deployment, known, everywhere, chosen.value);
  if (!resolved.ok) return resolved;
  const tasks: Task[] = [];
  const errors: Diagnostic[] = [];
  for (const [i, host] of resolved.value.entries()) {
    const configs = hostConfigs(request, chosen.value[i] as DeploymentHost, file);
    const { selector } = chosen.value[i] as DeploymentHost;
    if (configs.ok)
      tasks.push({ host, configs: configs.value, ...(selector === undefined ? {} : { selector }) });
    else errors.push(...configs.errors);
  }
  if (errors.length > 0) return failure(...errors);
  const baselines = withIncluded([...named.value.values(), ...everywhere]);
  return success({ tasks, baselines }, resolved.warnings);
}

function planAs(
  request: CheckRequest,
  deployment: Deployment,
  everywhere: readonly Baseline[],
  named: ReadonlyMap<string, Baseline>,
): Result<Plan> {
  const path = deployment.source.path;
  const configs = request.configs ?? [];
  const wrong = (message: string, help: string): Result<Plan> =>
    failure({ severity: 'error', code: 'usage', path, message, help });
  if (configs.length === 0)
    return wrong('`--as` names the role of configs, and none is given', 'leave it out, or name configs');
  const baselines = everywhere.length > 0 ? everywhere : withIncluded([...named.values()]);
  const host = resolveAs(deployment, baselines, request.as, [...named.values()]);
  if (!host.ok) return host;
  return success({ tasks: [{ host: host.value, configs, every: true }], baselines }, host.warnings);
}

/** Configs beside a deployment are of one host; which one must be clear. */
function configsProblem(
  request: CheckRequest,
  hosts: readonly DeploymentHost[],
  deployment: Deployment,
): Diagnostic | undefined {
  if ((request.configs ?? []).length === 0 || hosts.length === 1) return undefined;
  return {
    severity: 'error',
    code: 'usage',
    path: deployment.source.path,
    message: 'the deployment has several hosts; it is not said which of them the configs are of',
    help: 'name the host with `--host`, or a role with `--as`',
  };
}

/** The baselines that the hosts name, by the name that the deployment has. */
export function namedBaselines(
  hosts: readonly Pick<DeploymentHost, 'baselines'>[],
  file: Pick<InputFile, 'path'>,
  files: readonly InputFile[],
): Result<ReadonlyMap<string, Baseline>> {
  const found = new Map<string, Baseline>();
  const broken = new Set<string>();
  const errors: Diagnostic[] = [];
  for (const { kind, name, span } of hosts.flatMap((host) => host.baselines)) {
    if (found.has(name)) continue;
    const given = files.find(({ path }) => path === sitePath(file.path, name));
    const alone = kind === 'id' ? readBaseline(name) : given && readBaseline(given);
    const read = alone?.ok ? withExtended(alone.value, files) : alone;
    if (read?.ok) found.set(name, read.value);
    else if (read === undefined) errors.push(notGiven(name, span));
    // What is wrong in the file itself is told once, however many hosts have the baseline.
    else if (broken.has(name)) continue;
    else {
      if (read.errors.every((error) => error.span)) broken.add(name);
      errors.push(...read.errors.map((error) => (error.span ? error : { ...error, span })));
    }
  }
  return errors.length > 0 ? failure(...errors) : success(found);
}

/** Baselines of the hosts that are not checked, where they can be read: the deployment may have their roles and settings, too. */
export function othersBaselines(
  deployment: Deployment,
  chosen: readonly DeploymentHost[],
  file: Pick<InputFile, 'path'>,
  files: readonly InputFile[] = [],
): ReadonlyMap<string, Baseline> {
  const taken = new Set(chosen);
  const others = deployment.hosts.filter((host) => !taken.has(host));
  const byName = new Map(others.flatMap(({ baselines }) => baselines.map((one) => [one.name, one])));
  const read = [...byName.values()].map((one) => namedBaselines([{ baselines: [one] }], file, files));
  return new Map(read.flatMap((one) => (one.ok ? [...one.value] : [])));
}

function noConfigs({ name, origin }: DeploymentHost): Diagnostic {
  const diagnostic: Diagnostic = {
    severity: 'error',
    code: 'no-rules',
    message: `the host \`${name}\` has no configs`,
    expected: '`configs:` with the dumps or exports of the host',
    help: 'add them, or leave the host out: an audit of nothing says nothing',
  };
  return placed(diagnostic, origin);
}

/** The configs of one host among the files given. */
export function hostConfigs(
  request: CheckRequest,
  host: DeploymentHost,
  deployment: Pick<InputFile, 'path'>,
): Result<InputFile[]> {
  const { captured } = host;
  const note = Object.keys(captured).length === 0 ? {} : { captured };
  if ((request.configs ?? []).length > 0) return success([...(request.configs ?? [])]);
  if (host.configs.length === 0) return failure(noConfigs(host));
  const found: InputFile[] = [];
  const errors: Diagnostic[] = [];
  for (const { path, span } of host.configs) {
    const named = sitePath(deployment.path, path);
    // A folder stands for the files in it.
    const given = (request.files ?? []).filter(
      (file) => file.path === named || posix.dirname(file.path) === named,
    );
    if (given.length === 0) errors.push(notGiven(path, span));
    for (const file of given) found.push({ ...file, ...note });
  }
  return errors.length > 0 ? failure(...errors) : success(found);
}
