import { type CloudSelector, isSecureTag } from '../../rule/cloud-selector.ts';
import { type Diagnostic, failure, placed, type Result, success } from '../../text/diagnostic.ts';
import { kept } from '../../text/kept.ts';
import type { CloudPoint } from '../cloud.ts';
import { unknownName } from '../exports/unknown.ts';
import { carrying, carryingAll, completed } from './carried.ts';
import { type GcpInterface, lastOf } from './content.ts';
import type { GcpModel } from './model.ts';
import { type GcpPoint, pointOf, shortNetwork } from './points.ts';
import { rulesOf } from './sections.ts';

/** The point that a selector names, by tags, accounts, network, instance or, in packets, any of them. */
export function findPoint(model: GcpModel, selector: CloudSelector): Result<CloudPoint> {
  if (selector.instance !== undefined) return pointOfInstance(model, selector.instance, selector);
  const free = selector.groups ?? selector.securityGroups ?? [];
  const isNetwork = (name: string): boolean => networksOf(model, name).length > 0;
  const tags = [
    ...(selector.networkTags ?? []),
    ...free.filter((one) => !one.includes('@') && !isNetwork(one)),
  ];
  const accounts = [...(selector.serviceAccounts ?? []), ...free.filter((one) => one.includes('@'))];
  const errors = selector.groups === undefined ? unknownTargets(model, tags, accounts, selector) : [];
  if (errors.length > 0) return failure(...errors);
  const wanted = selector.network ?? free.find(isNetwork);
  const network = networkNamed(model, wanted, [...tags, ...accounts], selector);
  if (!network.ok) return network;
  const said = { network: network.value, tags: sorted(tags), accounts: sorted(accounts) };
  const isPacket = selector.groups !== undefined;
  const carried = isPacket ? said : completed(model, said);
  const point = pointOf(model, carried, (isPacket ? carryingAll : carrying)(model, carried));
  const content = point.content as GcpPoint;
  // Who names what exported instances carry need not have said all: of secure tags these say nothing.
  const isOpen = content.secureTagsUnknown && selector.groups === undefined && !tags.some(isSecureTag);
  const named = { named: selector.groups === undefined, secureTagsUnknown: isOpen };
  return success({ ...point, content: inRegion({ ...content, ...named }, selector) });
}

/** What an export of the instance says of its region is believed before the deployment. */
const inRegion = (point: GcpPoint, { region }: CloudSelector): GcpPoint => ({
  ...point,
  region: point.region ?? region,
  regionSaid: point.region === undefined && region !== undefined,
});

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();

function networksOf({ networks }: GcpModel, name: string): string[] {
  if (networks.includes(name)) return [name];
  return networks.filter((one) => lastOf(one) === lastOf(name));
}

/** The named network; else the only one, or the only one whose rules know the tags. */
function networkNamed(
  model: GcpModel,
  name: string | undefined,
  targets: readonly string[],
  { span }: CloudSelector,
): Result<string> {
  const named = name === undefined ? [...model.networks] : networksOf(model, name);
  const knowing = named.filter((network) => {
    const known = new Set(
      rulesOf(model, network).flatMap((rule) => [...rule.targets.tags, ...rule.targets.accounts]),
    );
    return targets.some((target) => known.has(target));
  });
  const found = name === undefined && named.length > 1 && knowing.length === 1 ? knowing : named;
  const [only, second] = found;
  if (only !== undefined && second === undefined) return success(only);
  const known = model.networks.map((one) => shortNetwork(model, one));
  if (name !== undefined) return failure(unknownName('network', name, named, known, span));
  const diagnostic: Diagnostic = {
    severity: 'error',
    code: 'which-network',
    message: 'the exports have several networks, and it is not said in which of them the host is',
    expected: `\`network:\`, one of ${known.map((one) => `\`${one}\``).join(', ')}`,
  };
  return failure(placed(diagnostic, span));
}

/** Names of a deployment that no rule and no instance has: most likely written wrong. */
function unknownTargets(
  model: GcpModel,
  tags: readonly string[],
  accounts: readonly string[],
  { span }: CloudSelector,
): Diagnostic[] {
  const missing = (what: string, names: readonly string[], known: ReadonlySet<string>): Diagnostic[] =>
    names.filter((name) => !known.has(name)).map((name) => unknownName(what, name, [], [...known], span));
  if (tags.length + accounts.length === 0) return [];
  const known = kept(NAMES, model, () => namesOf(model));
  return [
    ...missing('network tag', tags, known.tags),
    ...missing('service account', accounts, known.accounts),
  ];
}

interface Names {
  readonly tags: ReadonlySet<string>;
  readonly accounts: ReadonlySet<string>;
}

/** A project has many rules, and each host of a deployment asks for its names. */
const NAMES = new WeakMap<GcpModel, Names>();

/** Every tag and every account that a rule is for, that a rule names as a peer, and that an instance has, in this order. */
function namesOf(model: GcpModel): Names {
  const tags = new Set<string>();
  const accounts = new Set<string>();
  const rules = model.networks.flatMap((network) => rulesOf(model, network));
  for (const { targets } of rules) {
    for (const tag of targets.tags) tags.add(tag);
    for (const account of targets.accounts) accounts.add(account);
  }
  for (const { source, destination } of rules)
    for (const { groups } of [source, destination])
      for (const name of groups) (name.includes('@') ? accounts : tags).add(name);
  for (const one of model.interfaces) {
    for (const tag of one.tags) tags.add(tag);
    for (const account of one.accounts) accounts.add(account);
  }
  return { tags, accounts };
}

/** An instance by name or id. Its interfaces are each of another network, with other rules. */
function pointOfInstance(model: GcpModel, name: string, selector: CloudSelector): Result<CloudPoint> {
  const own = model.interfaces.filter((one) => one.instance === name || one.id === name);
  const known = [...new Set(model.interfaces.map(({ instance }) => instance))];
  const wanted = selector.network === undefined ? undefined : networksOf(model, selector.network);
  const chosen = wanted === undefined ? own : own.filter(({ network }) => wanted.includes(network));
  const [only, second] = chosen;
  if (only === undefined) return failure(unknownName('instance', name, [], known, selector.span));
  if (second === undefined) return taggedInstance(model, name, only, selector);
  // A name is unique in its project and zone only.
  const ids = [...new Set(chosen.flatMap(({ id }) => id ?? []))];
  if (ids.length > 1) return failure(unknownName('instance', name, ids, known, selector.span));
  const diagnostic: Diagnostic = {
    severity: 'error',
    code: 'which-network',
    message: `the instance \`${name}\` has interfaces in several networks, each with rules of its own`,
    expected: `\`network:\`, one of ${chosen.map(({ network }) => `\`${shortNetwork(model, network)}\``).join(', ')}`,
  };
  return failure(placed(diagnostic, selector.span));
}

/** No export of instances has their secure tags; the deployment may say all of them. */
function taggedInstance(
  model: GcpModel,
  name: string,
  one: GcpInterface,
  selector: CloudSelector,
): Result<CloudPoint> {
  const { networkTags: secure } = selector;
  const errors = unknownTargets(model, secure ?? [], [], selector);
  if (errors.length > 0) return failure(...errors);
  const point = pointOf(model, { ...one, tags: sorted([...one.tags, ...(secure ?? [])]) }, [one]);
  const content = inRegion(point.content as GcpPoint, selector);
  const secureTagsUnknown = secure === undefined && content.secureTagsUnknown;
  return success({ ...point, name, content: { ...content, secureTagsUnknown } });
}
