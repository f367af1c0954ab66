import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';

/**
 * Where a condition can hold and where it certainly does, `must ⊆ may`. They differ only by opaque predicates that
 * answer anew at each visit.
 */
export interface Truth {
  readonly may: Node;
  readonly must: Node;
}

export const TRUE: Truth = { may: ALL, must: ALL };
export const FALSE: Truth = { may: NONE, must: NONE };
export const EITHER: Truth = { may: ALL, must: NONE };

/** The conjunction. */
export function bothTrue(diagram: Diagram, a: Truth, b: Truth): Truth {
  const may = diagram.and(a.may, b.may);
  return { may, must: a.may === a.must && b.may === b.must ? may : diagram.and(a.must, b.must) };
}
