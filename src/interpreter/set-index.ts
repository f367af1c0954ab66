import type { NamedSet, SetElement } from '../rule/named-set.ts';
import { kept } from '../text/kept.ts';
import { type Domain, onlyValue } from './domain.ts';
import type { Reading } from './set-parts.ts';

/** A set of fewer elements is looked through one by one. */
const MANY = 64;

interface Placed {
  readonly element: SetElement;
  /** Its place in the set. */
  readonly at: number;
}

/**
 * The elements of a set by the address of their first part, as the kernel finds them: each size of network once, with
 * the address cut to that size (`ip_set_hash_gen.h`, mtype_test_cidrs). Lists of a hundred thousand addresses are looked up for
 * every finding.
 */
class SetIndex {
  /** By the number of addresses, then by the first of them, as text: V8 takes the last 64 bits alone for a bigint's hash. */
  private readonly bySize = new Map<bigint, Map<string, Placed[]>>();
  /** Ranges that are no network, masks with holes, the other family's addresses. */
  private readonly others: Placed[] = [];

  constructor(
    elements: readonly SetElement[],
    private readonly family: 4 | 6,
  ) {
    for (const [at, element] of elements.entries()) this.place({ element, at });
  }

  private place(placed: Placed): void {
    const part = placed.element.parts[0];
    const size = part?.kind === 'address' ? part.hi - part.lo + 1n : 0n;
    const isNetwork =
      part?.kind === 'address' &&
      part.family === this.family &&
      part.mask === undefined &&
      (size & (size - 1n)) === 0n &&
      part.lo % size === 0n;
    if (!isNetwork) {
      this.others.push(placed);
      return;
    }
    const networks = kept(this.bySize, size, () => new Map<string, Placed[]>());
    kept(networks, String(part.lo), (): Placed[] => []).push(placed);
  }

  /** The elements that may have the address, in their order. */
  near(address: bigint): SetElement[] {
    // As many elements may have one address as there are ports: more than a call takes arguments.
    const found = [...this.bySize].flatMap(
      ([size, networks]) => networks.get(String(address - (address % size))) ?? [],
    );
    return [...this.others, ...found].sort((a, b) => a.at - b.at).map(({ element }) => element);
  }
}

const indexes = new WeakMap<NamedSet, Map<4 | 6, SetIndex>>();

/** The elements that can hold what was read, and maybe others that cannot, in their order. */
export function elementsNear(set: NamedSet, [first]: readonly Reading[]): readonly SetElement[] {
  if (set.elements.length < MANY || first?.kind !== 'address') return set.elements;
  const address = onlyValue(first.domain as Domain<bigint>);
  if (address === undefined) return set.elements;
  const { family } = first;
  const ofSet = kept(indexes, set, () => new Map<4 | 6, SetIndex>());
  return kept(ofSet, family, () => new SetIndex(set.elements, family)).near(BigInt(address));
}
