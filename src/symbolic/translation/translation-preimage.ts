import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { bitsOf, type DiagramField, FIELD_WIDTHS } from '../../packet/layout.ts';
import { digitsOf, levelValues, maskedNode, rangesNode } from '../../packet/literals.ts';
import { exists, levelSet, remap, rename, withBytes } from '../../packet/operations.ts';
import type { Ranges } from '../../packet/ranges.ts';
import { byDestination } from './redirect.ts';
import type { Translation } from './transform.ts';

/** The fields of a packet's destination, and those of its connection that keep what it was. */
export const DESTINATION = {
  address: 'dst',
  port: 'dport',
  original: 'origDst',
  originalPort: 'origDport',
} as const;
/** See {@link DESTINATION}. */
export const SOURCE = {
  address: 'src',
  port: 'sport',
  original: 'origSrc',
  originalPort: 'origSport',
} as const;

/** Without a named port source translation may take another of the same class (nf_nat_core.c, nf_nat_l4proto_unique_tuple). */
const PORT_CLASSES: readonly { from: Ranges; to: Ranges }[] = [
  { from: [0, 0], to: [0, 511] },
  { from: [1, 511], to: [1, 511] },
  { from: [600, 1023], to: [600, 1023] },
  { from: [1024, 65535], to: [1024, 65535] },
];

/**
 * The addresses of the host that a redirection (`dst`) or masquerading (`src`) gives, by interface.
 *
 * @param ofLink to packets that were sent to an address of the link
 */
export type LocalNode = (field: 'dst' | 'src', ofLink: boolean) => Node;

/** The packets that are in `node` once their source is translated. */
export function sourcePreimage(
  diagram: Diagram,
  node: Node,
  source: Translation,
  family: 4 | 6,
  localNode: LocalNode,
): Node {
  const moved = translationPreimage(diagram, node, source, SOURCE, family, localNode);
  if (source.port !== undefined) return moved;
  const ports = (values: Ranges): Node => rangesNode(diagram, 'sport', values, ALL);
  // The connection keeps the port that it began with.
  const taken = (to: Ranges): Node =>
    renameField(diagram, fixed(diagram, moved, 'sport', ports(to)), 'origSport', 'sport');
  const parts = PORT_CLASSES.map(({ from, to }) => diagram.and(taken(to), ports(from)));
  return diagram.orAll([...parts, ...oddPorts(diagram, moved, ports, taken)]);
}

/** 512 to 599: the port itself, or one of 600 to 1023. */
function oddPorts(
  diagram: Diagram,
  moved: Node,
  ports: (values: Ranges) => Node,
  taken: (to: Ranges) => Node,
): readonly Node[] {
  const odd = ports([512, 599]);
  const other = diagram.and(taken([600, 1023]), odd);
  if ((diagram.fields(moved) & bitsOf(['origSport'])) === 0) return [diagram.and(moved, odd), other];
  const kept = Array.from({ length: 599 - 512 + 1 }, (_, i): Node => {
    const port: Ranges = [512 + i, 512 + i];
    return diagram.and(taken(port), ports(port));
  });
  return [...kept, other];
}

/** The packets that are in `node` once one of their ends is translated, without regard to source ports that the kernel chooses. */
export function translationPreimage(
  diagram: Diagram,
  node: Node,
  { address, port }: Translation,
  names: typeof DESTINATION | typeof SOURCE,
  family: 4 | 6,
  localNode: LocalNode,
): Node {
  let result = node;
  const width = family === 4 ? 4 : 16;
  if (port !== undefined) {
    result = assigned(diagram, result, names.port, [port.lo, port.hi], FIELD_WIDTHS[names.port]);
    result = renameField(diagram, result, names.originalPort, names.port);
  }
  if (address === undefined) return result;
  if (address.kind === 'prefix') {
    const tables = prefixTables(
      diagram,
      names.address,
      digitsOf(address.mask, width),
      digitsOf(address.value, width),
    );
    const moved = tables.size === 0 ? result : remap(diagram, result, tables);
    return original(diagram, moved, names, width);
  }
  const arriving = (some: Node): Node => renameField(diagram, some, names.original, names.address);
  if (address.kind !== 'local')
    return arriving(
      assigned(diagram, result, names.address, inFamily(family, address.lo, address.hi), width),
    );
  const given = (ofLink: boolean): Node =>
    arriving(fixed(diagram, result, names.address, localNode(names.address, ofLink)));
  return names.address === 'src' ? given(false) : byDestination(diagram, family, given);
}

/**
 * The original address of a packet whose host bits stay, in terms of the packet as it arrived: what a set says of the
 * original is said of the address, byte by byte, beside what it says of that already.
 */
function original(
  diagram: Diagram,
  node: Node,
  names: typeof DESTINATION | typeof SOURCE,
  width: number,
): Node {
  const bits = bitsOf([names.original]);
  let result = node;
  for (let byte = 0; byte < width && (diagram.fields(result) & bits) !== 0; byte++) {
    const level = diagram.layout.levels[names.original][byte] as number;
    const digits = (value: number): Uint8Array => {
      const bytes = new Uint8Array(width);
      bytes[byte] = value;
      return bytes;
    };
    const parts = new Map<Node, Node>();
    for (let value = 0; value < 256; value++) {
      const rest = remap(diagram, result, new Map([[level, new Uint8Array(256).fill(value)]]));
      const here = maskedNode(diagram, names.address, digits(255), digits(value), ALL);
      parts.set(rest, diagram.or(parts.get(rest) ?? NONE, here));
    }
    result = diagram.orAll([...parts].map(([rest, here]) => diagram.and(rest, here)));
  }
  return result;
}

/** The range as numbers of the family's kind. */
export function inFamily(family: 4 | 6, lo: bigint, hi: bigint): Ranges<number> | Ranges<bigint> {
  return family === 4 ? [Number(lo), Number(hi)] : [lo, hi];
}

function prefixTables(
  diagram: Diagram,
  field: 'dst' | 'src',
  mask: Uint8Array,
  value: Uint8Array,
): Map<number, Uint8Array> {
  const tables = new Map<number, Uint8Array>();
  mask.forEach((m, i) => {
    const v = (value[i] as number) & m;
    if (m !== 0)
      tables.set(
        diagram.layout.levels[field][i] as number,
        Uint8Array.from({ length: 256 }, (_, x) => (x & ~m & 255) | v),
      );
  });
  return tables;
}

/**
 * The packets that are in `node` for some value of the field within the range. One value is looked up: the set need not be
 * made first of all packets that have it, which would repeat it below everything that comes before the field.
 */
function assigned(
  diagram: Diagram,
  node: Node,
  field: DiagramField,
  range: Ranges<number> | Ranges<bigint>,
  width: number,
): Node {
  const values = new Map<number, number>();
  if (!addBytes(diagram, values, field, range, width))
    return fixed(diagram, node, field, rangesNode(diagram, field, range, ALL, width));
  return exists(diagram, withBytes(diagram, node, values), levelSet(diagram.layout, [field]));
}

/** The packets that are in `node` for some value of the field within `values`. */
export function fixed(diagram: Diagram, node: Node, field: DiagramField, values: Node): Node {
  return exists(diagram, diagram.and(node, values), levelSet(diagram.layout, [field]));
}

/** What the set says of the connection's original field is said of the arriving packet's field. */
function renameField(diagram: Diagram, node: Node, from: DiagramField, to: DiagramField): Node {
  if (node === NONE || node === ALL) return node;
  const { levels } = diagram.layout;
  return rename(
    diagram,
    node,
    new Map(levels[from].map((level, i) => [level, levels[to][i] as number] as const)),
  );
}

/** Adds the bytes of the one value of the range; false where there are several. */
export function addBytes(
  diagram: Diagram,
  bytes: Map<number, number>,
  field: DiagramField,
  range: Ranges<number> | Ranges<bigint>,
  width: number,
): boolean {
  const [lo, hi, ...others] = levelValues(diagram, field, range, width);
  // The numbers of a range may be in several places, one of them by itself.
  if (lo === undefined || lo !== hi || others.length > 0) return false;
  const levels = diagram.layout.levels[field];
  for (const [i, digit] of digitsOf(lo, width).entries()) bytes.set(levels[i] as number, digit);
  return true;
}
