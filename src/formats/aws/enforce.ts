import { ALWAYS } from '../../rule/condition.ts';
import type { Chain, CloudFacts, GroupMembers, Rule } from '../../rule/ruleset.ts';
import type { CloudLayers, CloudPoint } from '../cloud.ts';
import { AddressGatherer, addressIs } from '../exports/addresses.ts';
import {
  type Direction,
  DIRECTIONS,
  isOpen,
  peerField,
  statefulRule,
  verdictRule,
} from '../exports/chains.ts';
import { machinesAmong } from '../exports/one-machine.ts';
import type { AwsModel } from './account.ts';
import { type Alike, dispatched, distinct } from './dispatch.ts';
import { type Inside, insideOfSubnet, insideRules, tellInside } from './inside.ts';
import { aclRules } from './lower-acl.ts';
import { type Gathered, groupRules } from './lower-groups.ts';
import type { AwsPoint, Placement } from './points.ts';
import { nobodysAddresses, reservedAddresses } from './reserved.ts';

/** Network ACLs are at the subnet's border, groups at the interface. */
const AT_SUBNET = 1;
const AT_INTERFACE = 2;

/** The chains of a point: its groups, and the network ACLs of its subnets where they were given. */
export function enforce(
  model: AwsModel,
  point: CloudPoint,
  shared: Pick<CloudFacts, 'members' | 'hasOthers' | 'ids' | 'namedBy' | 'shortened' | 'knows'>,
): CloudLayers {
  const { placements, machines, lacks, notes = [] } = point.content as AwsPoint;
  const gathered: Gathered = { symbolic: new Set(), coverage: [...notes] };
  const chains = DIRECTIONS.flatMap((direction) => [
    ...aclChains(model, point, placements, direction, gathered),
    ...groupChains(model, point, placements, direction, gathered),
  ]);
  const own = new AddressGatherer();
  for (const { addresses } of placements) own.addAll(addresses);
  const known = own.members;
  const facts: CloudFacts = {
    ...shared,
    symbolic: [...gathered.symbolic].sort(),
    // Prefix lists may have public networks.
    machineGroups: [...gathered.symbolic].filter((name) => !name.startsWith('pl-')),
    groups: point.groups,
    unfiltered: unfilteredAddresses(model, placements),
    ...insideOf(model, placements),
    ...nobodysOf(model, placements),
    ...(known.ipv4.length + known.ipv6.length === 0 ? {} : { own: known, ...machinesAmong(machines) }),
    ownUnsaid: placements.flatMap(({ unsaid }) => unsaid),
    ...interfacesOf(placements),
  };
  return { chains, families: [4, 6], lacks, facts, coverage: gathered.coverage };
}

/** Groups of each kind of interface, where the instance has several kinds. */
function interfacesOf(placements: readonly Placement[]): Pick<CloudFacts, 'interfaces'> {
  const by = distinct(placements, ({ groups }) => groups.join('+'));
  if (by.length < 2) return {};
  return { interfaces: by.map(({ first, addresses }) => ({ groups: first.groups, own: addresses })) };
}

function groupChains(
  model: AwsModel,
  point: CloudPoint,
  placements: readonly Placement[],
  direction: Direction,
  gathered: Gathered,
): Chain[] {
  const layer = { name: `security groups ${point.name}`, table: 'security-group', distance: AT_INTERFACE };
  const by = distinct(placements, ({ groups }) => groups.join('+'));
  const originOf = (ids: readonly string[] = []): Rule['origin'] =>
    ids.flatMap((id) => model.groups.get(id) ?? [])[0]?.span ?? point.origin;
  const bodies = by.map(({ first, ...alike }) => {
    const rules = groupRules(model, first.groups, direction, gathered);
    // What nothing lets pass these groups drop, not those of the instance's first interface.
    const last = by.length > 1 ? [verdictRule(ALWAYS, 'drop', originOf(first.groups))] : [];
    return { ...alike, rules: [...rules, ...last] };
  });
  // Of rules that only accept the order is nothing: what nobody could read comes after what surely passes.
  const unsure =
    by.length > 1 ? [] : bodies.flatMap(({ rules }) => rules.filter(({ match }) => isOpen(match)));
  const sure = bodies.map((body) => ({
    ...body,
    rules: unsure.length === 0 ? body.rules : body.rules.filter(({ match }) => !isOpen(match)),
  }));
  const origin = originOf(placements[0]?.groups);
  // What groups say comes first: it is what openings are told by.
  const after = [reserved(model, placements, direction, origin), ...unsure];
  return dispatched(
    layer,
    direction,
    { bodies: sure, placements },
    { before: [statefulRule(origin)], after },
    origin,
  );
}

function aclChains(
  model: AwsModel,
  point: CloudPoint,
  placements: readonly Placement[],
  direction: Direction,
  gathered: Gathered,
): Chain[] {
  if (model.hasAcls && direction === 'ingress') tellUnguarded(model, placements, point, gathered);
  const guarded = placements.filter(({ subnet }) => subnet !== undefined && model.aclOf.has(subnet));
  const first = model.aclOf.get(guarded[0]?.subnet ?? '');
  if (first === undefined) return [];
  const layer = { name: `network ACLs of ${point.name}`, table: 'network-acl', distance: AT_SUBNET };
  const origin = first.span;
  const bodies = distinct(placements, ({ subnet }) => subnet ?? '').map(({ first: one, ...alike }) => {
    const id = one.subnet ?? '';
    const acl = model.aclOf.get(id);
    if (acl === undefined) return { ...alike, rules: [], open: true };
    const inside = insideOfPlacements(model, id, alike);
    if (direction === 'ingress') tellInside(id, inside, acl.span, gathered.coverage);
    const rules = [
      ...insideRules(inside, direction, id, acl.span),
      ...aclRules(acl, direction, gathered.coverage),
    ];
    return { ...alike, rules, open: false };
  });
  const before = [reserved(model, placements, direction, origin)];
  return dispatched(layer, direction, { bodies, placements }, { before, after: [] }, origin);
}

/** A subnet whose ACL is not among those exported is not taken for closed, and told. */
function tellUnguarded(
  model: AwsModel,
  placements: readonly Placement[],
  point: CloudPoint,
  { coverage }: Gathered,
): void {
  const names = placements.flatMap(({ subnet }) =>
    subnet === undefined || model.aclOf.has(subnet) ? [] : [subnet],
  );
  if (
    placements.some(
      ({ subnet, addresses: { ipv4, ipv6 } }) => subnet === undefined && ipv4.length + ipv6.length > 0,
    )
  )
    coverage.push({
      span: point.origin,
      status: 'approximated',
      reason:
        'the export does not say in which subnet the interface is: what its network ACL closes is not seen',
    });
  for (const name of new Set(names))
    coverage.push({
      span: point.origin,
      status: 'approximated',
      reason: `no exported network ACL is that of \`${name}\`: what it closes is not seen`,
    });
}

/** Traffic with addresses that AWS keeps for itself, of all the point's subnets. */
function reserved(
  model: AwsModel,
  placements: readonly Placement[],
  direction: Direction,
  origin: Rule['origin'],
): Rule {
  const addresses = unfilteredAddresses(model, placements);
  return verdictRule(
    addressIs(peerField(direction), addresses),
    'accept',
    origin,
    'AWS filters no traffic with addresses of its own services',
  );
}

function insideOfPlacements(model: AwsModel, subnet: string, { placements, addresses }: Alike): Inside {
  const unsaid = placements.flatMap((one) => one.unsaid);
  return insideOfSubnet(model.subnets.get(subnet), { addresses, unsaid });
}

/** Who is surely inside of the point's subnets that have a network ACL. */
function insideOf(model: AwsModel, placements: readonly Placement[]): Pick<CloudFacts, 'inside'> {
  const gathered = new AddressGatherer();
  for (const { first, ...alike } of distinct(placements, ({ subnet }) => subnet ?? '')) {
    const name = first.subnet ?? '';
    if (model.aclOf.has(name)) gathered.addAll(insideOfPlacements(model, name, alike).sure);
  }
  const inside = gathered.members;
  return inside.ipv4.length + inside.ipv6.length === 0 ? {} : { inside };
}

/** Of the point's subnets, whose networks its neighbours are in. */
function nobodysOf(model: AwsModel, placements: readonly Placement[]): Pick<CloudFacts, 'nobodys'> {
  const names = [...new Set(placements.flatMap(({ subnet }) => subnet ?? []))];
  const subnets = names.flatMap((name) => model.subnets.get(name) ?? []);
  return subnets.length === 0 ? {} : { nobodys: nobodysAddresses(subnets) };
}

function unfilteredAddresses(model: AwsModel, placements: readonly Placement[]): GroupMembers {
  const gathered = new AddressGatherer();
  const told = new Set<string>();
  for (const { subnet: id = '', vpc: own = '' } of placements) {
    const subnet = model.subnets.get(id);
    const vpc = model.vpcs.get(subnet?.VpcId ?? own);
    const key = `${subnet?.SubnetId ?? ''} ${vpc?.VpcId ?? ''}`;
    if (told.has(key)) continue;
    told.add(key);
    gathered.addAll(reservedAddresses(subnet, vpc));
  }
  return gathered.members;
}
