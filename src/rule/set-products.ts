import { allOf, anyOf, type Condition, NEVER } from './condition.ts';
import type { SetPart } from './named-set.ts';
import { type LookupContext, leafCondition } from './set-leaves.ts';

/**
 * The condition that a packet is one of the elements, whatever their order. Elements are grouped by the dimension
 * with the fewest different values, again within each group, so that the last dimension's values are one condition:
 * 65,000 pairs of address and port with ten ports become ten address conditions.
 */
export function products(elements: readonly (readonly SetPart[])[], context: LookupContext): Condition {
  if (elements.length === 0) return NEVER;
  return grouped(
    elements,
    context.set.dimensions.map((_, at) => at),
    context,
  );
}

function grouped(
  elements: readonly (readonly SetPart[])[],
  dimensions: readonly number[],
  context: LookupContext,
): Condition {
  const last = dimensions[0] as number;
  if (dimensions.length === 1)
    return leafCondition(
      elements.map((parts) => parts[last] as SetPart),
      last,
      context,
    );
  const { dimension, groups } = fewestValues(elements, dimensions);
  const rest = dimensions.filter((other) => other !== dimension);
  return anyOf(
    [...groups.values()].map((members) => {
      const part = (members[0] as readonly SetPart[])[dimension] as SetPart;
      return allOf([leafCondition([part], dimension, context), grouped(members, rest, context)]);
    }),
  );
}

type Groups = ReadonlyMap<string, (readonly SetPart[])[]>;

function fewestValues(
  elements: readonly (readonly SetPart[])[],
  dimensions: readonly number[],
): { dimension: number; groups: Groups } {
  let best: { dimension: number; groups: Groups } | undefined;
  for (const dimension of dimensions) {
    const groups = groupBy(elements, dimension);
    if (best === undefined || groups.size < best.groups.size) best = { dimension, groups };
  }
  return best as { dimension: number; groups: Groups };
}

function groupBy(elements: readonly (readonly SetPart[])[], dimension: number): Groups {
  const groups = new Map<string, (readonly SetPart[])[]>();
  for (const parts of elements) {
    const key = partKey(parts[dimension] as SetPart);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [parts]);
    else group.push(parts);
  }
  return groups;
}

function partKey(part: SetPart): string {
  switch (part.kind) {
    case 'address':
      return `${part.lo.toString(36)}-${part.hi.toString(36)}-${part.mask?.toString(36) ?? ''}`;
    case 'port':
      return `${part.protocol}:${part.lo}-${part.hi}`;
    case 'mac':
      return String(part.mac);
    case 'mark':
      return `${part.value}/${part.mask}`;
    case 'iface':
      return `${part.name}/${part.wildcard}/${part.physdev}`;
    case 'set':
      return part.name;
  }
}
