import { allOf, ALWAYS, type Condition } from '../../rule/condition.ts';
import { type Chain, type CloudFacts, GROUP_KEYS, type GroupKind, type Rule } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';
import type { CloudLayers, CloudPoint } from '../cloud.ts';
import {
  cloudChain,
  type Direction,
  DIRECTIONS,
  isOpen,
  ownField,
  statefulRule,
  verdictRule,
} from '../exports/chains.ts';
import { machinesAmong } from '../exports/one-machine.ts';
import { basicRules, everything, type Gathered, groupRules, spoofRules } from './lower.ts';
import type { OpenstackModel } from './model.ts';
import type { OpenstackPoint, Placement } from './points.ts';
import { addressesOf } from './port-addresses.ts';
import { choices, type Choosable } from './port-choice.ts';

/** The chains of a point: the union of its groups, in front of which port security stands. */
export function enforce(
  model: OpenstackModel,
  point: CloudPoint,
  knows: NonNullable<CloudFacts['knows']>,
): CloudLayers {
  const { placements, notes = [] } = point.content as OpenstackPoint;
  const gathered: Gathered = { symbolic: new Set(), machines: new Set(), coverage: [...notes] };
  const chains = DIRECTIONS.flatMap((direction) =>
    pointChains(model, point, placements, direction, gathered),
  );
  const ports = placements.flatMap((placement) => placement.ports);
  const own = addressesOf(ports, false);
  const facts: CloudFacts = {
    symbolic: [...gathered.symbolic].sort(),
    machineGroups: [...gathered.machines],
    members: model.members,
    ...(model.shared.size === 0 ? {} : { hasOthers: (id: string) => model.shared.has(id) }),
    ids: model.ids,
    knows,
    namedBy: (id) => (knows(id) === 'addresses' ? GROUP_KEYS : ['securityGroups']),
    groups: point.groups,
    ...(own === undefined ? {} : { own, ...machinesAmong(ports.map(({ machine }) => machine)) }),
    ...interfacesOf(placements),
  };
  return { chains, families: [4, 6], facts, coverage: gathered.coverage };
}

/** An id, which a group of another project has too. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The project's groups, and what rules of any group name: looked through once, when somebody asks. */
export function knowsOf(model: OpenstackModel): NonNullable<CloudFacts['knows']> {
  let named: ReadonlyMap<string, GroupKind> | undefined;
  return (id) => {
    named ??= namedKinds(model);
    return named.get(id) ?? (UUID.test(id) ? 'machines' : undefined);
  };
}

function namedKinds({ groups, withoutRules }: OpenstackModel): Map<string, GroupKind> {
  const kinds = new Map<string, GroupKind>();
  const rules = [...groups.values()].flatMap((group) => group.rules);
  for (const { remoteAddresses } of rules)
    if (remoteAddresses !== undefined) kinds.set(remoteAddresses, 'addresses');
  // A name of both kinds is one of machines.
  for (const { remoteGroup } of rules) if (remoteGroup !== undefined) kinds.set(remoteGroup, 'machines');
  for (const id of groups.keys()) kinds.set(id, 'machines');
  for (const { id } of withoutRules) kinds.set(id, 'machines');
  return kinds;
}

/** Groups of each kind of port, where the instance has several kinds. */
function interfacesOf(placements: readonly Placement[]): Pick<CloudFacts, 'interfaces'> {
  if (placements.length < 2) return {};
  // Whose fixed address it is comes first, as it does where packets are told apart.
  const known = [false, true].flatMap((all) =>
    placements.flatMap(({ groups, ports }) => {
      const own = addressesOf(ports, all);
      return own === undefined ? [] : [{ groups, own }];
    }),
  );
  return { interfaces: known };
}

/** One chain; where the instance's ports are guarded by different rules, one for each behind it. */
function pointChains(
  model: OpenstackModel,
  point: CloudPoint,
  placements: readonly Placement[],
  direction: Direction,
  gathered: Gathered,
): Chain[] {
  const layer = `security groups ${point.name}`;
  const origin = originOf(model, placements[0], point.origin);
  const base = { name: layer, table: 'security-group', layer, direction, distance: 1, origin };
  const [only, second] = placements;
  if (only !== undefined && second === undefined) {
    const rules = placementRules(model, only, direction, origin, gathered);
    return [cloudChain({ ...base, rules, policy: 'drop' })];
  }
  const inner = placements.map((placement, i): Chain => {
    const own = originOf(model, placement, point.origin);
    return {
      id: `${layer} ${direction} ${i}`,
      name: `${layer} ${i + 1}`,
      table: 'security-group',
      families: [4, 6],
      layer,
      // What nothing lets pass these groups drop, not those of the instance's first port.
      rules: [
        ...placementRules(model, placement, direction, own, gathered),
        verdictRule(ALWAYS, 'drop', own),
      ],
      origin: own,
    };
  });
  const found = choices(kindsOf(placements, point.origin), ownField(direction));
  for (const { span, shared } of found)
    if (shared) gathered.coverage.push({ span, status: 'approximated', reason: SHARED_ADDRESSES });
  const jumps = found.map(
    ({ of, match }): Rule => ({
      match,
      actions: [{ kind: 'goto', chain: (inner[of] as Chain).id }],
      origin,
    }),
  );
  return [cloudChain({ ...base, rules: jumps, policy: 'drop' }), ...inner];
}

const SHARED_ADDRESSES =
  'ports that are guarded differently may use the same addresses (fixed ones, allowed address pairs, or none is exported of one): by which of them their packets pass is left open';

const kindsOf = (placements: readonly Placement[], otherwise: Span): Choosable[] =>
  placements.map(({ ports }) => {
    const span = ports[0]?.span ?? otherwise;
    return {
      fixed: addressesOf(ports, false),
      all: addressesOf(ports, true),
      span,
      name: span.label ?? 'one of several ports',
    };
  });

function placementRules(
  model: OpenstackModel,
  placement: Placement,
  direction: Direction,
  origin: Span,
  gathered: Gathered,
): Rule[] {
  const { groups, security, bypass, ports } = placement;
  if (security === false) return [everything(origin)];
  const carrier = ports[0]?.span ?? origin;
  const own = groupRules(model, groups, direction, carrier, gathered);
  // What nobody knows to pass comes last: what surely passes is told by what surely lets it pass, the network's own services too.
  const unsure = own.filter(({ match }) => isOpen(match));
  const rules = [
    ...statefulRules(model, groups, origin),
    ...own.filter(({ match }) => !isOpen(match)),
    ...basicRules(direction, origin),
    ...unsure,
  ];
  const spoof = direction === 'egress' ? spoofRules(addressesOf(ports, true), origin) : [];
  if (security === undefined) return unlessOff(SECURITY_UNSAID, origin, spoof, rules, gathered);
  if (bypass === undefined) return [...spoof, ...rules];
  return unlessOff(besideGroups(bypass), carrier, spoof, rules, gathered);
}

/** Why everything may pass whatever the rules are, and what decides it. */
interface Unsure {
  readonly text: string;
  readonly reason: string;
}

/** Without groups nothing passes, or everything where port security is off. */
const SECURITY_UNSAID: Unsure = {
  text: 'port security is disabled',
  reason:
    'the port has no security group, and the export does not say whether port security is enabled: whether everything passes or nothing is left open (`openstack port show` says it)',
};

const besideGroups = (bypass: string): Unsure => ({
  text: 'nothing filters the port',
  reason: `security groups need not filter the port, as ${bypass}: whether what they close passes is left open`,
});

/** The rules, behind which everything passes where nothing filters the port. */
function unlessOff(
  { text, reason }: Unsure,
  origin: Span,
  spoof: readonly Rule[],
  rules: readonly Rule[],
  { coverage }: Gathered,
): Rule[] {
  coverage.push({ span: origin, status: 'approximated', reason });
  const off: Condition = { kind: 'opaque', text, stateful: false, span: origin };
  const free = spoof.flatMap((rule) =>
    rule.actions.some((action) => action.kind === 'verdict' && action.verdict === 'drop')
      ? [verdictRule(allOf([rule.match, off]), 'accept', origin), rule]
      : [rule],
  );
  return [...free, ...rules, verdictRule(off, 'accept', origin)];
}

/** A stateless group knows no connections: what its rules let in needs rules that let the answer out. */
function statefulRules(model: OpenstackModel, groups: readonly string[], origin: Span): Rule[] {
  const stateful = groups.filter((id) => model.groups.get(id)?.stateful !== false);
  if (stateful.length === groups.length) return [statefulRule(origin)];
  if (stateful.length === 0) return [];
  const text = `the connection was let through by a stateful group (${stateful.join(', ')})`;
  const { match, ...rest } = statefulRule(origin);
  const tracked: Condition = { kind: 'opaque', text, stateful: false, span: origin };
  return [{ ...rest, match: { kind: 'and', of: [match, tracked] } }];
}

function originOf(model: OpenstackModel, placement: Placement | undefined, otherwise: Span): Span {
  const group = model.groups.get(placement?.groups[0] ?? '');
  return group?.span ?? placement?.ports[0]?.span ?? otherwise;
}
