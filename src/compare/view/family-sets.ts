import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { nameRanges, SOME_INTERFACE } from '../../packet/interface-names.ts';
import { type DiagramField, FIELD_WIDTHS } from '../../packet/layout.ts';
import { rangesNode } from '../../packet/literals.ts';
import { existsAnd } from '../../packet/exists-and.ts';
import { exists, levelSet } from '../../packet/operations.ts';
import type { Ranges } from '../../packet/ranges.ts';
import type { InterfacePattern } from '../../rule/condition.ts';
import { kept } from '../../text/kept.ts';

const LOOPBACK = nameRanges([{ name: 'lo', prefix: false }]);

/** A diagram of fewer nodes is a small one. */
const FEW_NODES = 1 << 14;

/** Sets of one family's packets by their fields. */
export class FamilySets {
  private readonly on: { in?: Node; out?: Node } = {};
  private readonly off: { in?: Node; out?: Node } = {};
  private readonly projected = new Map<string, Node>();

  constructor(
    readonly diagram: Diagram,
    readonly family: 4 | 6,
  ) {}

  /** Packets whose field is one of the values. */
  field(field: DiagramField, values: Ranges<number> | Ranges<bigint>): Node {
    const address = field === 'src' || field === 'dst';
    const width = address ? (this.family === 4 ? 4 : 16) : FIELD_WIDTHS[field];
    return rangesNode(this.diagram, field, values, ALL, width);
  }

  /** Packets whose interface has one of the names. */
  named(field: 'in' | 'out', names: readonly InterfacePattern[]): Node {
    return this.field(field, nameRanges(names));
  }

  /** Packets that come in or go out by some interface other than `lo`. */
  offLoopback(field: 'in' | 'out'): Node {
    this.off[field] ??= this.diagram.difference(this.field(field, SOME_INTERFACE), this.loopback(field));
    return this.off[field];
  }

  /** Packets on `lo`. */
  loopback(field: 'in' | 'out'): Node {
    this.on[field] ??= this.field(field, LOOPBACK);
    return this.on[field];
  }

  /** The conjunction of several sets. */
  all(...nodes: readonly Node[]): Node {
    return nodes.reduce((a, b) => this.diagram.and(a, b), ALL);
  }

  /** What passes by some interface that leads away from the host: nobody is reached over `lo`. */
  sentOn(node: Node): Node {
    return node === NONE ? NONE : this.project(this.diagram.and(node, this.offLoopback('out')), ['out']);
  }

  /** The set for some value of the fields. */
  project(node: Node, fields: readonly DiagramField[]): Node {
    return fields.length === 0 || node === NONE || node === ALL
      ? node
      : exists(this.diagram, node, levelSet(this.diagram.layout, fields));
  }

  /** What is in both sets for some value of the fields; quick where `b` is small. */
  projectAnd(a: Node, b: Node, fields: readonly DiagramField[]): Node {
    const { diagram } = this;
    // In a small diagram, which hosts share, the intersection is mostly known.
    if (diagram.size < FEW_NODES) return this.project(diagram.and(a, b), fields);
    // Rows about the same peers ask the same, and each of them twice: what is definite is mostly all that is possible.
    const key = `${a} ${b} ${fields.join()}`;
    return kept(this.projected, key, () => existsAnd(diagram, a, b, levelSet(diagram.layout, fields)));
  }
}
