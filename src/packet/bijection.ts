import { complement, greater, lesser, normalise, type Ranges } from './ranges.ts';
import { Sweep } from './sweep.ts';

/** Both ways between values and their numbers. */
export class Bijection<T extends number | bigint> {
  readonly numbers: Shift<T>;
  readonly values: Shift<T>;
  readonly numbersOfLists: readonly Ranges<T>[];

  /** @param lists those that the atoms are of */
  constructor(
    readonly lists: readonly Ranges<T>[],
    { starts, atoms, order, members }: Atoms<T>,
    greatest: T,
  ) {
    const lengthAt = (i: number): T =>
      minus(i + 1 < starts.length ? (starts[i + 1] as T) : plus(greatest, one(greatest)), starts[i] as T);
    const firsts: T[] = [];
    const counts = order.map(() => 0);
    let total = minus(greatest, greatest);
    const sizes: T[] = order.map(() => total);
    for (const [i, atom] of atoms.entries()) {
      sizes[atom] = plus(sizes[atom] as T, lengthAt(i));
      counts[atom] = (counts[atom] as number) + 1;
    }
    for (const atom of order) {
      firsts[atom] = total;
      total = plus(total, sizes[atom] as T);
    }
    this.numbersOfLists = listsOf(lists.length, members, order, firsts, sizes);
    const next = [...firsts];
    const numbers: T[] = [];
    for (const [i, atom] of atoms.entries()) {
      numbers.push(next[atom] as T);
      next[atom] = plus(next[atom] as T, lengthAt(i));
    }
    this.numbers = new Shift(starts, numbers, greatest);
    const byNumber = inOrder(atoms, order, counts);
    this.values = new Shift(chosen(numbers, byNumber), chosen(starts, byNumber), greatest);
  }
}

/** The values at the places, in their order. */
function chosen<T>(values: readonly T[], places: Int32Array): T[] {
  const found: T[] = [];
  // `Array.from` would make an object for each place.
  for (let i = 0; i < places.length; i++) found.push(values[places[i] as number] as T);
  return found;
}

/**
 * Numbers under which the values of each list stand together, as far as they can.
 *
 * @param greatest the greatest of all values
 * @returns undefined where there are no lists, `entangled` where too many of them cross one another
 */
export function bijectionOf<T extends number | bigint>(
  lists: readonly Ranges<T>[],
  greatest: T,
): Bijection<T> | undefined | 'entangled' {
  if (lists.length === 0) return undefined;
  const atoms = atomsOf(lists, greatest);
  return atoms === undefined ? 'entangled' : new Bijection(lists, atoms, greatest);
}

/** The numbers of each list's values: those of the atoms that it has, which are ranges. */
function listsOf<T extends number | bigint>(
  count: number,
  members: readonly (readonly number[])[],
  order: readonly number[],
  firsts: readonly T[],
  sizes: readonly T[],
): readonly Ranges<T>[] {
  const found = Array.from({ length: count }, (): T[] => []);
  for (const atom of order) {
    const first = firsts[atom] as T;
    const end = plus(first, sizes[atom] as T);
    for (const owner of members[atom] as readonly number[]) {
      const list = found[owner] as T[];
      const last = list.length - 1;
      if (last >= 0 && plus(list[last] as T, one(first)) === first) list[last] = minus(end, one(end));
      else list.push(first, minus(end, one(end)));
    }
  }
  return found;
}

/** The intervals as their numbers ascend: atom by atom, and those of one as they stand. */
function inOrder(atoms: readonly number[], order: readonly number[], counts: readonly number[]): Int32Array {
  const places = new Int32Array(order.length);
  let end = 0;
  for (const atom of order) {
    places[atom] = end;
    end += counts[atom] as number;
  }
  const found = new Int32Array(atoms.length);
  for (const [i, atom] of atoms.entries()) {
    const place = places[atom] as number;
    found[place] = i;
    places[atom] = place + 1;
  }
  return found;
}

/** Intervals of values that the same lists have. */
interface Atoms<T> {
  /** Where each interval begins, and of which atom it is. */
  readonly starts: readonly T[];
  readonly atoms: readonly number[];
  /** The order of the atoms. */
  readonly order: readonly number[];
  /** Which lists have the values of each atom. */
  readonly members: readonly (readonly number[])[];
}

/** Atom 0 has the values of no list; it comes first, then those of the first list, and so on. */
function atomsOf<T extends number | bigint>(lists: readonly Ranges<T>[], greatest: T): Atoms<T> | undefined {
  const firsts = [-1];
  const members: (readonly number[])[] = [[]];
  const sweep = new Sweep(lists as readonly Ranges<number>[], greatest, (active) => {
    if (active.length === 0) return 0;
    members.push(active);
    return firsts.push(active.reduce((a, b) => Math.min(a, b))) - 1;
  });
  const intervals = sweep.run();
  if (intervals === undefined) return undefined;
  const order = Array.from(firsts.keys());
  order.sort((a, b) => (firsts[a] as number) - (firsts[b] as number) || a - b);
  return { starts: intervals.starts as readonly T[], atoms: intervals.marks, order, members };
}

/** Moves intervals of values, which together are all values, to other places. */
class Shift<T extends number | bigint> {
  /** @param from where each interval begins, ascending from 0 on; `to` where it begins after the move */
  constructor(
    private readonly from: readonly T[],
    private readonly to: readonly T[],
    private readonly greatest: T,
  ) {}

  of(ranges: Ranges<T>): Ranges<T> {
    return this.within(ranges) ?? this.ofSeveral(ranges);
  }

  /** A range that moves as one, as a single address does; undefined for others. */
  private within(ranges: Ranges<T>): Ranges<T> | undefined {
    if (ranges.length !== 2) return undefined;
    const [lo, hi] = [ranges[0] as T, ranges[1] as T];
    const at = this.indexOf(lo);
    const next = this.from[at + 1];
    if (next !== undefined && next <= hi) return undefined;
    const shift = minus(this.to[at] as T, this.from[at] as T);
    return [plus(lo, shift), plus(hi, shift)];
  }

  private ofSeveral(ranges: Ranges<T>): Ranges<T> {
    let touched = 0;
    for (let i = 0; i < ranges.length; i += 2)
      touched += this.indexOf(ranges[i + 1] as T) - this.indexOf(ranges[i] as T) + 1;
    const zero = minus(this.greatest, this.greatest);
    // Of two sets that are each other's rest the one in fewer pieces is moved.
    return touched > this.from.length / 2 + 1
      ? complement(this.moved(complement(ranges, zero, this.greatest)), zero, this.greatest)
      : this.moved(ranges);
  }

  private moved(ranges: Ranges<T>): Ranges<T> {
    const { from, to, greatest } = this;
    const pairs: [T, T][] = [];
    for (let i = 0; i < ranges.length; i += 2) {
      const [lo, hi] = [ranges[i] as T, ranges[i + 1] as T];
      for (let at = this.indexOf(lo); at < from.length && (from[at] as T) <= hi; at++) {
        const start = from[at] as T;
        const next = from[at + 1];
        const last = next === undefined ? greatest : minus(next, one(next));
        const shift = minus(to[at] as T, start);
        pairs.push([plus(greater(start, lo), shift), plus(lesser(last, hi), shift)]);
      }
    }
    return normalise(pairs);
  }

  /** The interval that has the value. */
  private indexOf(value: T): number {
    let low = 0;
    let high = this.from.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.from[middle] as T) <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

// The same operators serve numbers and bigints, as long as both operands are of one kind.
const plus = <T extends number | bigint>(a: T, b: T): T => ((a as number) + (b as number)) as T;
const minus = <T extends number | bigint>(a: T, b: T): T => ((a as number) - (b as number)) as T;
const one = <T extends number | bigint>(like: T): T => (typeof like === 'bigint' ? 1n : 1) as T;
