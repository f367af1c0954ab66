import { type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { bitsOf, type DiagramField, FIRST_VARIABLE, type Layout, LAYOUTS } from '../../packet/layout.ts';
import { exists, type LevelSet, levelSet } from '../../packet/operations.ts';

/** What says where packets go. */
const ENDS: readonly DiagramField[] = ['protocol', 'dst', 'dport'];
/** The same as bits, see `Layout.fieldBit`. */
export const ENDS_FIELDS = bitsOf(ENDS);

/**
 * The packets that go where some of the set go. Of a host's thousand services a packet is about one, which their ends tell at once;
 * sources that each of them treats otherwise would be looked through for each.
 */
export function sameEnd(diagram: Diagram, set: Node): Node {
  return set === NONE ? NONE : exists(diagram, set, OTHERS.get(diagram.layout) as LevelSet);
}

const OTHERS = new Map<Layout, LevelSet>(
  LAYOUTS.map((layout) => {
    const fields = Object.keys(layout.levels) as DiagramField[];
    const others = fields.filter((field) => !ENDS.includes(field));
    return [layout, levelSet(layout, others, FIRST_VARIABLE)];
  }),
);
