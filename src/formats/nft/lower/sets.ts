import type { NamedSet, SetElement, SetPart } from '../../../rule/named-set.ts';
import type { Element, NamedSet as SetNode, Table, Value } from '../ast/ast.ts';
import { TYPES } from '../types/datatypes.ts';
import { readRanges } from '../types/read-number.ts';
import type { Problems } from '../problems.ts';
import { uncertainSets } from './table-facts.ts';
import type { Unlisted } from '../terse.ts';

const FAMILIES: Readonly<Record<string, 4 | 6>> = { ipv4_addr: 4, ipv6_addr: 6 };

/**
 * The named sets of addresses, as `family table name`, for roles that a deployment binds to them. Rules have their
 * conditions in place. Sets that rules change are left out: what was listed of them is a snapshot. So are those whose
 * elements the listing leaves out.
 */
export function lowerSets(
  tables: readonly Table[],
  problems: Problems,
  unlisted: Unlisted,
): readonly NamedSet[] {
  const sets: NamedSet[] = [];
  for (const table of tables) {
    const uncertain = new Set([...uncertainSets(table), ...(unlisted.get(table) ?? [])]);
    for (const set of table.sets.values())
      if (!set.isMap && !uncertain.has(set.name)) {
        const family = FAMILIES[set.keys?.[0]?.name ?? ''];
        if (family !== undefined) sets.push(lowerSet(set, family, table, problems));
      }
  }
  return sets;
}

/** The elements are read when they are asked for: few roles are bound to a set, and sets have thousands of them. */
function lowerSet(set: SetNode, family: 4 | 6, table: Table, problems: Problems): NamedSet {
  const origin = problems.span(set);
  let elements: readonly SetElement[] | undefined;
  return {
    name: `${table.family} ${table.name} ${set.name}`,
    type: set.keys?.map((key) => key?.name ?? 'integer').join(' . ') ?? '',
    family,
    dimensions: ['net'],
    get elements() {
      elements ??= set.elements.flatMap((element) => addressElements(element, family, problems));
      return elements;
    },
    origin,
  };
}

function addressElements(
  { key, start, end }: Element,
  family: 4 | 6,
  problems: Problems,
): readonly SetElement[] {
  const first = key.kind === 'concat' ? key.of[0] : key;
  const part = first === undefined ? undefined : addressPart(first, family);
  if (part === undefined) return [];
  return [{ parts: [part], nomatch: false, origin: problems.span({ start, end }) }];
}

function addressPart(value: Value, family: 4 | 6): SetPart | undefined {
  const ranges = readRanges([value], family === 4 ? TYPES.ipv4 : TYPES.ipv6);
  if ('expected' in ranges) return undefined;
  const [lo, hi] = ranges as readonly [bigint, bigint];
  return { kind: 'address', family, lo, hi, prefix: family === 4 ? 32 : 128 };
}
