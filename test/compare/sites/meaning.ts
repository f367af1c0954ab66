import { type Direction, isIn, ownAddresses, type Role, type Row, type Site } from './site.ts';
import type { Packet } from './packets.ts';

/**
 * What rows document, forbid and need, read literally from docs/deployments.md and docs/adding-a-baseline.md: nothing here is shared
 * with the program.
 */

/** What no machine elsewhere has, and what no packet from the Internet carries. */
const IMPOSSIBLE = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'];
const POSSIBLE = ['2000::/3', 'fc00::/7'];
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

const among = (address: string, networks: readonly string[]): boolean =>
  networks.some((network) => isIn(address, network));

const EVERYBODY: Role = { addresses: [], on: undefined };
const INTERNET: Role = { addresses: 'internet', on: undefined };

/** The role at the other end of a row. */
export function peerOf({ roles }: Site, { peer }: Row): Role {
  if (peer === 'any') return EVERYBODY;
  return peer === 'internet' ? INTERNET : (roles[Number(peer.slice(1))] as Role);
}

function isPeer(site: Site, row: Row, address: string): boolean {
  const role = peerOf(site, row);
  if (role === EVERYBODY || role.addresses === 'unbound') return true;
  if (role.addresses !== 'internet') return among(address, role.addresses);
  const others = site.roles.flatMap((one) => (typeof one.addresses === 'string' ? [] : one.addresses));
  const own = site.families.flatMap((family) => ownAddresses(site, family));
  return !among(address, [...others, ...own]);
}

/** The row's packets by protocol, port and type; `services`: instead of all that the row has. */
function isTraffic({ traffic, family }: Row, packet: Packet, services?: readonly number[]): boolean {
  if (family !== undefined && family !== packet.family) return false;
  if ('icmp' in traffic)
    return (
      packet.protocol === 'icmp' && traffic.icmp === packet.family && traffic.types.includes(packet.service)
    );
  if (packet.protocol === 'icmp' || !traffic.protocols.includes(packet.protocol)) return false;
  if (traffic.sourcePorts !== undefined && !traffic.sourcePorts.includes(packet.sport)) return false;
  return (services ?? [...traffic.ports, ...traffic.choice]).includes(packet.service);
}

function boundInterfaces(site: Site, direction: Direction): ReadonlySet<string> {
  const roles = site.rows.filter((row) => row.direction === direction).map((row) => peerOf(site, row));
  return new Set(roles.flatMap(({ on }) => (on === undefined ? [] : [on])));
}

/** Everybody is on every interface; who is bound to none is on those that nobody is bound to. */
function isThere(site: Site, row: Row, device: string): boolean {
  const role = peerOf(site, row);
  if (role.on !== undefined) return role.on === device;
  return role === EVERYBODY || !boundInterfaces(site, row.direction).has(device);
}

/** Whether some row documents the packet. */
export function isDocumented(site: Site, packet: Packet): boolean {
  return site.rows.some(
    (row) =>
      row.level !== 'prohibited' &&
      row.direction === packet.direction &&
      isPeer(site, row, packet.remote) &&
      isThere(site, row, packet.device) &&
      isTraffic(row, packet),
  );
}

/** Whether some row forbids the packet. What is forbidden to somebody unknown is not thereby forbidden to all. */
export function isProhibited(site: Site, packet: Packet): boolean {
  return site.rows.some((row) => {
    const role = peerOf(site, row);
    if (row.level !== 'prohibited' || row.direction !== packet.direction) return false;
    if (role.addresses === 'unbound' && role.on === undefined) return false;
    if (role.addresses === 'internet' && among(packet.remote, PRIVATE)) return false;
    const there = role.on === undefined || role.on === packet.device;
    return there && isPeer(site, row, packet.remote) && isTraffic(row, packet);
  });
}

function isNeeded(site: Site, row: Row, packet: Packet): boolean {
  const role = peerOf(site, row);
  const { remote } = packet;
  if (row.direction !== packet.direction || !isPeer(site, row, remote)) return false;
  if (role.on !== undefined && role.on !== packet.device) return false;
  if (role === EVERYBODY || role.addresses === 'internet') {
    if (remote.includes(':') ? !among(remote, POSSIBLE) : among(remote, IMPOSSIBLE)) return false;
    if (role !== EVERYBODY && among(remote, PRIVATE)) return false;
  }
  const { traffic } = row;
  return 'icmp' in traffic || traffic.sourcePorts !== undefined || packet.sport >= 1024;
}

/**
 * Needed packets of a row of which none passes, as keys of what must be open everywhere; `passes` says what counts as passing. Where the
 * row leaves the address open, one of either family will do, and all that is needed of one family is enough.
 */
export function closedKeys(
  site: Site,
  row: Row,
  packets: readonly Packet[],
  passes: (packet: Packet) => boolean,
): ReadonlySet<string> {
  const families = site.families.filter((family) => packets.some((packet) => packet.family === family));
  const closed = families.map((family) =>
    closedIn(
      site,
      row,
      packets.filter((packet) => packet.family === family),
      passes,
    ),
  );
  const [first = new Set<string>(), second = new Set<string>()] = closed;
  if (!isOfEither(site, row)) return new Set([...first, ...second]);
  return new Set([...first].filter((key) => second.has(key)));
}

function closedIn(
  site: Site,
  row: Row,
  packets: readonly Packet[],
  passes: (packet: Packet) => boolean,
): ReadonlySet<string> {
  const { traffic } = row;
  const alternatives =
    'icmp' in traffic
      ? traffic.types.map((type) => [type])
      : [...traffic.ports.map((port) => [port]), ...(traffic.choice.length > 0 ? [traffic.choice] : [])];
  const needed = packets.filter((packet) => isNeeded(site, row, packet));
  const closed = new Set<string>();
  for (const services of alternatives) {
    const some = needed.filter((packet) => isTraffic(row, packet, services));
    // One address, interface or port is enough where the row leaves it open.
    const needOf = (packet: Packet): string =>
      `${packet.own} ${keyOf(site, row, packet, services.length > 1)}`;
    const open = new Set(some.filter(passes).map(needOf));
    for (const packet of some) if (!open.has(needOf(packet))) closed.add(keyOf(site, row, packet, false));
  }
  return closed;
}

/** Whether an address of either family is enough. */
function isOfEither(site: Site, row: Row): boolean {
  const isUnbound = peerOf(site, row).addresses === 'unbound';
  return isUnbound && site.families.length > 1 && row.family === undefined && !('icmp' in row.traffic);
}

/** What of a packet a row's need distinguishes. */
export function keyOf(site: Site, row: Row, packet: Packet, anyService: boolean): string {
  const { addresses, on } = peerOf(site, row);
  const { own, remote, device, protocol, sport, service } = packet;
  return [
    isOfEither(site, row) ? '*' : own,
    addresses === 'unbound' ? '*' : remote,
    on === undefined ? '*' : device,
    protocol,
    sport,
    anyService ? '*' : service,
  ].join(' ');
}
