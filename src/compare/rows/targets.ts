import { type Cast, castsOf, groupsAmong, SOLICITED_NODES, solicitedNodes } from '../../baseline/delivery.ts';
import type { Delivery } from '../../baseline/delivery.ts';
import type { ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { GROUP_DESTINATIONS, PACKET_TYPES, type PacketType } from '../../packet/packet.ts';
import { contains, normalise, pairsOf, type Ranges, union } from '../../packet/ranges.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { surroundingsOf } from '../../symbolic/surroundings.ts';
import { everyAddress } from '../addresses/addresses.ts';
import { hostAddresses, listedAddresses, partyAddresses } from './parties.ts';
import { isBehindCloud, isCloudOnly } from '../view/clouds.ts';
import type { FamilyView } from '../view/view.ts';

/** Where the needed packets of a row go. */
export type Target =
  /** To the destination's own addresses. */
  | { readonly kind: 'own' }
  /** To every one of these groups. */
  | { readonly kind: 'groups'; readonly values: Ranges<number> | Ranges<bigint> }
  /** To one of these groups at least: which of them the destination listens to nobody said. */
  | { readonly kind: 'some'; readonly values: Ranges<number> | Ranges<bigint> };

/** 255.255.255.255 (RFC 1122, 3.2.1.3). */
const EVERYBODY: Ranges<number> = [0xffffffff, 0xffffffff];

const OWN: readonly Target[] = [{ kind: 'own' }];

/**
 * Where a row's packets go in a family; empty where they go nowhere. A connection from the host to a role that is bound to groups goes to
 * these. Nothing in a cloud sends to groups or broadcasts in a way that its rules are asked about, and no link-local group is
 * forwarded.
 */
export function targetsOf(
  ruleset: Ruleset,
  host: ResolvedHost,
  row: ResolvedRow,
  family: 4 | 6,
): readonly Target[] {
  const { delivery, direction } = row;
  if (direction === 'loopback') return OWN;
  const isJudged = direction !== 'forward' && !isCloudOnly(ruleset);
  if (delivery !== undefined) {
    const own = delivery.unicast ? OWN : [];
    return isJudged ? [...own, ...delivered(ruleset, host, row, delivery, family)] : own;
  }
  const bound = direction === 'in' ? undefined : row.destination;
  const addresses = bound?.binding === 'bound' ? partyAddresses(ruleset, bound, family) : undefined;
  const groups = groupsAmong(family, addresses ?? []);
  if (groups.length === 0) return OWN;
  const all = String(groups) === String(addresses);
  return [...(all ? [] : OWN), ...(isJudged ? [{ kind: 'groups', values: groups } as const] : [])];
}

function delivered(
  ruleset: Ruleset,
  host: ResolvedHost,
  row: ResolvedRow,
  delivery: Delivery,
  family: 4 | 6,
): Target[] {
  if (family === 4) {
    const values = groups4(delivery);
    return values.length === 0 ? [] : [{ kind: 'groups', values }];
  }
  const { groups, solicitedNode } = delivery;
  const known = solicitedNode ? listening(ruleset, host, row) : [];
  const fixed = normalise([...pairsOf(groups.ipv6), ...pairsOf(solicitedNodes(known ?? []))]);
  return [
    ...(fixed.length === 0 ? [] : [{ kind: 'groups', values: fixed } as const]),
    ...(known === undefined ? [{ kind: 'some', values: SOLICITED_NODES } as const] : []),
  ];
}

/** The IPv4 groups of a delivery, everybody on the link among them. */
function groups4({ groups, broadcast }: Delivery): Ranges<number> {
  return broadcast ? union(groups.ipv4, EVERYBODY) : groups.ipv4;
}

/** The IPv6 addresses of the row's destination; undefined where nobody said. */
function listening(ruleset: Ruleset, host: ResolvedHost, row: ResolvedRow): Ranges<bigint> | undefined {
  if (row.direction === 'in') return ownAddresses(ruleset, host, 6) as Ranges<bigint> | undefined;
  return partyAddresses(ruleset, row.destination, 6) as Ranges<bigint> | undefined;
}

/** Every address of the host that anybody named, those for its link alone too; undefined where nobody named any. */
export function ownAddresses(
  ruleset: Ruleset,
  host: ResolvedHost,
  family: 4 | 6,
): Ranges<number> | Ranges<bigint> | undefined {
  const bound = hostAddresses(ruleset, host.own, family);
  if (bound === undefined) return undefined;
  return union(bound as Ranges<bigint>, listedAddresses(ruleset, family) as Ranges<bigint>);
}

/**
 * Addresses that a host sends to a group from: its own, and those that are valid on the link. While it has none it asks for one from no
 * address at all: by DHCP everybody (RFC 2131, 4.1), in IPv6 a group (RFC 4861, 4.1; RFC 3810, 5.2.13).
 */
export function senders(
  family: 4 | 6,
  own: Ranges<number> | Ranges<bigint> | undefined,
  groups: Ranges<number> | Ranges<bigint>,
): Ranges<number> | Ranges<bigint> {
  if (own === undefined) return everyAddress(family);
  if (family === 6)
    return normalise([
      [0n, 0n],
      [0xfe80n << 112n, (0xfec0n << 112n) - 1n],
      ...pairsOf(own as Ranges<bigint>),
    ]);
  const none = contains(groups as Ranges<number>, 0xffffffff) ? [[0, 0] as const] : [];
  return normalise([...none, ...pairsOf(own as Ranges<number>)]);
}

/** Every group and broadcast address that a row may send to or receive at, besides addresses of machines. */
export function documentedGroups({ delivery }: ResolvedRow, family: 4 | 6): Ranges<number> | Ranges<bigint> {
  if (delivery === undefined) return [];
  if (family === 4) return groups4(delivery);
  const { groups, solicitedNode } = delivery;
  return normalise([...pairsOf(groups.ipv6), ...(solicitedNode ? pairsOf(SOLICITED_NODES) : [])]);
}

/**
 * How the row's packets come to the host. What it sends has no type yet (`ip_output.c` leaves the socket buffer at
 * PACKET_HOST), and rules see it as unicast.
 */
export function castOf(row: ResolvedRow): Cast {
  const { direction, delivery } = row;
  if (delivery === undefined || delivery.unicast) return isOfTheLink(row) ? 'neighbour' : 'unicast';
  if (direction !== 'in') return 'sent';
  return delivery.broadcast ? 'broadcast' : 'multicast';
}

/** Protocol of ICMPv6. */
const ICMPV6 = 58;

/**
 * Whether the row is about what machines of a link tell one another in ICMPv6, which no router passes on: neighbour discovery has
 * the hop limit 255 when it arrives, listener discovery leaves with 1 (RFC 4861, 7.1; RFC 3810, 5). The network of a cloud is no
 * such link: it tells an instance of its neighbours by itself, and asks no rule.
 */
export function isOfTheLink({ all, choices, level }: ResolvedRow): boolean {
  const traffics = [...all, ...choices.flat()];
  return (
    level !== 'prohibited' &&
    traffics.length > 0 &&
    traffics.every(({ protocol, hopLimit }) => protocol === ICMPV6 && (hopLimit === 255 || hopLimit === 1))
  );
}

/** Whether all of the row's packets go to groups or to everybody on the link. */
export function isForGroups(row: ResolvedRow, ruleset: Ruleset): boolean {
  if (row.delivery !== undefined) return !row.delivery.unicast;
  if (row.direction === 'in' || row.destination.binding !== 'bound') return false;
  const bound = row.families.map((family) => ({
    family,
    addresses: partyAddresses(ruleset, row.destination, family) ?? [],
  }));
  return (
    bound.some(({ addresses }) => addresses.length > 0) &&
    bound.every(({ family, addresses }) => String(groupsAmong(family, addresses)) === String(addresses))
  );
}

/** Packets as a link brings them: to groups as multicast, to everybody as broadcast, to a machine as unicast (RFC 1112, 6.4; RFC 2464, 7). */
export function typesByDestination(view: FamilyView): Node {
  const { diagram, family } = view;
  const all = view.field('dst', GROUP_DESTINATIONS[family] as Ranges<number>);
  const everybody = family === 4 ? view.field('dst', EVERYBODY) : NONE;
  const typed = (cast: PacketType, set: Node): Node => {
    const type = PACKET_TYPES.indexOf(cast);
    return diagram.and(set, view.field('pkttype', [type, type]));
  };
  return diagram.orAll([
    typed('unicast', diagram.not(all)),
    typed('broadcast', everybody),
    typed('multicast', diagram.difference(all, everybody)),
  ]);
}

const PARTS = new WeakMap<ResolvedRow, readonly ResolvedRow[]>();

/**
 * The row, or one for each way in which its packets travel, where rules ask for the packet's type or a cloud filters in front of the
 * host: then what happens to some says nothing about the others.
 */
export function partsOf(row: ResolvedRow, ruleset: Ruleset): readonly ResolvedRow[] {
  const isAsked = row.direction === 'in' && surroundingsOf(ruleset).asksPacketType;
  if (!isAsked && !isBehindCloud(ruleset)) return [row];
  let parts = PARTS.get(row);
  if (parts === undefined) {
    const delivery = row.delivery ?? deliveryTo(row);
    const casts = delivery === undefined ? [] : castsOf(delivery);
    parts = casts.length === 0 ? [row] : casts.map(({ part }) => ({ ...row, delivery: part }));
    PARTS.set(row, parts);
  }
  return parts;
}

/** What goes to a role that is bound to groups, as a delivery. */
function deliveryTo({ direction, destination }: ResolvedRow): Delivery | undefined {
  if (direction !== 'out' || destination.binding !== 'bound') return undefined;
  const { ipv4 = [], ipv6 = [] } = destination;
  const [four, six] = [groupsAmong(4, ipv4), groupsAmong(6, ipv6)] as [Ranges<number>, Ranges<bigint>];
  if (four.length + six.length === 0) return undefined;
  const unicast = String([four, six]) !== String([ipv4, ipv6]);
  return { unicast, solicitedNode: false, groups: { ipv4: four, ipv6: six }, broadcast: false };
}
