import type { Diagram, Node } from '../../packet/diagram.ts';
import { meets } from '../../packet/relations.ts';

/** A list whose items each are about some packets, in halves down to a few items, with the packets of each half together. */
export interface Halved<T> {
  readonly packets: Node;
  readonly items: readonly T[];
  readonly halves: readonly [Halved<T>, Halved<T>] | undefined;
}

/** @param few so many items are not told apart */
export function halved<T>(
  diagram: Diagram,
  items: readonly T[],
  few: number,
  packetsOf: (item: T) => Node,
): Halved<T> {
  if (items.length <= few) return { packets: diagram.orAll(items.map(packetsOf)), items, halves: undefined };
  const middle = items.length >> 1;
  const one = halved(diagram, items.slice(0, middle), few, packetsOf);
  const other = halved(diagram, items.slice(middle), few, packetsOf);
  return { packets: diagram.or(one.packets, other.packets), items, halves: [one, other] };
}

/** Those of the items that may be about the packets, in their order: of thousands most are passed over together. */
export function itemsAbout<T>(diagram: Diagram, list: Halved<T>, packets: Node): T[] {
  const found: T[] = [];
  const walk = (part: Halved<T>): void => {
    if (!meets(diagram, part.packets, packets)) return;
    if (part.halves === undefined) found.push(...part.items);
    else for (const half of part.halves) walk(half);
  };
  walk(list);
  return found;
}
