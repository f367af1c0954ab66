import { isIn } from '../sites/site.ts';
import type { Packet } from './packets.ts';
import type { Role, RoleName, Row, Site } from './site.ts';

/** What rows mean to a firewall between zones, read literally from docs/deployments.md; nothing here is shared with the program. */

/** What no machine has. */
const IMPOSSIBLE = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'];

const among = (address: string, networks: readonly string[]): boolean =>
  networks.some((network) => isIn(address, network));

/** The role of a row's end; undefined of everybody. */
const roleOf = ({ roles }: Site, name: RoleName | 'any'): Role | undefined =>
  name === 'any' ? undefined : roles[Number(name.slice(1))];

const isOf = (role: Role | undefined, address: string): boolean =>
  role === undefined || among(address, role.addresses);

const isProtected = ({ protects }: Site, name: RoleName | 'any'): boolean =>
  name !== 'any' && protects.includes(name);

/** Whether the row is about the firewall: one of its ends is behind it. */
export const concerns = (site: Site, { source, destination }: Row): boolean =>
  isProtected(site, source) || isProtected(site, destination);

const isTraffic = (
  { protocol, ports, choice }: Row,
  packet: Packet,
  services = [...ports, ...choice],
): boolean => protocol === packet.protocol && services.includes(packet.dport);

function bound(site: Site, end: 'source' | 'destination'): ReadonlySet<string> {
  const rows = site.rows.filter((row) => concerns(site, row));
  return new Set(rows.flatMap((row) => roleOf(site, row[end])?.on ?? []));
}

/** Everybody is on every interface; who is bound to none is on those that nobody is bound to. */
function isThere(site: Site, row: Row, end: 'source' | 'destination', device: string): boolean {
  const role = roleOf(site, row[end]);
  if (role === undefined) return true;
  return role.on === undefined ? !bound(site, end).has(device) : role.on.includes(device);
}

const isBetween = (site: Site, row: Row, packet: Packet): boolean =>
  isOf(roleOf(site, row.source), packet.src) && isOf(roleOf(site, row.destination), packet.dst);

/** Whether some row documents the packet. */
export function isDocumented(site: Site, packet: Packet): boolean {
  return site.rows.some(
    (row) =>
      row.level !== 'prohibited' &&
      concerns(site, row) &&
      isBetween(site, row, packet) &&
      isThere(site, row, 'source', packet.in) &&
      isThere(site, row, 'destination', packet.out) &&
      isTraffic(row, packet),
  );
}

const isOn = (role: Role | undefined, device: string): boolean =>
  role?.on === undefined || role.on.includes(device);

/** Whether some row forbids the packet. */
export function isProhibited(site: Site, packet: Packet): boolean {
  return site.rows.some(
    (row) =>
      row.level === 'prohibited' &&
      concerns(site, row) &&
      isBetween(site, row, packet) &&
      isOn(roleOf(site, row.source), packet.in) &&
      isOn(roleOf(site, row.destination), packet.out) &&
      isTraffic(row, packet),
  );
}

/** Whether what no row documents is excess here. */
export function isClosed({ closed, protects, ...site }: Site, { src, dst }: Packet): boolean {
  if (closed.forward) return true;
  return protects.some((name) => {
    const role = roleOf({ closed, protects, ...site }, name);
    const [from, to] = [isOf(role, src), isOf(role, dst)];
    // Between machines of one role nothing tells whether the firewall is on the way.
    return (closed.in && to && !from) || (closed.out && from);
  });
}

/** Whether the row needs the packet to pass. */
export function isNeeded(site: Site, row: Row, packet: Packet): boolean {
  const [source, destination] = [roleOf(site, row.source), roleOf(site, row.destination)];
  if (!isBetween(site, row, packet) || packet.sport < 1024) return false;
  if (!isOn(source, packet.in) || !isOn(destination, packet.out)) return false;
  // Everybody is who is elsewhere.
  const away = (role: Role | undefined, address: string, other: Role | undefined): boolean =>
    role === undefined && (among(address, IMPOSSIBLE) || among(address, other?.addresses ?? []));
  if (away(source, packet.src, destination) || away(destination, packet.dst, source)) return false;
  return crosses(site, row, packet);
}

/** Where both ends are behind the firewall, or have several interfaces, it is crossed from one interface to another. */
function crosses(site: Site, row: Row, packet: Packet): boolean {
  const [source, destination] = [roleOf(site, row.source)?.on, roleOf(site, row.destination)?.on];
  const both = isProtected(site, row.source) && isProtected(site, row.destination);
  if (both && (source === undefined || destination === undefined)) return false;
  const several = (source?.length ?? 0) > 1 || (destination?.length ?? 0) > 1;
  const known = source !== undefined && destination !== undefined;
  return !(known && (both || several) && packet.in === packet.out);
}

/** What of a packet a row's need distinguishes. */
export function keyOf(site: Site, row: Row, packet: Packet, anyPort: boolean): string {
  const { src, dst, protocol, dport } = packet;
  const comes = roleOf(site, row.source)?.on === undefined ? '*' : packet.in;
  const leaves = roleOf(site, row.destination)?.on === undefined ? '*' : packet.out;
  return [src, dst, comes, leaves, protocol, anyPort ? '*' : dport].join(' ');
}

/** Needed packets of a row of which none passes, as keys of what must be open everywhere. */
export function closedKeys(
  site: Site,
  row: Row,
  needed: readonly Packet[],
  passes: (packet: Packet) => boolean,
): ReadonlySet<string> {
  const closed = new Set<string>();
  for (const services of [
    ...row.ports.map((port) => [port]),
    ...(row.choice.length > 0 ? [row.choice] : []),
  ]) {
    const some = needed.filter((packet) => isTraffic(row, packet, [...services]));
    const needOf = (packet: Packet): string => keyOf(site, row, packet, services.length > 1);
    const open = new Set(some.filter(passes).map(needOf));
    for (const packet of some) if (!open.has(needOf(packet))) closed.add(keyOf(site, row, packet, false));
  }
  return closed;
}
