import type { Diagnostic } from '../text/diagnostic.ts';
import { type Baseline, INTERNET, type Parameter } from './baseline.ts';
import type { Deployment, DeploymentHost, Setting, Settings } from './deployment.ts';
import type { Located } from './located.ts';
import { parameterTypeErrors } from './load-baseline.ts';
import { complaint } from './complaint.ts';
import { oneOf, suggestion } from './suggest.ts';

/**
 * Names in a deployment that none of its baselines has. Where it has no baseline at all, nothing is known yet.
 *
 * @param all whether the baselines are all that its hosts name
 */
export function checkNames(deployment: Deployment, baselines: readonly Baseline[], all = true): Diagnostic[] {
  if (baselines.length === 0) return [];
  const whose = all ? 'any baseline of this deployment' : 'any baseline of this deployment that was read';
  return checkSettings(deployment, baselines, whose);
}

/** Names that a host uses and its baselines do not have. */
export function checkHost(host: DeploymentHost, baselines: readonly Baseline[]): Diagnostic[] {
  if (baselines.length === 0) return [];
  return [
    ...checkRole(host, baselines),
    ...checkProtects(host, baselines),
    ...checkBaselineIds(host, baselines),
    ...checkSettings(host, baselines, `a baseline of the host \`${host.name}\``),
  ];
}

function checkSettings(settings: Settings, baselines: readonly Baseline[], whose: string): Diagnostic[] {
  const parameters = [...settings.parameters].flatMap(([name, { value, place }]) =>
    definitions(name, baselines).flatMap((type) => parameterTypeErrors(type, place, value)),
  );
  return [
    ...unknown(
      'role',
      [...settings.roles].map(([name, { place }]) => ({ name, place })),
      rolesOf(baselines),
      whose,
    ),
    ...unknownSetting('feature', settings.features, baselines, whose),
    ...unknownSetting('parameter', settings.parameters, baselines, whose),
    ...unknown('cluster', named(settings.clusters), namesIn(baselines, 'clusters'), whose),
    ...parameters,
  ];
}

function definitions(name: string, baselines: readonly Baseline[]): Parameter['type'][] {
  return [
    ...new Set(
      baselines.flatMap(
        ({ id, parameters }) => (parameters.get(name) ?? parameters.get(withoutId(id, name)))?.type ?? [],
      ),
    ),
  ];
}

/** A name without the id of the baseline that it is of; empty where it is not written so. */
function withoutId(id: string, name: string): string {
  return name.startsWith(`${id}.`) ? name.slice(id.length + 1) : '';
}

/** Names of features or parameters may have the id of their baseline before them (see settingOf). */
function unknownSetting(
  kind: 'feature' | 'parameter',
  settings: ReadonlyMap<string, Setting<unknown>>,
  baselines: readonly Baseline[],
  whose: string,
): Diagnostic[] {
  const key = `${kind}s` as const;
  const known = namesIn(baselines, key);
  const whole = new Set(baselines.flatMap((one) => [...one[key].keys()].map((name) => `${one.id}.${name}`)));
  const others = named(settings).filter(({ name }) => !whole.has(name));
  return unknown(kind, others, known, whose);
}

/**
 * Features that two baselines of a host mean different things by, and that the site sets by their name alone: it counts for
 * both, which need not be meant.
 */
export function ambiguousFeatures(settings: Settings, baselines: readonly Baseline[]): Diagnostic[] {
  return [...settings.features].flatMap(([name, { place }]) => {
    const having = baselines.filter(
      ({ id, features }) => features.has(name) && !settings.features.has(`${id}.${name}`),
    );
    const [first, other] = having;
    if (having.every(({ features }) => features.get(name)?.title === first?.features.get(name)?.title))
      return [];
    return [
      complaint({
        code: 'ambiguous-feature',
        message: `\`${name}\` is a feature of ${having.map(({ id }) => `\`${id}\``).join(' and ')}, and counts for each: ${having
          .map(({ features }) => `“${features.get(name)?.title}”`)
          .join(', ')}.`,
        span: place.keySpan ?? place.span,
        help: `Write \`${first?.id}.${name}\` or \`${other?.id}.${name}\` where only one is meant.`,
      }),
    ];
  });
}

interface Named {
  readonly name: string;
  readonly place: Located;
}

function named(settings: ReadonlyMap<string, Setting<unknown>>): Named[] {
  return [...settings].map(([name, { place }]) => ({ name, place }));
}

function namesIn(baselines: readonly Baseline[], key: 'features' | 'parameters' | 'clusters'): Set<string> {
  return new Set(baselines.flatMap((baseline) => [...baseline[key].keys()]));
}

/** `internet` may be bound where a document means less by it than the whole Internet. */
function rolesOf(baselines: readonly Baseline[]): Set<string> {
  return new Set([...baselines.flatMap((baseline) => [...baseline.roles.keys()]), INTERNET]);
}

function unknown(
  kind: string,
  used: readonly Named[],
  known: ReadonlySet<string>,
  whose: string,
): Diagnostic[] {
  return used
    .filter(({ name }) => !known.has(name))
    .map(({ name, place }) =>
      complaint({
        code: `unknown-${kind}`,
        message: `\`${name}\` is not a ${kind} of ${whose}.`,
        span: place.keySpan ?? place.span,
        expected: oneOf(known),
        help: suggestion(name, known),
      }),
    );
}

/** A host's role must be one of each of its baselines, unless that has a role for every host; `none` is a firewall. */
function checkRole(host: DeploymentHost, baselines: readonly Baseline[]): Diagnostic[] {
  const { value, place } = host.role;
  if (value === 'none') return [];
  const general = (baseline: Baseline): boolean =>
    [...baseline.roles.values()].some(({ everyHost }) => everyHost);
  const roles = new Set(baselines.flatMap((baseline) => [...baseline.roles.keys()]));
  const without = baselines.find((baseline) => !baseline.roles.has(value) && !general(baseline));
  if (roles.has(value) && without === undefined) return [];
  const candidates = [...(without?.roles.keys() ?? roles), 'none'];
  return [
    complaint({
      code: 'unknown-role',
      message: `The baseline \`${without?.id ?? baselines[0]?.id ?? ''}\` has no role \`${value}\`.`,
      span: place.span,
      expected: oneOf(candidates),
      help: suggestion(value, candidates),
    }),
  ];
}

function checkProtects(host: DeploymentHost, baselines: readonly Baseline[]): Diagnostic[] {
  const known = rolesOf(baselines);
  known.delete(INTERNET);
  const used = host.protects.map(({ value, place }) => ({
    name: value,
    place: { value, span: place.span, size: 1 },
  }));
  return unknown('role', used, known, `a baseline of the host \`${host.name}\``);
}

function checkBaselineIds(host: DeploymentHost, baselines: readonly Baseline[]): Diagnostic[] {
  // Those of one id and different texts are told where the ids stand (differingTexts).
  const twice = baselines.find((one, i) =>
    baselines.slice(0, i).some(({ id, sha256 }) => id === one.id && sha256 === one.sha256),
  )?.id;
  if (twice === undefined) return [];
  return [
    complaint({
      code: 'duplicate-baseline',
      message: `Two baselines of the host \`${host.name}\` have the id \`${twice}\`.`,
      span: host.role.place.span,
      help: "Give the site's own baseline an id of its own.",
    }),
  ];
}
