import type { SetElement, SetPart } from '../../rule/named-set.ts';
import { isRange, overlaps, subtract } from './boxes.ts';
import { type ElementKey, elementKey, GeneralElement, type StoredElement } from './element.ts';
import type { SetType } from './types.ts';

/** How many elements deletions from ranges may look at in one file, so that no input makes them take for ever. */
export interface Budget {
  left: number;
}

/**
 * The elements of one set, in the order of the file. Ranges stay ranges: the kernel stores each of their addresses
 * and ports, and a deletion may take some of them away.
 */
export class SetContent {
  private slots: (StoredElement | undefined)[] = [];
  private index = new Map<ElementKey, number>();
  private hasRanges = false;
  private hasNomatch = false;

  constructor(private readonly type: SetType) {}

  /** The key of an element of this set; see {@link elementKey}. */
  keyOf(parts: readonly SetPart[]): ElementKey {
    return elementKey(parts, this.type.name !== 'bitmap:ip,mac');
  }

  /** The element of that key. */
  find(key: ElementKey): StoredElement | undefined {
    const at = this.index.get(key);
    return at === undefined ? undefined : this.slots[at];
  }

  /** Adds an element that {@link find} does not find. */
  add(key: ElementKey, element: StoredElement): void {
    this.index.set(key, this.slots.length);
    this.slots.push(element);
    if (element.nomatch) this.hasNomatch = true;
    if (element instanceof GeneralElement && isRange(element.parts, this.type.dimensions))
      this.hasRanges = true;
  }

  /** Puts an element in the place of the one with the same key. */
  replace(key: ElementKey, element: StoredElement): void {
    this.slots[this.index.get(key) as number] = element;
    if (element.nomatch) this.hasNomatch = true;
  }

  /** Takes away what the parts cover, of whatever elements. */
  remove(key: ElementKey, parts: readonly SetPart[], budget: Budget): 'removed' | 'absent' | 'too-many' {
    if (!this.hasRanges && !isRange(parts, this.type.dimensions)) return this.removeOne(key);
    budget.left -= this.slots.length;
    if (budget.left < 0) return 'too-many';
    const pieces: GeneralElement[] = [];
    let removed = false;
    for (const [at, element] of this.slots.entries()) {
      const rest = element === undefined ? undefined : subtract(element.parts, parts, this.type.dimensions);
      if (element === undefined || rest === undefined) continue;
      removed = true;
      this.slots[at] = undefined;
      this.index.delete(this.keyOf(element.parts));
      for (const piece of rest) pieces.push(GeneralElement.of(piece, element));
    }
    for (const piece of pieces) {
      const next = this.keyOf(piece.parts);
      if (!this.index.has(next)) this.add(next, piece);
    }
    return removed ? 'removed' : 'absent';
  }

  private removeOne(key: ElementKey): 'removed' | 'absent' {
    const at = this.index.get(key);
    if (at === undefined) return 'absent';
    this.index.delete(key);
    this.slots[at] = undefined;
    return 'removed';
  }

  clear(): void {
    this.slots = [];
    this.index = new Map();
    this.hasRanges = false;
    this.hasNomatch = false;
  }

  /** The elements that are there, in order. */
  elements(): readonly SetElement[] {
    if (this.index.size === this.slots.length) return this.slots as StoredElement[];
    return this.slots.filter((element) => element !== undefined);
  }

  /**
   * Two overlapping ranges of which one is `nomatch` and the other is not: what the kernel then has depends on how
   * the file was loaded. The later of them; `too-many` where that could not be found out within the budget.
   */
  contradiction(budget: Budget): SetElement | 'too-many' | undefined {
    if (!this.hasRanges || !this.hasNomatch) return undefined;
    const groups = new Map<string, SetElement[]>();
    for (const element of this.elements()) {
      const key = element.parts
        .map((part) => (part.kind === 'address' ? `${part.lo}/${part.prefix}` : ''))
        .join();
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      budget.left -= group.length;
      if (budget.left < 0) return 'too-many';
      for (const other of group)
        if (other.nomatch !== element.nomatch && overlaps(element.parts, other.parts, this.type.dimensions))
          return element;
      group.push(element);
    }
    return undefined;
  }
}
