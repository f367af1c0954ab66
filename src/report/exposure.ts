import type { Box, Finding } from '../finding/report.ts';
import { parseIPv4, parseIPv6 } from '../packet/address.ts';

/**
 * How much a finding leaves open, to be compared with others: the share of all peers times the number of services, summed over its boxes. Of
 * what is forwarded both ends count, else the host's peer. By which interface and from which port is no matter, as whoever is there chooses
 * them. In steps of an eighth of a power of two, so that both families have the same but for a few addresses; 0 for what is not about open packets.
 */
export function exposureOf({ code, rule, packets, hook }: Finding): number {
  if (code !== 'excessive' && rule !== 'prohibited-open') return 0;
  let sum = 0;
  for (const box of packets) sum += exposure(box, hook);
  return sum === 0 ? 0 : Math.round(8 * (Math.log2(sum) + LEAST));
}

/** An eighth of a service from one IPv6 address to another is more than 2 to the power of minus this. */
const LEAST = 260;

const OUTBOUND: readonly Finding['hook'][] = ['output', 'egress'];

function exposure(box: Box, hook: Finding['hook']): number {
  const peer = OUTBOUND.includes(hook) ? box.destinations : box.sources;
  const through = hook === 'forward' ? share(box.destinations) : 1;
  return peers(box, peer) * through * services(box);
}

/** Of groups whose members nobody gave: as many as a company's network has. */
const MEMBERS = 2 ** -16;

const peers = ({ peerGroups }: Box, addresses: Box['sources']): number =>
  addresses === undefined && peerGroups !== undefined ? MEMBERS : share(addresses);

/** The part of its family's addresses that a list of a box has. */
function share(addresses: Box['sources']): number {
  if (addresses === undefined) return 1;
  let sum = 0;
  for (const text of addresses) {
    const dash = text.indexOf('-');
    sum +=
      (dash < 0 ? 1 : countOf(text.slice(0, dash), text.slice(dash + 1))) /
      (text.includes(':') ? IPV6 : IPV4);
  }
  return sum;
}

const IPV4 = 2 ** 32;
const IPV6 = 2 ** 128;

/** Reports that are merged were written elsewhere: what is no range has no address, and is no error. */
function countOf(first: string, last: string): number {
  const parse = first.includes(':') ? parseIPv6 : parseIPv4;
  const [lo, hi] = [parse(first), parse(last)];
  if (lo === undefined || hi === undefined) return 0;
  return Math.max(0, typeof lo === 'bigint' ? Number(BigInt(hi) - lo + 1n) : Number(hi) - lo + 1);
}

const PORTS = 65536;
/** Protocols that have ports: TCP, UDP, DCCP, SCTP, UDP-Lite. */
const PORT_PROTOCOLS: readonly number[] = [6, 17, 33, 132, 136];
/** ICMP and ICMPv6: all of their messages together are less than a service. */
const ICMP: readonly number[] = [1, 58];
const ICMP_WEIGHT = 1 / 4;

/** How many services a box is about: each port of a protocol that has ports, and each other protocol. */
function services({ protocols, destinationPorts, icmp }: Box): number {
  const ports = destinationPorts === undefined ? PORTS : sizeOf(destinationPorts);
  const messages = icmp === undefined ? ICMP_WEIGHT : ICMP_WEIGHT / 2;
  let sum = 0;
  for (const text of protocols ?? ['0-255']) {
    const [lo, hi] = bounds(text);
    sum += hi - lo + 1;
    for (const one of PORT_PROTOCOLS) if (lo <= one && one <= hi) sum += ports - 1;
    for (const one of ICMP) if (lo <= one && one <= hi) sum += messages - 1;
  }
  return sum;
}

function sizeOf(ranges: readonly string[]): number {
  let size = 0;
  for (const text of ranges) {
    const [lo, hi] = bounds(text);
    size += hi - lo + 1;
  }
  return size;
}

/** A number or a range of numbers. */
function bounds(text: string): readonly [number, number] {
  const dash = text.indexOf('-');
  return dash < 0
    ? [Number(text), Number(text)]
    : [Number(text.slice(0, dash)), Number(text.slice(dash + 1))];
}
