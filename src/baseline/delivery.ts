import { formatRange } from '../packet/address.ts';
import { GROUP_DESTINATIONS } from '../packet/packet.ts';
import { contains, intersection, normalise, pairsOf, type Ranges } from '../packet/ranges.ts';
import { type AddressSets, readAddresses } from './addresses.ts';
import type { Located } from './located.ts';
import type { Complaints } from './ports.ts';
import { complaint, show } from './complaint.ts';
import { oneOf, suggestion } from './suggest.ts';

/** Where the packets of a connection go, of the places at which its destination receives; it needs them all. */
export interface Delivery {
  /** The destination's own addresses. */
  readonly unicast: boolean;
  /** The solicited-node group of each of its IPv6 addresses (RFC 4291, 2.7.1). */
  readonly solicitedNode: boolean;
  /** Multicast groups, whatever its addresses are. */
  readonly groups: AddressSets;
  /** The limited broadcast address, 255.255.255.255 (RFC 1122, 3.2.1.3). */
  readonly broadcast: boolean;
}

/**
 * How packets come to a machine on the link: what netfilter calls the packet's type (iptables-extensions(8), pkttype). `sent`:
 * what a machine itself sends to groups has no type yet. `neighbour`: as unicast, between machines of one link.
 */
export type Cast = 'unicast' | 'multicast' | 'broadcast' | 'sent' | 'neighbour';

const LIMITED_BROADCAST = 0xffffffff;
/** ff02::1:ff00:0/104: the low 24 bits are those of the address (RFC 4291, 2.7.1). */
const SOLICITED_NODE = 0xff0200000000000000000001ff000000n;
const LOW_24 = 0xffffffn;
/** Every solicited-node group there is. */
export const SOLICITED_NODES: Ranges<bigint> = [SOLICITED_NODE, SOLICITED_NODE | LOW_24];

/** Groups by name: RFC 1112 (224.0.0.1), RFC 1256 (224.0.0.2), RFC 4291, 2.7.1 (ff02::1, ff02::2). */
const NAMED: Readonly<Record<string, AddressSets>> = {
  'all-nodes': { ipv4: [0xe0000001, 0xe0000001], ipv6: [(0xff02n << 112n) | 1n, (0xff02n << 112n) | 1n] },
  'all-routers': { ipv4: [0xe0000002, 0xe0000002], ipv6: [(0xff02n << 112n) | 2n, (0xff02n << 112n) | 2n] },
};
const WORDS = ['unicast', 'solicited-node', 'broadcast', ...Object.keys(NAMED)];

/** A connection's `delivery`; undefined where it is absent. What is no delivery is complained about. */
export function readDelivery(
  value: Located | undefined,
  context: { readonly prohibited: boolean; readonly loopback: boolean },
  complaints: Complaints,
): Delivery | undefined {
  if (value === undefined) return undefined;
  if (context.prohibited || context.loopback)
    complaints.push(
      complaint({
        code: 'delivery-without-use',
        message: context.loopback
          ? 'A loopback connection goes to the host’s own addresses.'
          : 'A prohibited connection is so wherever its packets go.',
        span: value.keySpan ?? value.span,
        expected: context.loopback ? 'no `delivery`' : '`delivery` beside `required` or `optional`',
        help: 'Leave `delivery` out.',
      }),
    );
  const items = value.items ?? [];
  const words = new Set(items.map((item) => String(item.value)).filter((word) => WORDS.includes(word)));
  const written = items.filter((item) => !words.has(String(item.value)));
  const literal = readGroups(written, complaints);
  const sets = [...words].flatMap((word) => NAMED[word] ?? []).concat(literal);
  const v4 = normalise(sets.flatMap(({ ipv4 }) => pairsOf(ipv4)));
  return {
    unicast: words.has('unicast'),
    solicitedNode: words.has('solicited-node'),
    groups: {
      ipv4: intersection(v4, [0, LIMITED_BROADCAST - 1]),
      ipv6: normalise(sets.flatMap(({ ipv6 }) => pairsOf(ipv6))),
    },
    broadcast: words.has('broadcast') || contains(v4, LIMITED_BROADCAST),
  };
}

/** Groups written as addresses or networks; another address is where one machine receives, and that is `unicast`. */
function readGroups(values: readonly Located[], complaints: Complaints): AddressSets[] {
  return values.flatMap((value) => {
    const text = String(value.value);
    if (/^[a-z-]+$/i.test(text)) {
      const help = suggestion(text, WORDS);
      complaints.push(notADelivery(value, `${show(text)} is no place at which a machine receives.`, help));
      return [];
    }
    const before = complaints.length;
    const found = readAddresses([value], complaints);
    if (complaints.length === before && !isGroups(found))
      complaints.push(
        notADelivery(
          value,
          `${show(text)} is no multicast group.`,
          'A machine’s own addresses are `unicast`.',
        ),
      );
    return [found];
  });
}

function notADelivery(value: Located, message: string, help: string | undefined) {
  return complaint({
    code: 'invalid-delivery',
    message,
    span: value.span,
    expected: `${oneOf(WORDS)}, or a multicast address or network`,
    help,
  });
}

const isGroups = ({ ipv4, ipv6 }: AddressSets): boolean =>
  String(groupsAmong(4, ipv4)) === String(ipv4) && String(groupsAmong(6, ipv6)) === String(ipv6);

/** Those ranges of the set that hold multicast groups or the limited broadcast address and nothing else. */
export function groupsAmong(
  family: 4 | 6,
  values: Ranges<number> | Ranges<bigint>,
): Ranges<number> | Ranges<bigint> {
  return family === 4
    ? within(values as Ranges<number>, GROUP_DESTINATIONS[4])
    : within(values as Ranges<bigint>, GROUP_DESTINATIONS[6]);
}

function within<T extends number | bigint>(values: Ranges<T>, all: Ranges<T>): Ranges<T> {
  const pairs = pairsOf(values).filter(([lo, hi]) =>
    pairsOf(all).some(([first, last]) => first <= lo && hi <= last),
  );
  return normalise(pairs);
}

/** The families in which the packets go anywhere. */
export function deliveryFamilies({ unicast, solicitedNode, groups, broadcast }: Delivery): (4 | 6)[] {
  return ([4, 6] as const).filter((family) =>
    family === 4
      ? unicast || broadcast || groups.ipv4.length > 0
      : unicast || solicitedNode || groups.ipv6.length > 0,
  );
}

/** What of a delivery is about the families. */
export function deliveryIn(delivery: Delivery, families: readonly (4 | 6)[]): Delivery {
  const [four, six] = [families.includes(4), families.includes(6)];
  const { groups } = delivery;
  return {
    unicast: delivery.unicast,
    solicitedNode: delivery.solicitedNode && six,
    groups: { ipv4: four ? groups.ipv4 : [], ipv6: six ? groups.ipv6 : [] },
    broadcast: delivery.broadcast && four,
  };
}

/** The parts of a delivery that come as one type of packet, in a stable order. */
export function castsOf(delivery: Delivery): readonly { readonly cast: Cast; readonly part: Delivery }[] {
  const none: Delivery = {
    unicast: false,
    solicitedNode: false,
    groups: { ipv4: [], ipv6: [] },
    broadcast: false,
  };
  const { unicast, solicitedNode, groups, broadcast } = delivery;
  const isMulticast = solicitedNode || groups.ipv4.length + groups.ipv6.length > 0;
  return [
    ...(unicast ? [{ cast: 'unicast' as const, part: { ...none, unicast } }] : []),
    ...(isMulticast ? [{ cast: 'multicast' as const, part: { ...none, solicitedNode, groups } }] : []),
    ...(broadcast ? [{ cast: 'broadcast' as const, part: { ...none, broadcast } }] : []),
  ];
}

/** The solicited-node groups of the addresses (RFC 4291, 2.7.1). */
export function solicitedNodes(addresses: Ranges<bigint>): Ranges<bigint> {
  const pairs = pairsOf(addresses).flatMap(([lo, hi]): [bigint, bigint][] => {
    if (hi - lo >= LOW_24) return [[0n, LOW_24]];
    const [first, last] = [lo & LOW_24, hi & LOW_24];
    // A range that runs over the end of the 24 bits begins anew at 0.
    return first <= last
      ? [[first, last]]
      : [
          [first, LOW_24],
          [0n, last],
        ];
  });
  return normalise(pairs.map(([lo, hi]) => [SOLICITED_NODE | lo, SOLICITED_NODE | hi] as const));
}

/** A delivery in the words in which a baseline writes it. */
export function deliveryTexts(delivery: Delivery): string[] {
  const { unicast, solicitedNode, groups, broadcast } = delivery;
  return [
    ...(unicast ? ['unicast'] : []),
    ...pairsOf(groups.ipv4).map(([lo, hi]) => formatRange(4, lo, hi)),
    ...pairsOf(groups.ipv6).map(([lo, hi]) => formatRange(6, lo, hi)),
    ...(solicitedNode ? ['solicited-node'] : []),
    ...(broadcast ? ['broadcast'] : []),
  ];
}
