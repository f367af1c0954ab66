import type { Box, Finding } from '../finding/report.ts';

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

const countOf = (lo: string, hi: string): number =>
  lo.includes(':') ? Number(numberOf(hi) - numberOf(lo) + 1n) : octetsOf(hi) - octetsOf(lo) + 1;

const [ZERO, DOT] = [48, 46];

/** The number of an IPv4 address; there can be a hundred thousand, which are read once each. */
function octetsOf(address: string): number {
  let [whole, octet] = [0, 0];
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i);
    if (code !== DOT) octet = octet * 10 + code - ZERO;
    else [whole, octet] = [whole * 256 + octet, 0];
  }
  return whole * 256 + octet;
}

/** An IPv6 address as boxes write it: `2001:db8::1`, `::ffff:10.0.0.1`. */
function numberOf(address: string): bigint {
  const octets = /[^:]*\..*$/.exec(address)?.[0];
  const last = (octets ?? '').split('.').reduce((sum, part) => sum * 256n + digits(part, 10), 0n);
  // What stands there in octets are two groups more.
  const text = octets === undefined ? address : `${address.slice(0, -octets.length)}0:0`;
  const [head = [], tail = []] = text.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const gap = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...gap, ...tail].reduce((sum, part) => sum * 65536n + digits(part, 16), 0n) + last;
}

/** Reports that are merged were written elsewhere: what is no number is 0, and no error. */
const digits = (text: string, base: number): bigint => BigInt(Number.parseInt(text, base) % 65536 || 0);

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
