import { boxesOf, type PacketBox } from './boxes.ts';
import { ALL, Diagram, type Node, NONE } from './diagram.ts';
import { type DiagramField, FIRST_VARIABLE, type Layout } from './layout.ts';
import { rangesNode } from './literals.ts';
import { exists, levelSet } from './operations.ts';
import type { Ranges } from './ranges.ts';
import { samplePacket } from './sample.ts';

/**
 * A set of packets: a value. Sets of one {@link PacketSpace} are canonical, so equal sets are the same object and
 * equality is `===`. Sets of different spaces must not be mixed.
 */
export class PacketSet {
  /** Use {@link PacketSpace}; a set made otherwise would not be canonical. */
  constructor(
    readonly space: PacketSpace,
    readonly node: Node,
  ) {}

  get isEmpty(): boolean {
    return this.node === NONE;
  }

  union(other: PacketSet): PacketSet {
    return this.space.of(this.space.diagram.or(this.node, other.node));
  }

  intersect(other: PacketSet): PacketSet {
    return this.space.of(this.space.diagram.and(this.node, other.node));
  }

  subtract(other: PacketSet): PacketSet {
    return this.space.of(this.space.diagram.difference(this.node, other.node));
  }

  complement(): PacketSet {
    return this.space.of(this.space.diagram.not(this.node));
  }

  isSubset(other: PacketSet): boolean {
    return this.space.diagram.difference(this.node, other.node) === NONE;
  }

  /** The packets that are in the set for some value of the fields: the set no longer depends on them. */
  project(fields: readonly DiagramField[]): PacketSet {
    return this.space.of(exists(this.space.diagram, this.node, levelSet(this.space.diagram.layout, fields)));
  }

  /** Disjoint products of field sets whose union is exactly this set, in the order of the fields' values. */
  boxes(): PacketBox[] {
    return boxesOf(this.space.diagram, this.node);
  }

  /** One packet of the set as the bytes of the fields that the set constrains; undefined where it is empty. */
  sample(): Map<DiagramField, Uint8Array> | undefined {
    return this.isEmpty ? undefined : samplePacket(this.space.diagram, this.node, {});
  }

  /**
   * How many assignments of all fields are in the set, IPv4 addresses taken as 32 bits. Only of a set that depends on no
   * opaque predicate.
   */
  size(): bigint {
    return this.space.count(this.node);
  }
}

/** Where packet sets live: one diagram, shared by the sets so that they are canonical among each other. */
export class PacketSpace {
  readonly diagram: Diagram;
  readonly empty: PacketSet;
  readonly all: PacketSet;
  private readonly handles = new Map<Node, PacketSet>();
  private readonly counts = new Map<number, bigint>();

  constructor(diagram = new Diagram()) {
    this.diagram = diagram;
    this.empty = this.of(NONE);
    this.all = this.of(ALL);
  }

  /** The one object for a node. */
  of(node: Node): PacketSet {
    let set = this.handles.get(node);
    if (set === undefined) {
      set = new PacketSet(this, node);
      this.handles.set(node, set);
    }
    return set;
  }

  /** Packets whose field is one of the values. For addresses use {@link address}. */
  field(field: DiagramField, values: Ranges<number> | Ranges<bigint>): PacketSet {
    return this.of(rangesNode(this.diagram, field, values, ALL));
  }

  /** Packets of the family. */
  family(family: 4 | 6): PacketSet {
    return this.field('family', family === 4 ? [0, 0] : [1, 1]);
  }

  /** Packets of the family whose address is one of the values (numbers for IPv4, bigints for IPv6). */
  address(field: AddressLevels, family: 4 | 6, values: Ranges<number> | Ranges<bigint>): PacketSet {
    const inside = rangesNode(this.diagram, field, values, ALL, family === 4 ? 4 : 16);
    return this.of(rangesNode(this.diagram, 'family', family === 4 ? [0, 0] : [1, 1], inside));
  }

  /** See {@link PacketSet.size}. */
  count(node: Node): bigint {
    return this.countFrom(node, 0, false);
  }

  private countFrom(node: Node, level: number, ipv4: boolean): bigint {
    const at = Math.min(this.diagram.level(node), LAST_COUNTED + 1);
    let factor = 1n;
    for (let skipped = level; skipped < at; skipped++) factor *= weight(this.diagram.layout, skipped, ipv4);
    if (node === NONE) return 0n;
    if (node === ALL) return level === 0 ? this.bothFamilies(node) : factor;
    if (level === 0 && at > 0) return this.bothFamilies(node);
    return factor * this.countNode(node, ipv4);
  }

  private bothFamilies(node: Node): bigint {
    return this.countFrom(node, 1, true) + this.countFrom(node, 1, false);
  }

  private countNode(node: Node, ipv4: boolean): bigint {
    const key = node * 2 + (ipv4 ? 1 : 0);
    const known = this.counts.get(key);
    if (known !== undefined) return known;
    const level = this.diagram.level(node);
    const { layout } = this.diagram;
    const top = weight(layout, level, ipv4) === 1n ? 0 : (layout.top[level] as number);
    let total = 0n;
    let from = 0;
    for (let i = 0; i < this.diagram.edgeTotal(node) && from <= top; i++) {
      const to = Math.min(this.diagram.bound(node, i), top);
      const family4 = level === 0 ? from === 0 : ipv4;
      total += BigInt(to - from + 1) * this.countFrom(this.diagram.child(node, i), level + 1, family4);
      from = to + 1;
    }
    this.counts.set(key, total);
    return total;
  }
}

type AddressLevels = 'src' | 'dst' | 'origSrc' | 'origDst';

/** Variables and the numbers of rules do not count: they are no fields of a packet. */
const LAST_COUNTED = FIRST_VARIABLE - 1;

const ADDRESSES: ReadonlySet<DiagramField | undefined> = new Set([
  'src',
  'dst',
  'origSrc',
  'origDst',
] as const);

function weight({ fieldOf, levels, top }: Layout, level: number, ipv4: boolean): bigint {
  const field = fieldOf[level];
  // An IPv4 address fills the first four of sixteen bytes.
  if (ipv4 && field !== undefined && ADDRESSES.has(field) && levels[field].indexOf(level) >= 4) return 1n;
  return BigInt((top[level] as number) + 1);
}
