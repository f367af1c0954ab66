import { ALL, type Diagram, type Node, NONE } from './diagram.ts';

/** Pairs of nodes that a question looks at before it is left to the diagram, which remembers pairs and so is never exponential. */
const STEPS = 4096;

/** Whether two sets have a packet in common. Asked of small sets, this makes no new nodes and no entries in tables. */
export function meets(diagram: Diagram, a: Node, b: Node): boolean {
  const asked = new Question(diagram).meets(a, b);
  return asked ?? diagram.and(a, b) !== NONE;
}

/** Whether the first set is part of the second. */
export function within(diagram: Diagram, a: Node, b: Node): boolean {
  const outside = new Question(diagram).leaves(a, b);
  return outside === undefined ? diagram.difference(a, b) === NONE : !outside;
}

/** What is in more than one of the sets. */
export function inSeveral(diagram: Diagram, sets: Iterable<Node>): Node {
  let [once, twice]: [Node, Node] = [NONE, NONE];
  for (const set of sets) {
    twice = diagram.or(twice, diagram.and(once, set));
    once = diagram.or(once, set);
  }
  return twice;
}

/** Undefined where the answer would take too many steps. */
type Answer = boolean | undefined;

class Question {
  private steps = STEPS;

  constructor(private readonly diagram: Diagram) {}

  meets(a: Node, b: Node): Answer {
    if (a === NONE || b === NONE) return false;
    if (a === ALL || b === ALL || a === b) return true;
    return this.some(a, b, false);
  }

  /** Whether `a` has a packet that `b` has not. */
  leaves(a: Node, b: Node): Answer {
    if (a === NONE || b === ALL || a === b) return false;
    if (a === ALL || b === NONE) return true;
    return this.some(a, b, true);
  }

  /** Whether the question is true for some value of the byte that the higher of the two nodes tests. */
  private some(a: Node, b: Node, leaves: boolean): Answer {
    if (--this.steps < 0) return undefined;
    const { diagram } = this;
    const [levelA, levelB] = [diagram.level(a), diagram.level(b)];
    const [ofA, ofB] = [levelA <= levelB, levelB <= levelA];
    for (let i = 0, j = 0; ; ) {
      const x = ofA ? diagram.child(a, i) : a;
      const y = ofB ? diagram.child(b, j) : b;
      const answer = leaves ? this.leaves(x, y) : this.meets(x, y);
      if (answer !== false) return answer;
      const endA = ofA ? diagram.bound(a, i) : 255;
      const endB = ofB ? diagram.bound(b, j) : 255;
      if (endA === 255 && endB === 255) return false;
      // Where the one has nothing, the edges of the other are passed over: they may be many.
      if (x === NONE && endB < endA) j = diagram.edgeTo(b, j + 1, endA);
      else if (y === NONE && !leaves && endA < endB) i = diagram.edgeTo(a, i + 1, endB);
      else {
        if (endA <= endB) i++;
        if (endB <= endA) j++;
      }
    }
  }
}
