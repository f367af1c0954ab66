import { type Bijection, bijectionOf } from './bijection.ts';
import type { Ranges } from './ranges.ts';

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
  private readonly known = new WeakMap<object, Ranges<number> | Ranges<bigint>>();
  private readonly values = new Map<string, Ranges<bigint>>();
  /** The lists by their numbers, see {@link keyOf}. */
  private readonly lists = new Map<string, Ranges<number> | Ranges<bigint>>();
  private remembered = 0;

  private constructor(
    private readonly ipv4: Bijection<number> | undefined,
    private readonly ipv6: Bijection<bigint> | undefined,
  ) {
    this.remember(ipv4, 4);
    this.remember(ipv6, 16);
  }

  /**
   * @param lists4 lists of addresses that shall stand together
   * @returns undefined where too many of them cross one another
   */
  static of(
    lists4: readonly Ranges<number>[],
    lists6: readonly Ranges<bigint>[],
  ): AddressNumbering | undefined {
    const ipv4 = bijectionOf(lists4, GREATEST4);
    const ipv6 = bijectionOf(lists6, GREATEST6);
    return ipv4 === 'entangled' || ipv6 === 'entangled' ? undefined : new AddressNumbering(ipv4, ipv6);
  }

  /** What making the numbers has told of the lists that they were made for. */
  private remember(bijection: Bijection<number> | Bijection<bigint> | undefined, width: number): void {
    for (const [i, list] of (bijection?.lists ?? []).entries()) {
      const own = bijection?.numbersOfLists[i] as Ranges<number> | Ranges<bigint>;
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
