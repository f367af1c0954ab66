import { posix } from 'node:path';
import type { Baseline } from '../baseline/baseline.ts';
import { chooseRole } from '../baseline/choose-role.ts';
import { formatPrefix } from '../packet/address.ts';
import { jsonLine, visible } from '../report/visible.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import type { CloudAccount, CloudPoint } from '../formats/cloud.ts';
import type { CloudSelector } from '../rule/cloud-selector.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import { readBaseline, shippedBaselines } from './baselines.ts';
import { choosePoint } from './host/cloud.ts';
import { assembleHost, readHostFiles } from './host/host.ts';
import type { InputFile } from './input.ts';
import { isInner, ownAddresses } from './host/own-addresses.ts';

/** What `init` makes a deployment of. */
export interface InitRequest {
  /** The configs; those of one folder are of one host. */
  readonly configs: readonly InputFile[];
  /** Baselines by id or as files; `host-essentials` where none is named. */
  readonly baselines?: readonly (string | InputFile)[];
  /** The role of the hosts; seen from the baselines where they leave no choice. */
  readonly as?: string;
  /** The folder of the deployment, seen from where the configs' paths are seen. */
  readonly folder?: string;
}

/** A host as far as its configs show it. */
interface SeenHost {
  readonly name: string;
  readonly configs: readonly string[];
  readonly rulesets: Ruleset;
  readonly selector?: Readonly<Record<string, unknown>>;
}

/** A deployment as YAML with what the configs show, and comments at what only people know. */
export async function init(request: InitRequest): Promise<Result<string>> {
  const named = request.baselines ?? ['host-essentials'];
  const baselines: Baseline[] = [];
  const errors: Diagnostic[] = [];
  for (const one of named) {
    const read = readBaseline(one);
    if (read.ok) baselines.push(read.value);
    else errors.push(...read.errors);
  }
  const role = errors.length > 0 ? undefined : chooseRole(baselines, request.as, shippedBaselines);
  if (role?.ok === false) errors.push(...role.errors);
  const hosts = await seenHosts(request.configs, request.folder ?? '.');
  if (!hosts.ok) errors.push(...hosts.errors);
  if (errors.length > 0 || !hosts.ok || !role?.ok) return failure(...errors);
  const ids = named.map((one) =>
    typeof one === 'string' ? one : (beside(one.path, request.folder ?? '.') ?? one.path),
  );
  return success(deploymentText(baselines, ids, role.value, hosts.value), hosts.warnings);
}

async function seenHosts(configs: readonly InputFile[], folder: string): Promise<Result<SeenHost[]>> {
  const outside = configs.filter(({ path }) => beside(path, folder) === undefined);
  if (outside.length > 0) return failure(...outside.map(notBelow));
  const groups = new Map<string, InputFile[]>();
  for (const file of configs)
    groups.set(posix.dirname(file.path), [...(groups.get(posix.dirname(file.path)) ?? []), file]);
  const found: SeenHost[] = [];
  const warnings: Diagnostic[] = [];
  for (const [path, files] of groups) {
    const read = await readHostFiles(files);
    if (!read.ok) return read;
    warnings.push(...read.warnings);
    const { account } = read.value;
    for (const point of account?.points ?? [undefined]) {
      const assembled = assembleHost(read.value, point);
      if (!assembled.ok) return assembled;
      found.push({
        name: point?.name ?? hostName(path, groups.size),
        configs: files.map((file) => beside(file.path, folder) ?? file.path),
        rulesets: assembled.value.ruleset,
        ...(account === undefined || point === undefined ? {} : { selector: selectorOf(account, point) }),
      });
    }
  }
  return success(uniqueNames(found), warnings);
}

function notBelow({ path }: InputFile): Diagnostic {
  return {
    severity: 'error',
    code: 'path-outside',
    path,
    message: 'a deployment names only what is in its own folder or below',
    help: 'write it above its configs with `--output`, or go to the folder above them',
  };
}

/** A path seen from a folder; undefined where it is not below. Both are relative, or both absolute. */
function beside(path: string, folder: string): string | undefined {
  const seen = posix.relative(folder, path);
  return path === '-' || seen === '' || seen.startsWith('..') || posix.isAbsolute(seen) ? undefined : seen;
}

function hostName(folder: string, groups: number): string {
  const name = posix.basename(folder);
  return groups === 1 && (name === '.' || name === '') ? 'host' : name === '.' ? 'host' : name;
}

function uniqueNames(hosts: readonly SeenHost[]): SeenHost[] {
  const used = new Set<string>();
  return hosts.map((host) => {
    let name = host.name;
    for (let i = 2; used.has(name); i++) name = `${host.name}-${i}`;
    used.add(name);
    return { ...host, name };
  });
}

const SELECTORS = [
  'securityGroups',
  'networkSecurityGroups',
  'applicationSecurityGroups',
  'networkTags',
  'serviceAccounts',
] as const;

/** How a deployment names the point: the first way that leads to it. */
function selectorOf(account: CloudAccount, point: CloudPoint): Readonly<Record<string, unknown>> {
  for (const key of SELECTORS)
    for (const groups of [point.groups, [point.name]]) {
      if (groups.length === 0) continue;
      const found = choosePoint(account, { [key]: groups } as CloudSelector);
      if (found.ok && found.value.name === point.name) return { [key]: groups };
    }
  return withoutGroups(account, point);
}

/** Of what carries no group the network or the machine is named, as its description is called: `port web`, `vm-1 nic0`. */
function withoutGroups(account: CloudAccount, point: CloudPoint): Readonly<Record<string, unknown>> {
  const words = `${point.name} ${point.origin.label ?? ''}`.split(' ');
  for (const key of ['network', 'instance'] as const)
    for (const word of words) {
      const found = choosePoint(account, { [key]: word } as CloudSelector);
      if (found.ok && isAlike(found.value, point)) return { [key]: word };
    }
  return {};
}

const isAlike = (a: CloudPoint, b: CloudPoint): boolean =>
  a.groups.join() === b.groups.join() && (a.name === b.name || a.origin.start === b.origin.start);

function deploymentText(
  baselines: readonly Baseline[],
  ids: readonly string[],
  role: string,
  hosts: readonly SeenHost[],
): string {
  const own = hosts.flatMap(({ rulesets }) => ownAddresses(rulesets));
  const lines = [
    '# A deployment made by `postern init` from the configs at hand. What configs do not say is `unbound`: put the',
    '# addresses of each party in its place, or `internet`. docs/deployments.md has all that can stand here.',
    'version: 1',
    'roles:',
    ...roleLines(baselines, role, [...new Set(own)]),
    'hosts:',
    ...hosts.flatMap((host) => hostLines(host, ids, role, hosts.length > 1)),
  ];
  return `${lines.join('\n')}\n`;
}

function roleLines(baselines: readonly Baseline[], role: string, own: readonly string[]): string[] {
  const roles = new Map(baselines.flatMap((baseline) => [...baseline.roles]));
  const found = [...roles].filter(
    ([, { addresses, everyHost }]) => addresses === undefined && everyHost !== true,
  );
  const lines = found.flatMap(([id, { title }]) => [
    `  # ${visible(title)}${id === role ? ': the hosts below' : ''}`,
    `  ${id}: ${id === role && own.length > 0 ? flow(own) : 'unbound'}`,
  ]);
  return lines.length === 0 ? ['  {}'] : lines;
}

function hostLines(host: SeenHost, ids: readonly string[], role: string, several: boolean): string[] {
  const { name, configs, rulesets, selector } = host;
  const addresses = ownAddresses(rulesets);
  return [
    `  - name: ${scalar(name)}`,
    `    # ${familyText(rulesets)}`,
    ...interfaceLines(rulesets),
    `    role: ${role}`,
    // A role of several hosts stands for all their addresses; each says which are its own.
    ...(several && addresses.length > 0 ? [`    addresses: ${flow(addresses)}`] : []),
    ...Object.entries(selector ?? {}).map(
      ([key, value]) =>
        `    ${key}: ${typeof value === 'string' ? scalar(value) : flow(value as readonly string[])}`,
    ),
    `    configs: ${flow(configs)}`,
    `    baselines: ${flow(ids)}`,
  ];
}

function familyText({ families }: Ruleset): string {
  const names = ([4, 6] as const).filter((family) => families.has(family)).map((family) => `IPv${family}`);
  const missing = ([4, 6] as const).filter((family) => !families.has(family)).map((family) => `IPv${family}`);
  const rest =
    missing.length === 0 ? '' : `; nothing was given of ${missing.join(' and ')}, which is not assessed`;
  return `rules for ${names.join(' and ')}${rest}`;
}

function interfaceLines({ host, cloud }: Ruleset): string[] {
  if (host === undefined && cloud !== undefined)
    return cloud.own === undefined ? ['    # no exported interface says which addresses it has'] : [];
  if (host === undefined)
    return ['    # no `ip -j addr` was given: the interfaces and own addresses are not known'];
  const of = (name: string): string =>
    host.addresses
      .filter((one) => one.interface === name)
      .map(({ family, address, prefixLength }) => formatPrefix(family, address, prefixLength))
      .join(', ');
  return host.interfaces.map((name) => {
    const inner =
      isInner(name) && of(name) !== '' ? ' (of its own containers or guests: not written above)' : '';
    return `    # interface ${visible(name)}${of(name) === '' ? '' : `: ${of(name)}`}${inner}`;
  });
}

/** A list on one line, each text quoted where YAML needs it. */
function flow(texts: readonly string[]): string {
  return `[${texts.map(scalar).join(', ')}]`;
}

/** Words that YAML 1.2 reads as something else than a text, or YAML 1.1 did. */
const SPECIAL = /^(true|false|null|yes|no|on|off|y|n|~|[0-9].*|[.-].*)$/i;

function scalar(text: string): string {
  return /^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !SPECIAL.test(text) ? text : jsonLine(text);
}
