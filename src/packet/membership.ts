import { ALL, type Diagram, type Node, NONE } from './diagram.ts';
import { nameRanges } from './interface-names.ts';
import { type DiagramField, FIELD_WIDTHS } from './layout.ts';
import { digitsOf, levelValues } from './literals.ts';
import { CONNECTION_STATES, FRAGMENTS, type Packet, PACKET_TYPES } from './packet.ts';

/**
 * Whether the packet is in the set, for some value of what a packet does not have (the variables of opaque predicates,
 * the connection's original addresses).
 */
export function isMember(diagram: Diagram, node: Node, packet: Packet): boolean {
  const { layout } = diagram;
  const bytes = bytesOf(diagram, packet);
  const memo = new Map<Node, boolean>();
  const walk = (at: Node): boolean => {
    if (at === NONE || at === ALL) return at === ALL;
    const level = diagram.level(at);
    const value = bytes[level] as number;
    if (layout.fieldOf[level] !== undefined && value >= 0) return walk(diagram.step(at, level, value));
    const known = memo.get(at);
    if (known !== undefined) return known;
    let result = false;
    for (let i = 0; i < diagram.edgeTotal(at) && !result; i++) result = walk(diagram.child(at, i));
    memo.set(at, result);
    return result;
  };
  return walk(node);
}

/** The packet's byte at each level; -1 where it has none. */
function bytesOf(diagram: Diagram, packet: Packet): Int16Array {
  const bytes = new Int16Array(256).fill(-1);
  const { levels } = diagram.layout;
  const put = (field: DiagramField, value: number | bigint, width: number = FIELD_WIDTHS[field]): void => {
    digitsOf(value, width).forEach((digit, i) => {
      bytes[levels[field][i] as number] = digit;
    });
  };
  const width = packet.family === 4 ? 4 : 16;
  put('family', packet.family === 4 ? 0 : 1);
  put('state', CONNECTION_STATES.indexOf(packet.state));
  put('notrack', 0);
  for (const field of ['in', 'out'] as const)
    put(field, nameRanges([{ name: packet[field], prefix: false }])[0] as bigint);
  for (const field of ['src', 'dst'] as const)
    put(field, numberOf(diagram, field, packet[field], width), width);
  for (const field of NUMBERS) put(field, packet[field]);
  put('fragment', FRAGMENTS.indexOf(packet.fragment));
  put('pkttype', PACKET_TYPES.indexOf(packet.pkttype));
  return bytes;
}

/** The number that the diagram has for an address. */
function numberOf(diagram: Diagram, field: 'src' | 'dst', address: bigint, width: number): number | bigint {
  const values = width === 4 ? [Number(address), Number(address)] : [address, address];
  return levelValues(diagram, field, values as number[], width)[0] as number | bigint;
}

const NUMBERS = [
  'protocol',
  'sport',
  'dport',
  'icmpType',
  'icmpCode',
  'tcpFlags',
  'extensionHeaders',
  'tos',
  'ttl',
  'length',
  'mac',
  'mark',
  'ctmark',
] as const;
