import type { Box, NameSet, WitnessPacket } from '../../src/api.ts';
import { parseAddressRange } from '../../src/packet/address.ts';
import { icmpProtocol, PORT_PROTOCOLS } from '../../src/packet/packet.ts';
import { parseProtocol } from '../../src/packet/protocol.ts';

type Pair = readonly [bigint, bigint];

const LISTS = ['protocols', 'sources', 'destinations', 'sourcePorts', 'destinationPorts'] as const;

function pairs(texts: readonly string[]): Pair[] {
  return texts.map((text) => {
    const address = parseAddressRange(text);
    if (address !== undefined && /[.:]/.test(text)) return [address.lo, address.hi];
    const [lo, hi = lo] = text.split('-');
    return [BigInt(lo as string), BigInt(hi as string)];
  });
}

/** Whether two boxes of one family have no packet in common. */
export function areDisjoint(a: Box, b: Box): boolean {
  const apart = LISTS.some((list) => {
    const [one, other] = [a[list], b[list]];
    return one !== undefined && other !== undefined && !meet(pairs(one), pairs(other));
  });
  return apart || icmpApart(a.icmp, b.icmp) || namesApart(a.in, b.in) || namesApart(a.out, b.out);
}

const meet = (a: readonly Pair[], b: readonly Pair[]): boolean =>
  a.some(([lo, hi]) => b.some(([from, to]) => lo <= to && from <= hi));

/** `type/code` as pairs of ranges. */
function icmpPairs(text: string): readonly [Pair, Pair] {
  const [type, code] = text
    .split('/')
    .map((part): Pair => (part === '*' ? [0n, 255n] : (pairs([part])[0] as Pair)));
  return [type as Pair, code as Pair];
}

function icmpApart(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return !a.some((one) =>
    b.some((other) => {
      const [first, second] = [icmpPairs(one), icmpPairs(other)];
      return meet([first[0]], [second[0]]) && meet([first[1]], [second[1]]);
    }),
  );
}

function namesApart(a: NameSet | undefined, b: NameSet | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  // Beside the names that stand there, names that only a prefix holds, and one that nothing mentions.
  const written = [a.any, a.except, b.any, b.except].flatMap((names) => names ?? []);
  const candidates = [
    ...written.map((name) => name.replace(/\+$/, '')),
    ...written.map((name) => name.replace(/\+$/, 'zq')),
    'zq',
  ];
  return !candidates.some((name) => name !== '' && hasName(a, name) && hasName(b, name));
}

function hasName({ any, except }: NameSet, name: string): boolean {
  const matches = (pattern: string): boolean =>
    pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  return (any === undefined || any.some(matches)) && !(except ?? []).some(matches);
}

/** Whether the packet is one of the box. */
export function holds(box: Box, packet: WitnessPacket): boolean {
  return membership(box)(packet);
}

/** Whether packets are of the box; its texts are read once. */
export function membership(box: Box): (packet: WitnessPacket) => boolean {
  const within = (texts: readonly string[] | undefined): ((value: bigint | undefined) => boolean) => {
    const ranges = texts === undefined ? undefined : pairs(texts);
    return (value) => ranges === undefined || (value !== undefined && meet(ranges, [[value, value]]));
  };
  const [protocols, sources, destinations, sourcePorts, destinationPorts] = LISTS.map((list) =>
    within(box[list]),
  ) as [Within, Within, Within, Within, Within];
  const types = box.icmp?.map(icmpPairs);
  return (packet) => {
    const family = packet.src.includes(':') ? 6 : 4;
    if (box.family !== `ipv${family}`) return false;
    const protocol = parseProtocol(packet.protocol) as number;
    const port = (value: number | undefined): bigint | undefined =>
      PORT_PROTOCOLS.includes(protocol) && value !== undefined ? BigInt(value) : undefined;
    return (
      hasName(box.in ?? {}, packet.in ?? '') &&
      hasName(box.out ?? {}, packet.out ?? '') &&
      protocols(BigInt(protocol)) &&
      sourcePorts(port(packet.sport)) &&
      destinationPorts(port(packet.dport)) &&
      sources(numberOf(packet.src)) &&
      destinations(numberOf(packet.dst)) &&
      (types === undefined ||
        (protocol === icmpProtocol(family) && types.some((pair) => isIcmp(pair, packet))))
    );
  };
}

type Within = (value: bigint | undefined) => boolean;

const numbers = new Map<string, bigint>();

function numberOf(address: string): bigint {
  const known = numbers.get(address) ?? (pairs([address])[0]?.[0] as bigint);
  numbers.set(address, known);
  return known;
}

function isIcmp([types, codes]: readonly [Pair, Pair], { type, code }: WitnessPacket): boolean {
  if (type === undefined || code === undefined) return false;
  return meet([types], [[BigInt(type), BigInt(type)]]) && meet([codes], [[BigInt(code), BigInt(code)]]);
}
