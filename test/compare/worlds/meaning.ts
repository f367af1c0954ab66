import { PACKETS, type Packet, PEERS, type Role, type Row, type World } from './world.ts';

/** What the contract's words say of one packet and one row of a small world, written from the words alone. */
const inRole = ({ peers }: Role, { peer }: Packet): boolean => {
  const at = (PEERS as readonly string[]).indexOf(peer);
  return peers === undefined || (peers[0] <= at && at <= peers[1]);
};

const isTraffic = (row: Row, ports: readonly number[], packet: Packet): boolean =>
  packet.direction === row.direction && packet.protocol === row.protocol && ports.includes(packet.port);

const partyOf = (world: World, row: Row): Role => world.roles[row.role] as Role;

/**
 * "A row documents all source ports, all non-loopback interfaces not bound elsewhere, for an unbound role all addresses." Bound
 * elsewhere is what a role of another row in the same direction is bound to (docs/deployments.md).
 */
export function isDocumented(world: World, packet: Packet): boolean {
  const elsewhere = world.rows.some(
    (row) => row.direction === packet.direction && partyOf(world, row).on === packet.name,
  );
  return world.rows
    .filter((row) => row.level !== 'prohibited')
    .some((row) => {
      const party = partyOf(world, row);
      const there = party.on === undefined ? !elsewhere : party.on === packet.name;
      return there && inRole(party, packet) && isTraffic(row, [...row.ports, ...row.choice], packet);
    });
}

/** A prohibition towards an unbound role cannot be judged. */
export function isProhibited(world: World, packet: Packet): boolean {
  return world.rows
    .filter((row) => row.level === 'prohibited')
    .some((row) => {
      const party = partyOf(world, row);
      const isBound = party.peers !== undefined || party.on !== undefined;
      const there = party.on === undefined || party.on === packet.name;
      return isBound && there && inRole(party, packet) && isTraffic(row, row.ports, packet);
    });
}

/** Packets that a row needs: "from the ephemeral source ports 1024–65535", on the interfaces that are bound. */
function needed(world: World, row: Row, ports: readonly number[]): readonly Packet[] {
  const party = partyOf(world, row);
  return PACKETS.filter(
    (packet) =>
      packet.asking >= 1024 &&
      inRole(party, packet) &&
      (party.on === undefined || party.on === packet.name) &&
      isTraffic(row, ports, packet),
  );
}

/** Each port by itself, and the choice as one. */
const portsOf = ({ ports, choice }: Row): readonly (readonly number[])[] => [
  ...ports.map((port) => [port]),
  ...(choice.length === 0 ? [] : [choice]),
];

/** What of a packet a row's need distinguishes: one address, interface or port is enough where the row leaves it open. */
export function keyOf(world: World, row: Row, packet: Packet, anyPort: boolean): string {
  const { peers, on } = partyOf(world, row);
  return [
    peers === undefined ? '*' : packet.peer,
    on === undefined ? '*' : packet.name,
    packet.protocol,
    packet.asking,
    anyPort ? '*' : packet.port,
  ].join(' ');
}

/** Keys of a row of which no packet passes; `passes` says what counts as passing. */
export function closedKeys(world: World, row: Row, passes: (packet: Packet) => boolean): Set<string> {
  const closed = new Set<string>();
  for (const ports of portsOf(row)) {
    const packets = needed(world, row, ports);
    const group = (packet: Packet): string => keyOf(world, row, packet, ports.length > 1);
    const open = new Set(packets.filter(passes).map(group));
    for (const packet of packets) if (!open.has(group(packet))) closed.add(keyOf(world, row, packet, false));
  }
  return closed;
}

/**
 * Keys of which the first packet surely passes and no connection works, surely or perhaps.
 *
 * @param rest what becomes of the rest of a packet's connection; undefined where the first packet does not surely pass
 */
export function halfOpenKeys(
  world: World,
  row: Row,
  rest: (packet: Packet) => 'passes' | 'possible' | 'stops' | undefined,
): { definite: Set<string>; possible: Set<string> } {
  const [definite, possible] = [new Set<string>(), new Set<string>()];
  for (const ports of portsOf(row)) {
    const begun = needed(world, row, ports).filter((packet) => rest(packet) !== undefined);
    const group = (packet: Packet): string => keyOf(world, row, packet, ports.length > 1);
    const works = new Set(begun.filter((packet) => rest(packet) === 'passes').map(group));
    const mayWork = new Set(begun.filter((packet) => rest(packet) !== 'stops').map(group));
    for (const packet of begun)
      if (!mayWork.has(group(packet))) definite.add(keyOf(world, row, packet, false));
      else if (!works.has(group(packet))) possible.add(keyOf(world, row, packet, false));
  }
  for (const key of definite) possible.delete(key);
  return { definite, possible };
}
