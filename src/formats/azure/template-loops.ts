import type { Json, JsonObject } from '../exports/located.ts';

/*
 * Loops of templates: `copy` beside fields makes a list of its `input`, in a resource several of it, and in variables one of them.
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-properties, …/copy-resources, …/copy-variables)
 */

/** A loop that makes a list; how often is an expression, or a number. */
export interface ListLoop {
  readonly name: string;
  readonly count: Json;
  readonly input: Json;
}

/** What stands beside `copy` in an object, and the loops that `copy` has; those that are none stay. */
export function loopsOf(object: JsonObject): ListLoop[] {
  const { copy } = object;
  return Array.isArray(copy) ? (copy as readonly Json[]).flatMap((one) => listLoop(one) ?? []) : [];
}

function listLoop(value: Json): ListLoop | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { name, count, input } = value as JsonObject;
  if (typeof name !== 'string' || count === undefined || input === undefined) return undefined;
  return { name, count, input };
}

/** The loop that makes several of a resource. */
export function resourceLoop(value: Json | undefined): Omit<ListLoop, 'input'> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { copy, type } = value as JsonObject;
  if (typeof type !== 'string' || typeof copy !== 'object' || copy === null || Array.isArray(copy))
    return undefined;
  const { name, count } = copy as JsonObject;
  return typeof name === 'string' && count !== undefined ? { name, count } : undefined;
}

/** Which turn of which loop it is: by the loops' names in lower case, and of the resource's under no name. */
export type Turns = ReadonlyMap<string, number>;

/** `copyIndex()`, `copyIndex(1)`, `copyIndex('loop')`, `copyIndex('loop', 1)`. */
export function turnOf(turns: Turns, [first = 0, second = 0]: readonly Json[]): number | undefined {
  const isNamed = typeof first === 'string';
  const offset = isNamed ? second : first;
  const turn = turns.get(isNamed ? first.toLowerCase() : '');
  return turn === undefined || typeof offset !== 'number' ? undefined : turn + offset;
}
