import { type Diagram, type Node, NONE } from './diagram.ts';

/** Which nodes a walk has met: those with its number. Walks never run at once, so that all diagrams share one array. */
let met = new Uint8Array(0);
let walk = 0;

/** Whether a set's diagram has more than so many nodes. */
export function hasMoreNodes(diagram: Diagram, node: Node, count: number): boolean {
  beginWalk(diagram.size);
  const open = [node];
  let found = 0;
  for (let at = open.pop(); at !== undefined && found <= count; at = open.pop()) {
    const total = diagram.edgeTotal(at);
    if (total === 0 || met[at] === walk) continue;
    met[at] = walk;
    found++;
    for (let i = total - 1; i >= 0; i--) open.push(diagram.child(at, i));
  }
  return found > count;
}

function beginWalk(size: number): void {
  walk = (walk + 1) & 255;
  if (met.length < size) met = new Uint8Array(2 * size);
  else if (walk === 0) met.fill(0);
  walk ||= 1;
}

/**
 * How many edges a set's diagram has.
 *
 * @param known what was counted before: sets that begin as mere paths often end in the same diagram
 */
export function edgesOf(diagram: Diagram, set: Node, known: Map<Node, number>): number {
  if (diagram.edgeTotal(set) === 0) return 0;
  let path = 0;
  let node = set;
  for (let only = diagram.onlyChild(node); only !== NONE; only = diagram.onlyChild(node)) {
    path += diagram.edgeTotal(node);
    node = only;
    if (diagram.edgeTotal(node) === 0) return path;
  }
  let edges = known.get(node);
  if (edges === undefined) {
    edges = edgesBelow(diagram, node);
    known.set(node, edges);
  }
  return path + edges;
}

function edgesBelow(diagram: Diagram, node: Node): number {
  const seen = new Set<Node>([node]);
  let edges = 0;
  for (const at of seen) {
    const total = diagram.edgeTotal(at);
    edges += total;
    for (let i = 0; i < total; i++) seen.add(diagram.child(at, i));
  }
  return edges;
}
