import type { PacketBox } from './boxes.ts';
import type { DiagramField } from './layout.ts';
import { normalise, pairsOf, type Ranges, union } from './ranges.ts';

/** Lists of ranges, equal ones as one array: what a report makes of one is then made once. */
export class SharedLists {
  private readonly known = new Map<string, Ranges<bigint>[]>();

  of(list: Ranges<bigint>): Ranges<bigint> {
    if (list.length < LONG) return list;
    const key = `${list.length} ${list[0]} ${list[list.length - 1]}`;
    const alike = this.known.get(key) ?? [];
    const same = alike.find((one) => isSame(one, list));
    if (same !== undefined) return same;
    this.known.set(key, [...alike, list]);
    return list;
  }
}

/** Others are soon made again. */
const LONG = 64;

/**
 * Several disjoint boxes as the one box that they are together, where they differ in the values of one field alone: a rule about a
 * thousand addresses has them apart where other rules are about some of these, too. That costs a walk over their lists, and none
 * through a diagram.
 *
 * @returns undefined where they differ in more than one field, and where the field's values are perhaps all that there are: then a
 *   diagram does not ask for it
 */
export function unitedBox(boxes: readonly PacketBox[], lists: SharedLists): PacketBox | undefined {
  const [first, ...others] = boxes;
  const apart = first && onlyDifference(first, others);
  if (apart === undefined) return undefined;
  const values = together(boxes.map((box) => box[apart] as Ranges<bigint>));
  const isPerhapsAll = values.length === 2 && values[0] === 0n;
  return isPerhapsAll ? undefined : { ...first, [apart]: lists.of(values) };
}

/** The one field in which boxes differ from the first; undefined where there are more, and where some do not have it. */
function onlyDifference(first: PacketBox, others: readonly PacketBox[]): DiagramField | undefined {
  const fields = Object.keys(first) as DiagramField[];
  let apart: DiagramField | undefined;
  for (const other of others) {
    if (Object.keys(other).length !== fields.length) return undefined;
    for (const field of fields) {
      const values = other[field];
      if (values === undefined) return undefined;
      if (field === apart || isSame(first[field] as Ranges<bigint>, values)) continue;
      if (apart !== undefined) return undefined;
      apart = field;
    }
  }
  return apart;
}

/** The longest is walked once, however many others there are. */
function together(all: readonly Ranges<bigint>[]): Ranges<bigint> {
  const longest = all.reduce((a, b) => (b.length > a.length ? b : a));
  return union(longest, normalise(all.flatMap((one) => (one === longest ? [] : pairsOf(one)))));
}

function isSame(a: Ranges<bigint>, b: Ranges<bigint>): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]));
}
