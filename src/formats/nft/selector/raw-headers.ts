import { PORT_PROTOCOLS } from '../../../packet/packet.ts';
import { normalise, pairsOf } from '../../../packet/ranges.ts';
import { ALWAYS, allOf, anyOf, type Condition, negate } from '../../../rule/condition.ts';
import type { Asked, MakeOpaque, TableContext } from '../lower/context.ts';
import { TYPES } from '../types/datatypes.ts';
import { address, type Leaf, numeric, ofFamily, type Read } from './leaf.ts';
import { fragmentOffset, ipv6, payloadField, version } from './payload.ts';

/** What the conditions so far ask for. */
export function askedOf(conditions: readonly Condition[]): Asked {
  let asked: Asked = {};
  for (const condition of conditions) {
    if (condition.kind === 'and') asked = { ...asked, ...askedOf(condition.of) };
    else if (condition.kind === 'address') asked = { ...asked, family: condition.family };
    else if (condition.kind === 'field' && condition.field === 'protocol') {
      const all = pairsOf(condition.values).flatMap(([lo, hi]) =>
        Array.from({ length: hi - lo + 1 }, (_, at) => lo + at),
      );
      asked = { ...asked, protocols: new Set(all) };
    }
  }
  return asked;
}

/** A field where it stands in a header; the offset is in bits, the highest bit first. */
export interface Placed {
  readonly offset: number;
  readonly bits: number;
  readonly leaf: Leaf;
}

/** A header that may stand at the base, the packets that have it, and its fields that the model has. */
export interface Header {
  readonly when: Condition;
  readonly fields: readonly Placed[];
}

const placed = (offset: number, read: Read): readonly Placed[] =>
  'member' in read ? [{ offset, bits: read.type.bits, leaf: read }] : [];

/** What may stand at the network layer (RFC 791, 3.1; RFC 8200, 3). */
export function networkHeaders(context: TableContext, open: MakeOpaque): readonly Header[] {
  const { table, asked } = context;
  const only = table.family === 'ip' ? 4 : table.family === 'ip6' ? 6 : asked?.family;
  const [four, six] = [ofFamily(4), ofFamily(6)];
  const headers: Header[] = [];
  if (only !== 6)
    headers.push({
      when: four,
      fields: [
        ...placed(0, version(4)),
        ...placed(4, payloadField('ip', 'hdrlength', context, open)),
        ...placed(8, numeric('tos', TYPES.byte, four)),
        ...placed(16, numeric('length', TYPES.short, four)),
        ...placed(48, fragmentOffset(four, open)),
        ...placed(64, numeric('ttl', TYPES.byte, four)),
        ...placed(72, numeric('protocol', TYPES.protocol, four)),
        ...placed(96, address(4, 'src', four)),
        ...placed(128, address(4, 'dst', four)),
      ],
    });
  if (only !== 4)
    headers.push({
      when: six,
      fields: [
        ...placed(0, version(6)),
        ...placed(4, numeric('tos', TYPES.byte, six)),
        ...placed(48, ipv6('nexthdr', open)),
        ...placed(56, numeric('ttl', TYPES.byte, six)),
        ...placed(64, address(6, 'src', six)),
        ...placed(192, address(6, 'dst', six)),
      ],
    });
  return headers;
}

/**
 * What may stand at the transport layer: ports are where they are in all protocols that have them (RFC 9293, 3.1; RFC 768;
 * RFC 792; RFC 4443, 2.1).
 * @param end how many bits from the beginning on are of interest
 */
export function transportHeaders({ asked }: TableContext, end: number): readonly Header[] {
  const ports = [
    ...placed(0, numeric('sport', TYPES.port, ALWAYS)),
    ...placed(16, numeric('dport', TYPES.port, ALWAYS)),
  ];
  const flags = placed(104, numeric('tcpFlags', TYPES.tcpFlags, ALWAYS));
  const messages = [
    ...placed(0, numeric('icmpType', TYPES.byte, ALWAYS)),
    ...placed(8, numeric('icmpCode', TYPES.byte, ALWAYS)),
  ];
  const kinds = [
    ...(end <= 32
      ? [{ numbers: PORT_PROTOCOLS, fields: ports }]
      : [
          { numbers: [6], fields: [...ports, ...flags] },
          { numbers: PORT_PROTOCOLS.filter((number) => number !== 6), fields: ports },
        ]),
    { numbers: [1], when: ofFamily(4), fields: messages },
    { numbers: [58], when: ofFamily(6), fields: messages },
  ];
  const known = kinds.map(({ numbers, when = ALWAYS, fields }) => ({
    when: allOf([when, protocolIn(numbers)]),
    fields,
    possible: numbers.some((number) => asked?.protocols?.has(number) !== false),
  }));
  const rest = { when: negate(anyOf(known.map(({ when }) => when))), fields: [] };
  const others = asked?.protocols === undefined || [...asked.protocols].some((one) => isOther(one, asked));
  return [...known.filter(({ possible }) => possible), ...(others ? [rest] : [])];
}

/** A protocol of which the model has nothing; ICMP of the other family is one too. */
function isOther(number: number, { family }: Asked): boolean {
  if (number === 1) return family !== 4;
  return number === 58 ? family !== 6 : !PORT_PROTOCOLS.includes(number);
}

/** Where IPv4 says how long its header is (RFC 791, 3.1). */
const HEADER_LENGTH = { offset: 4, bits: 4 };

/** Whether bits of the network header are, of some packet, those that say whether IPv4 has options. */
export function readsHeaderLength(offset: number, bits: number, headers: readonly Header[]): boolean {
  const length = HEADER_LENGTH;
  if (offset >= length.offset + length.bits || length.offset >= offset + bits) return false;
  return headers.some(({ fields }) => fields.some(({ leaf }) => leaf.key === 'hdrlength'));
}

function protocolIn(numbers: readonly number[]): Condition {
  const values = normalise(numbers.map((number) => [number, number] as const));
  return { kind: 'field', field: 'protocol', values };
}
