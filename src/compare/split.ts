import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { LEVELS } from '../packet/layout.ts';

/** The packets of one label. */
export interface LabelPart {
  readonly label: number;
  readonly packets: Node;
}

const RULE = LEVELS.rule as readonly [number, number, number];

/** More than there can be parts below one node, which are at most as many as there are nodes (see Diagram). */
const PLACES = 2 ** 28;

/** Labels, ascending, and beside each its packets. */
interface Parts {
  readonly labels: readonly number[];
  readonly nodes: readonly Node[];
}

const NOTHING: Parts = { labels: [], nodes: [] };

/**
 * Divides a set whose packets have labels (the field `rule`, below all others) by the least label of each packet. One
 * walk through the set gives all parts: taking them out one by one would cost an operation on the whole for each.
 *
 * @returns disjoint sets without labels whose union is the whole, by label, ascending
 */
export function splitByLabel(diagram: Diagram, labelled: Node): LabelPart[] {
  const { labels, nodes } = new Split(diagram).of(labelled);
  return labels.map((label, i) => ({ label, packets: nodes[i] as Node }));
}

class Split {
  private readonly known = new Map<Node, Parts>();

  constructor(private readonly diagram: Diagram) {}

  of(node: Node): Parts {
    if (node === NONE) return NOTHING;
    const level = this.diagram.level(node);
    if (level >= RULE[0]) return { labels: [this.leastLabel(node)], nodes: [ALL] };
    let parts = this.known.get(node);
    if (parts === undefined) {
      parts = this.divide(node, level);
      this.known.set(node, parts);
    }
    return parts;
  }

  /** Collects for each label the edges below which it stands, and makes a node of them. */
  private divide(node: Node, level: number): Parts {
    const { diagram } = this;
    const below: Parts[] = [];
    let count = 0;
    let last = 0;
    for (let i = 0; i < diagram.edgeTotal(node); i++) {
      const parts = this.of(diagram.child(node, i));
      below.push(parts);
      count += parts.labels.length;
      if (parts.labels.length > 0) last = i;
    }
    const only = below[last] as Parts;
    if (only.labels.length === count)
      return { labels: only.labels, nodes: only.nodes.map((part) => this.node(node, level, [last, part])) };
    return this.together(node, level, below, count);
  }

  /** The same where several edges lead to labels: all of them sorted, so that those of one label are neighbours. */
  private together(node: Node, level: number, below: readonly Parts[], count: number): Parts {
    const keys = new Float64Array(count);
    const children: [edge: number, child: Node][] = [];
    for (let i = 0; i < below.length; i++) {
      const { labels, nodes } = below[i] as Parts;
      for (let k = 0; k < labels.length; k++) {
        keys[children.length] = (labels[k] as number) * PLACES + children.length;
        children.push([i, nodes[k] as Node]);
      }
    }
    keys.sort();
    const [labels, nodes]: [number[], Node[]] = [[], []];
    for (let k = 0; k < count; ) {
      const label = Math.floor((keys[k] as number) / PLACES);
      const edges: number[] = [];
      for (; k < count && Math.floor((keys[k] as number) / PLACES) === label; k++)
        edges.push(...(children[(keys[k] as number) % PLACES] as [number, Node]));
      labels.push(label);
      nodes.push(this.node(node, level, edges));
    }
    return { labels, nodes };
  }

  /** A node with the edges of `like` that are given, each with a child of its own; the other edges lead nowhere. */
  private node(like: Node, level: number, edges: readonly number[]): Node {
    const { diagram } = this;
    const mark = diagram.begin();
    let next = 0;
    for (let k = 0; k < edges.length; k += 2) {
      const i = edges[k] as number;
      if (i > next) diagram.push(mark, NONE, diagram.bound(like, i - 1));
      diagram.push(mark, edges[k + 1] as Node, diagram.bound(like, i));
      next = i + 1;
    }
    if (next < diagram.edgeTotal(like)) diagram.push(mark, NONE, 255);
    return diagram.finish(mark, level);
  }

  private leastLabel(node: Node): number {
    const { diagram } = this;
    let label = 0;
    let at = node;
    for (const level of RULE) {
      let value = 0;
      if (diagram.level(at) === level) {
        let edge = 0;
        while (diagram.child(at, edge) === NONE) edge++;
        value = edge === 0 ? 0 : diagram.bound(at, edge - 1) + 1;
        at = diagram.child(at, edge);
      }
      label = label * 256 + value;
    }
    return label;
  }
}
