import type { WitnessPacket } from '../../../src/api.ts';
import {
  type Direction,
  type Family,
  INTERFACES,
  isIn,
  ownAddresses,
  PORTS,
  REMOTE,
  type Rule,
  type Site,
  SOURCE_PORTS,
  TYPES,
} from './site.ts';

/** A first packet of a connection, from or to the host. */
export interface Packet {
  readonly family: Family;
  readonly direction: Direction;
  readonly remote: string;
  readonly own: string;
  readonly device: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** Of TCP and UDP; 0 in ICMP. */
  readonly sport: number;
  /** The port, or the type. */
  readonly service: number;
}

/** Every packet of the site. */
export function packetsOf(site: Site): readonly Packet[] {
  return site.families.flatMap((family) =>
    (['in', 'out'] as const).flatMap((direction) =>
      REMOTE[family].flatMap((remote) =>
        ownAddresses(site, family).flatMap((own) =>
          INTERFACES.flatMap((device) =>
            traffics(family).map((traffic) => ({ family, direction, remote, own, device, ...traffic })),
          ),
        ),
      ),
    ),
  );
}

function traffics(family: Family): readonly Pick<Packet, 'protocol' | 'sport' | 'service'>[] {
  const connections = (['tcp', 'udp'] as const).flatMap((protocol) =>
    SOURCE_PORTS.flatMap((sport) => PORTS.map((service) => ({ protocol, sport, service }))),
  );
  const messages = TYPES[family].map((service) => ({ protocol: 'icmp' as const, sport: 0, service }));
  return [...connections, ...messages];
}

/** The packet as reports describe packets. */
export function shown(packet: Packet): WitnessPacket {
  const { family, direction, remote, own, device, protocol, sport, service } = packet;
  const ends =
    direction === 'in'
      ? { hook: 'input' as const, in: device, src: remote, dst: own }
      : { hook: 'output' as const, out: device, src: own, dst: remote };
  return protocol === 'icmp'
    ? { ...ends, protocol: family === 4 ? 'icmp' : 'icmpv6', type: service, code: 0 }
    : { ...ends, protocol, sport, dport: service };
}

export type Verdict = 'ACCEPT' | 'DROP';

/** What can become of a packet: both verdicts where it hangs on what only the kernel knows. */
export function verdicts({ rules, policies }: Site, packet: Packet): ReadonlySet<Verdict> {
  const chain = packet.direction === 'in' ? 'INPUT' : 'OUTPUT';
  const here = rules[packet.family].filter((rule) => matches(rule, packet));
  const inner = ends(here.filter((rule) => rule.chain === 'user'));
  const { found, falls } = ends(
    here.filter((rule) => rule.chain === chain),
    inner,
  );
  return falls ? new Set([...found, policies[chain]]) : found;
}

/** How a chain can end: in verdicts, and perhaps without any. */
export interface Ends {
  readonly found: ReadonlySet<Verdict>;
  readonly falls: boolean;
}

/**
 * How a chain ends for a packet that these of its rules match.
 *
 * @param called how the chain ends that rules call
 */
export function ends(
  matching: readonly Pick<Rule, 'target' | 'unknown'>[],
  called: Ends = { found: new Set(), falls: true },
): Ends {
  const found = new Set<Verdict>();
  let returns = false;
  for (const { target, unknown } of matching) {
    if (target === 'ACCEPT' || target === 'DROP') found.add(target);
    if (target === 'RETURN') returns = true;
    if (target === 'user') for (const verdict of called.found) found.add(verdict);
    const goesOn = target === 'user' && called.falls;
    if (unknown === undefined && !goesOn) return { found, falls: returns };
  }
  return { found, falls: true };
}

function matches(rule: Rule, packet: Packet): boolean {
  const { remote, own, device, protocol, ports, sourcePorts, type } = rule;
  // The user's chain is written for what comes in; what goes out meets the same words with its own ends.
  const swapped = rule.chain === 'user' && packet.direction === 'out';
  const [there, here] = swapped ? [packet.own, packet.remote] : [packet.remote, packet.own];
  const name = swapped ? '' : packet.device;
  const isNamed = (value: string): boolean =>
    value.endsWith('+') ? name.startsWith(value.slice(0, -1)) : name === value;
  const between = (value: number, range: readonly [number, number] | undefined): boolean =>
    range === undefined || (range[0] <= value && value <= range[1]);
  return (
    (remote === undefined || isIn(there, remote.value) !== remote.negated) &&
    (own === undefined || isIn(here, own.value) !== own.negated) &&
    (device === undefined || isNamed(device.value) !== device.negated) &&
    (protocol === undefined || protocol === packet.protocol) &&
    between(packet.service, ports) &&
    between(packet.sport, sourcePorts) &&
    (type === undefined || type === packet.service)
  );
}
