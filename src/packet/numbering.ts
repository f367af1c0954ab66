import { complement, greater, lesser, normalise, type Ranges } from './ranges.ts';
import { Sweep } from './sweep.ts';

const GREATEST4 = 0xffff_ffff;
const GREATEST6 = (1n << 128n) - 1n;

/** How many ranges are remembered that a diagram's values stand for. */
const REMEMBERED = 1 << 20;

/**
 * Other numbers for addresses, one for each, so that addresses that the same long lists have stand together. A list of a
 * thousand scattered addresses is one range of such numbers, or a few where it has some in common with others. Nothing
 * is lost: it is a bijection, and a diagram is as exact with the one numbers as with the others. (Yang and Lam, "Real-time
 * verification of network properties using atomic predicates", 2013, number sets of packets to the same end.)
 */
export class AddressNumbering {
  private readonly ipv4: Bijection<number> | undefined;
  private readonly ipv6: Bijection<bigint> | undefined;
  private readonly known = new WeakMap<object, Ranges<number> | Ranges<bigint>>();
  private readonly values = new Map<string, Ranges<bigint>>();
  /** The lists by their numbers, see {@link keyOf}. */
  private readonly lists = new Map<string, Ranges<number> | Ranges<bigint>>();
  private remembered = 0;

  /** @param lists of addresses that shall stand together */
  constructor(lists4: readonly Ranges<number>[], lists6: readonly Ranges<bigint>[]) {
    this.ipv4 = lists4.length === 0 ? undefined : new Bijection(lists4, GREATEST4);
    this.ipv6 = lists6.length === 0 ? undefined : new Bijection(lists6, GREATEST6);
    this.remember(lists4, this.ipv4?.lists, 4);
    this.remember(lists6, this.ipv6?.lists, 16);
  }

  /** What making the numbers has told of the lists that they were made for. */
  private remember(
    lists: readonly (Ranges<number> | Ranges<bigint>)[],
    numbers: readonly (Ranges<number> | Ranges<bigint>)[] | undefined,
    width: number,
  ): void {
    for (const [i, list] of lists.entries()) {
      const own = numbers?.[i] as Ranges<number> | Ranges<bigint>;
      this.known.set(list, own);
      this.lists.set(keyOf(own, width), list);
    }
  }

  /**
   * The numbers of addresses.
   *
   * @param width bytes of an address: 4 or 16
   */
  numbersOf(addresses: Ranges<number> | Ranges<bigint>, width: number): Ranges<number> | Ranges<bigint> {
    const bijection = width === 4 ? this.ipv4 : this.ipv6;
    if (bijection === undefined) return addresses;
    let numbers = this.known.get(addresses);
    if (numbers === undefined) {
      numbers =
        width === 4
          ? (this.ipv4?.numbers.of(addresses as Ranges<number>) ?? addresses)
          : (this.ipv6?.numbers.of(addresses as Ranges<bigint>) ?? addresses);
      this.known.set(addresses, numbers);
    }
    return numbers;
  }

  /** The addresses of numbers: the same list for the same numbers, as long as it is remembered. */
  addressesOf(numbers: Ranges<bigint>, width: number): Ranges<bigint> {
    if ((width === 4 ? this.ipv4 : this.ipv6) === undefined) return numbers;
    const key = keyOf(numbers, width);
    let addresses = this.values.get(key);
    if (addresses === undefined) {
      addresses = this.lists.get(key)?.map(BigInt) ?? this.found(numbers, width);
      this.remembered += addresses.length + numbers.length;
      if (this.remembered > REMEMBERED) {
        this.values.clear();
        this.remembered = 0;
      }
      this.values.set(key, addresses);
    }
    return addresses;
  }

  private found(numbers: Ranges<bigint>, width: number): Ranges<bigint> {
    if (width === 16) return this.ipv6?.values.of(numbers) ?? numbers;
    return this.ipv4?.values.of(numbers.map(Number)).map(BigInt) ?? numbers;
  }
}

/** A text for numbers of addresses of so many bytes. */
const keyOf = (numbers: Ranges<number> | Ranges<bigint>, width: number): string =>
  `${width} ${numbers.join()}`;

/** Both ways between values and their numbers. */
class Bijection<T extends number | bigint> {
  readonly numbers: Shift<T>;
  readonly values: Shift<T>;
  /** The numbers of each list's values. */
  readonly lists: readonly Ranges<T>[];

  constructor(lists: readonly Ranges<T>[], greatest: T) {
    const { starts, atoms, order, members } = atomsOf(lists, greatest);
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
    this.lists = listsOf(lists.length, members, order, firsts, sizes);
    const next = [...firsts];
    const numbers: T[] = [];
    for (const [i, atom] of atoms.entries()) {
      numbers.push(next[atom] as T);
      next[atom] = plus(next[atom] as T, lengthAt(i));
    }
    this.numbers = new Shift(starts, numbers, greatest);
    const byNumber = inOrder(atoms, order, counts);
    this.values = new Shift(
      Array.from(byNumber, (i) => numbers[i] as T),
      Array.from(byNumber, (i) => starts[i] as T),
      greatest,
    );
  }
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
function atomsOf<T extends number | bigint>(lists: readonly Ranges<T>[], greatest: T): Atoms<T> {
  const firsts = [-1];
  const members: (readonly number[])[] = [[]];
  const sweep = new Sweep(lists as readonly Ranges<number>[], greatest, (active) => {
    if (active.length === 0) return 0;
    members.push([...active]);
    return firsts.push(active.reduce((a, b) => Math.min(a, b))) - 1;
  });
  const { starts, marks } = sweep.run();
  const order = Array.from(firsts.keys());
  order.sort((a, b) => (firsts[a] as number) - (firsts[b] as number) || a - b);
  return { starts: starts as readonly T[], atoms: marks, order, members };
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
