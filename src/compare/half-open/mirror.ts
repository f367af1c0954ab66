import { ALL, type Diagram, type Node } from '../../packet/diagram.ts';
import type { PacketBox } from '../../packet/boxes.ts';
import { type DiagramField, FIELD_WIDTHS, isAddress } from '../../packet/layout.ts';
import { rangesNode } from '../../packet/literals.ts';
import { icmpProtocol } from '../../packet/packet.ts';
import { normalise, pairsOf, type Ranges } from '../../packet/ranges.ts';
import { surroundingsOf } from '../../symbolic/surroundings.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import { kept } from '../../text/kept.ts';
import type { FamilyView } from '../view/view.ts';

const MIRRORED: Partial<Record<DiagramField, DiagramField>> = {
  src: 'dst',
  dst: 'src',
  sport: 'dport',
  dport: 'sport',
  in: 'out',
  out: 'in',
};

/**
 * The replies to the packets of a set, or, given replies, the packets that they answer: both ends, ports and interfaces
 * change places. Of ICMP only queries are answered; other messages are left out.
 */
export function mirrored(view: FamilyView, packets: Node): Node {
  const known = kept(MIRRORS[view.family], view.diagram, () => new Map<Node, Node>());
  return kept(known, packets, () =>
    mapBoxes(view, packets, (box) => {
      const turned: PacketBox = {};
      for (const [field, values] of Object.entries(box) as [DiagramField, Ranges<bigint>][])
        turned[MIRRORED[field] ?? field] = values;
      return turnedQueries(turned, view.family);
    }),
  );
}

/** What sets become, by the diagrams that hosts share: their rows are mostly the same. */
const MIRRORS = { 4: new WeakMap<Diagram, Map<Node, Node>>(), 6: new WeakMap<Diagram, Map<Node, Node>>() };

/**
 * The packets as a destination translation leaves them. Those that are redirected get any destination: which of the host's addresses it
 * is nobody needs to know.
 *
 * @param withOriginals what their connection began with is kept beside it, where rules ask for that
 */
export function translatedSet(
  view: FamilyView,
  packets: Node,
  { address, port }: Translation,
  withOriginals = false,
): Node {
  const isAsked = withOriginals && surroundingsOf(view.ruleset).asksOriginals;
  return mapBoxes(view, packets, ({ dst, dport, ...box }) => ({
    ...box,
    ...part('dst', translatedAddresses(dst, address, view.family)),
    ...part('dport', port === undefined ? dport : [BigInt(port.lo), BigInt(port.hi)]),
    ...(isAsked ? { ...part('origDst', dst), ...part('origDport', dport) } : {}),
  }));
}

function part(field: DiagramField, values: Ranges<bigint> | undefined): PacketBox {
  return values === undefined ? {} : { [field]: values };
}

/** What becomes of destinations; undefined: any. */
function translatedAddresses(
  own: Ranges<bigint> | undefined,
  address: Translation['address'],
  family: 4 | 6,
): Ranges<bigint> | undefined {
  if (address === undefined) return own;
  if (address.kind === 'local') return undefined;
  if (address.kind === 'range') return [address.lo, address.hi];
  const hosts = ~address.mask & ((1n << (family === 4 ? 32n : 128n)) - 1n);
  const all = [address.value, address.value | hosts];
  // Of a mask with holes the prefix is no range; NETMAP has none (libxt_NETMAP.c).
  if (own === undefined || (hosts & (hosts + 1n)) !== 0n) return all;
  return normalise(pairsOf(own).flatMap(([lo, hi]) => behindPrefix(lo, hi, address.value, hosts)));
}

/** The range behind a prefix translation: it may begin in one block of the prefix's size and end in the next. */
function behindPrefix(lo: bigint, hi: bigint, value: bigint, hosts: bigint): [bigint, bigint][] {
  const [from, to] = [value | (lo & hosts), value | (hi & hosts)];
  if (hi - lo >= hosts) return [[value, value | hosts]];
  return from <= to
    ? [[from, to]]
    : [
        [value, to],
        [from, value | hosts],
      ];
}

function mapBoxes(view: FamilyView, packets: Node, map: (box: PacketBox) => PacketBox | undefined): Node {
  const boxes = view.space.of(packets).boxes().map(map);
  return view.diagram.orAll(boxes.flatMap((box) => (box === undefined ? [] : [boxNode(view, box)])));
}

/**
 * Queries of ICMP with their replies: echo, timestamp, information and address mask (RFC 792, RFC 950); echo and node information
 * of ICMPv6 (RFC 4443, RFC 4620). Connection tracking knows the same (linux, nf_conntrack_proto_icmp.c and _icmpv6.c, `invmap`).
 */
const QUERIES = {
  4: [
    [8n, 0n],
    [13n, 14n],
    [15n, 16n],
    [17n, 18n],
  ],
  6: [
    [128n, 129n],
    [139n, 140n],
  ],
} as const;

/** Queries become their replies and the other way round; a box of any ICMP type keeps only its echoes, which alone are in use. */
function turnedQueries(box: PacketBox, family: 4 | 6): PacketBox | undefined {
  const icmp = BigInt(icmpProtocol(family));
  const isIcmp = box.protocol?.length === 2 && box.protocol[0] === icmp && box.protocol[1] === icmp;
  if (!isIcmp) return box;
  const types = pairsOf(box.icmpType ?? [0n, 255n]);
  const has = (type: bigint): boolean => types.some(([lo, hi]) => lo <= type && type <= hi);
  const among = has(0n) && has(255n) ? QUERIES[family].slice(0, 1) : QUERIES[family];
  const replies = among.flatMap(([query, reply]) => (has(query) ? [reply] : []));
  const turned =
    replies.length > 0 ? replies : among.flatMap(([query, reply]) => (has(reply) ? [query] : []));
  return turned.length === 0
    ? undefined
    : { ...box, icmpType: normalise(turned.map((type): [bigint, bigint] => [type, type])) };
}

/** The set of a box. */
export function boxNode(view: FamilyView, box: PacketBox): Node {
  let node: Node = ALL;
  const { levels } = view.diagram.layout;
  const fields = (Object.keys(box) as DiagramField[]).sort(
    (a, b) => (levels[b][0] as number) - (levels[a][0] as number),
  );
  for (const field of fields) {
    const width = isAddress(field) ? (view.family === 4 ? 4 : 16) : FIELD_WIDTHS[field];
    const values = box[field] as Ranges<bigint>;
    node = rangesNode(
      view.diagram,
      field,
      width > 6 || width === 16 ? values : values.map(Number),
      node,
      width,
    );
  }
  return node;
}
