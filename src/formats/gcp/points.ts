import type { Span } from '../../text/source.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import type { CloudPoint } from '../cloud.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { lackedBy } from '../exports/own-families.ts';
import { type Carried, carrying } from './carried.ts';
import { type GcpInterface, lastOf } from './content.ts';
import type { GcpModel } from './model.ts';
import { rulesOf, type Section, secureTargetsIn } from './sections.ts';

/** The account's own note of a point: an interface in a network, with what its instance carries. */
export interface GcpPoint {
  readonly network: string;
  /** Network tags and secure tags. */
  readonly tags: ReadonlySet<string>;
  readonly accounts: ReadonlySet<string>;
  readonly region: string | undefined;
  /** The region is what the deployment says; no export says it. */
  readonly regionSaid: boolean;
  /** Absent where no instance is known to be meant. */
  readonly own: GroupMembers | undefined;
  /** Of which `own` are, one for each interface. */
  readonly instances: readonly string[];
  /** The family that all of its interfaces surely have no address of. */
  readonly lacks: 4 | 6 | undefined;
  /** Each of its instances takes what is for its own addresses alone. */
  readonly keeps: boolean;
  /** Families of which the export leaves addresses of its interfaces out. */
  readonly unsaid: readonly (4 | 6)[];
  /** The host was named by what it carries: what else it carries nobody said. */
  readonly named: boolean;
  /** It is known by an export of instances, which does not say which secure tags are bound to them. */
  readonly secureTagsUnknown: boolean;
}

/** What an instance of the point carries, or may carry for all that is known, of what the section's rules are for. */
export function carriedAt({ tags, accounts, secureTagsUnknown }: GcpPoint, section: Section): string[] {
  const carried = [...tags, ...accounts];
  return secureTagsUnknown ? [...carried, ...secureTargetsIn(section)] : carried;
}

/** One point for each distinct set of tags and accounts of an interface; without instances one for each target. */
export function pointsOf(model: GcpModel): CloudPoint[] {
  const points = carriedPoints(model);
  return points.map((point) => {
    const { network, tags, accounts } = point.content as GcpPoint;
    const alone = points.every(
      ({ content }) => content === point.content || (content as GcpPoint).network !== network,
    );
    if (alone || tags.size + accounts.size > 0) return point;
    return { ...point, name: `other instances of ${shortNetwork(model, network)}` };
  });
}

function carriedPoints(model: GcpModel): CloudPoint[] {
  if (model.interfaces.length === 0) return model.networks.flatMap((network) => targetPoints(model, network));
  const sets = new Map<string, GcpInterface[]>();
  for (const one of model.interfaces) {
    const key = [one.network, ...one.tags, ' ', ...one.accounts].join('+');
    sets.set(key, [...(sets.get(key) ?? []), one]);
  }
  return [...sets.values()].map((interfaces) => pointOf(model, interfaces[0] as GcpInterface, interfaces));
}

/** Each tag and each account that a rule of the network is for, and the instances that carry none. */
function targetPoints(model: GcpModel, network: string): CloudPoint[] {
  const rules = rulesOf(model, network);
  const tags = new Set(rules.flatMap(({ targets }) => targets.tags));
  const accounts = new Set(rules.flatMap(({ targets }) => targets.accounts));
  const forAll = rules.some(({ targets }) => targets.tags.length + targets.accounts.length === 0);
  const points = [
    ...[...tags].map((tag) => pointOf(model, { network, tags: [tag], accounts: [] }, [])),
    ...[...accounts].map((account) => pointOf(model, { network, tags: [], accounts: [account] }, [])),
  ];
  return forAll || points.length === 0 ? [barePoint(model, network), ...points] : points;
}

/** An instance of the network that carries no tag and no account that a rule names; of secure tags it has none either. */
export function barePoint(model: GcpModel, network: string): CloudPoint {
  const nothing = { network, tags: [], accounts: [] };
  const interfaces = carrying(model, nothing).filter(({ accounts }) => accounts.length === 0);
  const point = pointOf(model, nothing, interfaces);
  return { ...point, content: { ...(point.content as GcpPoint), secureTagsUnknown: false } };
}

/** The point of what carries this, and the interfaces that do. */
export function pointOf(model: GcpModel, carried: Carried, interfaces: readonly GcpInterface[]): CloudPoint {
  const { network, tags, accounts } = carried;
  const several = model.networks.length > 1;
  const groups = [...tags, ...accounts];
  const shown = shortNetwork(model, network);
  const base = groups.length === 0 ? `all instances of ${shown}` : groups.join('+');
  const regions = new Set(interfaces.map(({ region }) => region));
  const content: GcpPoint = {
    network,
    tags: new Set(tags),
    accounts: new Set(accounts),
    region: regions.size === 1 ? interfaces[0]?.region : undefined,
    regionSaid: false,
    own: interfaces.length === 0 ? undefined : ownAddresses(interfaces),
    instances: interfaces.map(({ id, zone, instance }) => id ?? `${zone} ${instance}`),
    lacks: lackedBy(interfaces),
    keeps: interfaces.length > 0 && interfaces.every(({ forwards }) => forwards === false),
    unsaid: interfaces.flatMap(({ unsaid }) => unsaid),
    named: false,
    secureTagsUnknown: interfaces.length > 0,
  };
  return {
    name: several && groups.length > 0 ? `${shown}: ${base}` : base,
    groups: [...groups, ...(several ? [shown] : [])].sort(),
    origin: interfaces[0]?.span ?? originOf(model, network),
    content,
  };
}

function ownAddresses(interfaces: readonly GcpInterface[]): GroupMembers {
  const own = new AddressGatherer();
  for (const { addresses, aliases } of interfaces)
    for (const text of [...addresses, ...aliases]) own.add(text);
  return own.members;
}

/** A network by its name alone, where no other has it. */
export function shortNetwork({ networks }: GcpModel, network: string): string {
  const short = lastOf(network);
  return networks.filter((one) => lastOf(one) === short).length > 1 ? network : short;
}

/** Where a network is first described; of one that only others name, where these are. There is a rule or a policy always. */
export function originOf(model: GcpModel, network: string): Span {
  const { firewalls, policies, stated, interfaces } = model;
  // What decides nothing in a network does not stand for it.
  const isRoce = model.profiles.get(network) === 'roce';
  const firewall = isRoce ? undefined : firewalls.find((one) => one.network === network);
  const within = interfaces.find((one) => one.network === network);
  const own = firewall?.rule.span ?? stated.get(network)?.span ?? within?.span;
  const span = own ?? policies[0]?.policy.span ?? firewalls[0]?.rule.span;
  return { ...(span as Span), label: `network ${shortNetwork(model, network)}` };
}
