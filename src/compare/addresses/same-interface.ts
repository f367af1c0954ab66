import type { Node } from '../../packet/diagram.ts';
import { pairsOf } from '../../packet/ranges.ts';
import type { FamilyView } from '../view/view.ts';

/** Of packets those that may leave by the interface by which they came. Interfaces that the set does not tell apart are looked at as one. */
export function sameInterface(view: FamilyView, packets: Node): Node {
  const { diagram } = view;
  const through = view.all(packets, view.offLoopback('in'), view.offLoopback('out'));
  const bounds = new Set<bigint>();
  for (const box of view.space.of(through).boxes())
    for (const names of [box.in, box.out])
      for (const [lo, hi] of pairsOf(names ?? [])) bounds.add(lo).add(hi + 1n);
  const ends = [...bounds].sort((a, b) => (a < b ? -1 : 1));
  const both = ends.slice(0, -1).map((lo, at): Node => {
    const part = [lo, (ends[at + 1] as bigint) - 1n] as const;
    return diagram.and(view.field('in', [...part]), view.field('out', [...part]));
  });
  return diagram.and(through, diagram.orAll(both));
}
