import fc from 'fast-check';
import type { WitnessPacket } from '../../src/api.ts';

/** A small world in which every packet that rules and rows can tell apart is enumerated. */
export const HOST = '10.1.2.10';
export const SOURCES = ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '9.9.9.9'];
export const INTERFACES = ['eth0', 'eth1', 'wg0'];
const PORTS = [1, 2, 3, 4, 5];
const SOURCE_PORTS = [1023, 1024, 40000];
const PROTOCOLS = ['tcp', 'udp'] as const;

export type Shown = WitnessPacket & { readonly in: string; readonly sport: number; readonly dport: number };

/** Every packet of the world. */
export const PACKETS: readonly Shown[] = SOURCES.flatMap((src) =>
  INTERFACES.flatMap((name) =>
    PROTOCOLS.flatMap((protocol) =>
      SOURCE_PORTS.flatMap((sport) =>
        PORTS.map((dport) => ({ hook: 'input' as const, in: name, src, dst: HOST, protocol, sport, dport })),
      ),
    ),
  ),
);

/** A role: indices into SOURCES, or unbound; on an interface, or not. */
export interface Role {
  readonly sources: readonly [number, number] | undefined;
  readonly on: string | undefined;
}

export interface Row {
  readonly id: string;
  readonly role: number;
  readonly protocol: 'tcp' | 'udp';
  readonly ports: readonly number[];
  readonly choice: readonly number[];
  readonly optional: boolean;
}

export interface World {
  readonly roles: readonly Role[];
  readonly rows: readonly Row[];
  readonly rules: readonly string[];
}

const span = fc.tuple(fc.nat(4), fc.nat(4)).map(([a, b]): [number, number] => (a <= b ? [a, b] : [b, a]));
const portSpan = fc.tuple(fc.nat(4), fc.nat(4)).map(([a, b]) => [Math.min(a, b) + 1, Math.max(a, b) + 1]);

const role: fc.Arbitrary<Role> = fc.record({
  sources: fc.option(span, { nil: undefined, freq: 3 }),
  on: fc.option(fc.constantFrom('eth0', 'eth1'), { nil: undefined, freq: 2 }),
});

const row = (id: string): fc.Arbitrary<Row> =>
  fc.record({
    id: fc.constant(id),
    role: fc.nat(1),
    protocol: fc.constantFrom(...PROTOCOLS),
    ports: fc.uniqueArray(fc.constantFrom(...PORTS), { minLength: 1, maxLength: 2 }),
    choice: fc.oneof(
      fc.constant([]),
      fc.uniqueArray(fc.constantFrom(...PORTS), { minLength: 2, maxLength: 2 }),
    ),
    optional: fc.boolean(),
  });

const option = (values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.option(values, { nil: '', freq: 2 });

const rule = fc
  .tuple(
    option(fc.constantFrom('-i eth0', '-i eth1', '! -i eth0')),
    option(span.map(([a, b]) => `-m iprange --src-range ${SOURCES[a]}-${SOURCES[b]}`)),
    fc.constantFrom(...PROTOCOLS),
    portSpan.map(([a, b]) => `--dport ${a}:${b}`),
    fc.constantFrom('', '', '', '--sport 1024:65535', '--sport 0:1024'),
    fc.constantFrom(
      '',
      '',
      '',
      '-m recent --name a --rcheck',
      '-m limit --limit 3/min',
      '-m string --string x --algo bm',
    ),
    fc.constantFrom('ACCEPT', 'ACCEPT', 'ACCEPT', 'DROP'),
  )
  .map(([name, source, protocol, ports, from, unknown, target]) =>
    ['-A INPUT', name, source, `-p ${protocol} -m ${protocol}`, ports, from, unknown, `-j ${target}`]
      .filter((part) => part !== '')
      .join(' '),
  );

/** Random roles, rows and rules. */
export const worlds: fc.Arbitrary<World> = fc.record({
  roles: fc.tuple(role, role),
  rows: fc.tuple(row('first'), row('second'), row('third')),
  rules: fc.array(rule, { maxLength: 7 }),
});

const inRole = ({ sources }: Role, { src }: Shown): boolean => {
  const at = SOURCES.indexOf(src);
  return sources === undefined || (sources[0] <= at && at <= sources[1]);
};

const isTraffic = (row: Row, ports: readonly number[], packet: Shown): boolean =>
  packet.protocol === row.protocol && ports.includes(packet.dport);

/**
 * "A row documents all source ports, all non-loopback interfaces not bound elsewhere, for an unbound role all addresses." Bound
 * elsewhere is what a role of another row is bound to (docs/deployments.md).
 */
export function isDocumented({ roles, rows }: World, packet: Shown): boolean {
  return rows.some((row) => {
    const party = roles[row.role] as Role;
    const elsewhere = rows.some((other) => roles[other.role]?.on === packet.in);
    const there = party.on === undefined ? !elsewhere : party.on === packet.in;
    return there && inRole(party, packet) && isTraffic(row, [...row.ports, ...row.choice], packet);
  });
}

/** Packets of a row of which none passes, as keys of what must be open everywhere; `passes` says what counts as passing. */
export function closedKeys(world: World, row: Row, passes: (packet: Shown) => boolean): Set<string> {
  const party = world.roles[row.role] as Role;
  const needed = PACKETS.filter(
    (packet) =>
      packet.sport >= 1024 && inRole(party, packet) && (party.on === undefined || party.on === packet.in),
  );
  const closed = new Set<string>();
  for (const ports of row.choice.length > 0
    ? [row.ports.map((port) => [port]), [row.choice]].flat()
    : row.ports.map((port) => [port])) {
    const traffic = needed.filter((packet) => isTraffic(row, ports, packet));
    // One address, interface or port is enough where the row leaves it open.
    const open = new Set(traffic.filter(passes).map((packet) => keyOf(party, packet, ports.length > 1)));
    for (const packet of traffic)
      if (!open.has(keyOf(party, packet, ports.length > 1))) closed.add(keyOf(party, packet, false));
  }
  return closed;
}

/** What of a packet a row's need distinguishes. */
export function keyOf(party: Role, packet: Shown, anyPort: boolean): string {
  const { src, sport, dport, protocol } = packet;
  return [
    party.sources === undefined ? '*' : src,
    party.on === undefined ? '*' : packet.in,
    protocol,
    sport,
    anyPort ? '*' : dport,
  ].join(' ');
}
