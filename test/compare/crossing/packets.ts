import type { WitnessPacket } from '../../../src/api.ts';
import { ends, type Verdict } from '../sites/packets.ts';
import { isIn, type Negatable } from '../sites/site.ts';
import { ADDRESSES, INTERFACES, PORTS, type Rule, type Site, SOURCE_PORTS } from './site.ts';

/** A first packet of a connection through the firewall. */
export type Packet = WitnessPacket & {
  readonly in: string;
  readonly out: string;
  readonly protocol: 'tcp' | 'udp';
  readonly sport: number;
  readonly dport: number;
};

const services = (['tcp', 'udp'] as const).flatMap((protocol) =>
  SOURCE_PORTS.flatMap((sport) => PORTS.map((dport) => ({ protocol, sport, dport }))),
);

const ways = INTERFACES.flatMap((comes) => INTERFACES.map((leaves) => ({ in: comes, out: leaves })));

/** Every packet of a site. */
export const PACKETS: readonly Packet[] = ADDRESSES.flatMap((src) =>
  ADDRESSES.filter((dst) => dst !== src).flatMap((dst) =>
    ways.flatMap((way) =>
      services.map((service) => ({ hook: 'forward' as const, src, dst, ...way, ...service })),
    ),
  ),
);

/** What can become of a packet: both verdicts where it hangs on what only the kernel knows. */
export function verdicts({ rules, policy }: Site, packet: Packet): ReadonlySet<Verdict> {
  const matching = rules.filter((rule) => matches(rule, packet));
  const { found, falls } = ends(
    matching.filter(({ chain }) => chain === 'FORWARD'),
    ends(matching.filter(({ chain }) => chain === 'user')),
  );
  return falls ? new Set([...found, policy]) : found;
}

function matches({ source, destination, comes, leaves, protocol, ports }: Rule, packet: Packet): boolean {
  const asks = (one: Negatable | undefined, is: (value: string) => boolean): boolean =>
    one === undefined || is(one.value) !== one.negated;
  const isNamed = (name: string, value: string): boolean =>
    value.endsWith('+') ? name.startsWith(value.slice(0, -1)) : name === value;
  return (
    asks(source, (value) => isIn(packet.src, value)) &&
    asks(destination, (value) => isIn(packet.dst, value)) &&
    asks(comes, (value) => isNamed(packet.in, value)) &&
    asks(leaves, (value) => isNamed(packet.out, value)) &&
    (protocol === undefined || protocol === packet.protocol) &&
    (ports === undefined || (ports[0] <= packet.dport && packet.dport <= ports[1]))
  );
}
