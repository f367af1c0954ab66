import type { SetDimension, SetPart } from '../../rule/named-set.ts';

/**
 * Elements as products: hosts and ports are ranges, networks, MACs, marks and interfaces are single things that are
 * the same or not.
 */

interface Range {
  readonly lo: bigint | number;
  readonly hi: bigint | number;
}

/** The part as a range; undefined where the dimension has single things. */
function asRange(part: SetPart, dimension: SetDimension | undefined): Range | undefined {
  if (part.kind === 'port') return part;
  return part.kind === 'address' && dimension !== 'net' ? part : undefined;
}

/** Whether some part stands for more than one address or port. */
export function isRange(parts: readonly SetPart[], dimensions: readonly SetDimension[]): boolean {
  return parts.some((part, at) => {
    const range = asRange(part, dimensions[at]);
    return range !== undefined && range.lo !== range.hi;
  });
}

function sameThing(a: SetPart, b: SetPart): boolean {
  if (a.kind === 'address' && b.kind === 'address') return a.lo === b.lo && a.prefix === b.prefix;
  if (a.kind === 'mac' && b.kind === 'mac') return a.mac === b.mac;
  if (a.kind === 'mark' && b.kind === 'mark') return a.value === b.value;
  if (a.kind === 'iface' && b.kind === 'iface') return a.name === b.name && a.physdev === b.physdev;
  return a.kind === 'set' && b.kind === 'set' && a.name === b.name;
}

/** Whether the two elements have a member in common (of the same networks). */
export function overlaps(
  a: readonly SetPart[],
  b: readonly SetPart[],
  dimensions: readonly SetDimension[],
): boolean {
  return a.every((part, at) => {
    const other = b[at] as SetPart;
    const [x, y] = [asRange(part, dimensions[at]), asRange(other, dimensions[at])];
    if (x === undefined || y === undefined) return sameThing(part, other);
    return samePorts(part, other) && x.lo <= y.hi && y.lo <= x.hi;
  });
}

function samePorts(a: SetPart, b: SetPart): boolean {
  return a.kind !== 'port' || b.kind !== 'port' || a.protocol === b.protocol;
}

/**
 * What is left of `element` without `taken`, as disjoint products; undefined where they have nothing in common, the
 * empty list where nothing is left.
 */
export function subtract(
  element: readonly SetPart[],
  taken: readonly SetPart[],
  dimensions: readonly SetDimension[],
): readonly (readonly SetPart[])[] | undefined {
  if (!overlaps(element, taken, dimensions)) return undefined;
  const left: (readonly SetPart[])[] = [];
  let common = element;
  for (let at = 0; at < element.length; at++) {
    const range = asRange(element[at] as SetPart, dimensions[at]);
    const cut = asRange(taken[at] as SetPart, dimensions[at]);
    if (range === undefined || cut === undefined) continue;
    if (range.lo < cut.lo) left.push(replace(common, at, range.lo, before(cut.lo)));
    if (range.hi > cut.hi) left.push(replace(common, at, after(cut.hi), range.hi));
    common = replace(common, at, greater(range.lo, cut.lo), lesser(range.hi, cut.hi));
  }
  return left;
}

function replace(
  parts: readonly SetPart[],
  at: number,
  lo: bigint | number,
  hi: bigint | number,
): readonly SetPart[] {
  return parts.map((part, index) => (index === at ? ({ ...part, lo, hi } as SetPart) : part));
}

function before(value: bigint | number): bigint | number {
  return typeof value === 'bigint' ? value - 1n : value - 1;
}

function after(value: bigint | number): bigint | number {
  return typeof value === 'bigint' ? value + 1n : value + 1;
}

function greater(a: bigint | number, b: bigint | number): bigint | number {
  if (a > b) return a;
  return b;
}

function lesser(a: bigint | number, b: bigint | number): bigint | number {
  if (a < b) return a;
  return b;
}
