import { ascending, type Ranges } from './ranges.ts';

/** Values in ascending order from 0 on, each with what holds from it to the next. */
export interface Intervals {
  readonly starts: readonly (number | bigint)[];
  /** What the caller says of the lists that are active: a number that is not negative. */
  readonly marks: readonly number[];
}

/** Lists that were active together somewhere, and what holds there. */
interface Met {
  readonly active: readonly number[];
  readonly mark: number;
}

const UNKNOWN = -1;

/** So many lists together at all places where different ones meet: n lists that cross everywhere make n² of it. */
const MOST_TOGETHER = 16_000_000;

/** Goes through all values of a field in ascending order, and tells in which of many lists they are. */
export class Sweep {
  /** How many bounds the lists have, at which one begins or ends. */
  readonly size: number;
  /** The lists that have the value at hand, in no order; and where each list stands there. */
  private readonly active: number[] = [];
  private readonly places: Int32Array;
  private hash = 0;
  private nowhere = UNKNOWN;
  private readonly alone: Int32Array;
  private readonly met = new Map<number, Met[]>();
  private readonly starts: (number | bigint)[];
  private readonly marks: number[] = [UNKNOWN];

  /**
   * @param greatest the greatest value of the field
   * @param below what holds of values that are in these lists (in no order) and in no other; asked once for each
   * @param most so many lists together at all places are too many
   */
  constructor(
    private readonly lists: readonly (Ranges<number> | Ranges<bigint>)[],
    private readonly greatest: number | bigint,
    private readonly below: (active: readonly number[]) => number,
    private most = MOST_TOGETHER,
  ) {
    this.places = new Int32Array(lists.length).fill(UNKNOWN);
    this.alone = new Int32Array(lists.length).fill(UNKNOWN);
    this.starts = [typeof greatest === 'bigint' ? 0n : 0];
    let size = 0;
    for (const list of lists) size += list.length;
    this.size = size;
  }

  /** Undefined where too many lists cross one another. */
  run(): Intervals | undefined {
    const { greatest, lists } = this;
    if (typeof greatest === 'number' && greatest < Number.MAX_SAFE_INTEGER / (lists.length + 1) - 1)
      this.throughNumbers(greatest);
    else this.throughPairs();
    if (this.most < 0) return undefined;
    return { starts: this.starts, marks: this.marks };
  }

  /** A bound and its list are one number: these sort far faster than pairs. */
  private throughNumbers(greatest: number): void {
    const lists = this.lists as readonly Ranges<number>[];
    const count = lists.length;
    const keys = new Float64Array(this.size);
    let size = 0;
    for (let owner = 0; owner < count; owner++) {
      const list = lists[owner] as Ranges<number>;
      for (let i = 0; i < list.length; i++) {
        const bound = (list[i] as number) + (i & 1);
        if (bound <= greatest) keys[size++] = bound * count + owner;
      }
    }
    const sorted = keys.subarray(0, size).sort();
    let value = 0;
    for (let i = 0; i < size; i++) {
      const key = sorted[i] as number;
      const bound = Math.floor(key / count);
      if (bound !== value) {
        this.enter(value);
        if (this.most < 0) return;
        value = bound;
      }
      this.toggle(key - bound * count);
    }
    this.enter(value);
  }

  private throughPairs(): void {
    const bounds: (number | bigint)[] = [];
    const owners: number[] = [];
    for (const [owner, list] of this.lists.entries())
      for (const [i, end] of list.entries()) {
        const bound = i % 2 === 0 ? end : typeof end === 'bigint' ? end + 1n : end + 1;
        if (bound > this.greatest) continue;
        bounds.push(bound);
        owners.push(owner);
      }
    const order = Array.from(bounds.keys());
    order.sort((a, b) => ascending(bounds[a] as number, bounds[b] as number));
    let value = this.starts[0] as number | bigint;
    for (const at of order) {
      const bound = bounds[at] as number | bigint;
      if (bound !== value) {
        this.enter(value);
        if (this.most < 0) return;
        value = bound;
      }
      this.toggle(owners[at] as number);
    }
    this.enter(value);
  }

  /** From the value on the lists that are active now hold. */
  private enter(value: number | bigint): void {
    const { starts, marks } = this;
    const mark = this.markHere();
    const last = marks.length - 1;
    if (starts[last] === value) marks[last] = mark;
    else if (marks[last] !== mark) {
      starts.push(value);
      marks.push(mark);
    }
  }

  private toggle(owner: number): void {
    this.hash ^= mixed(owner + 1);
    const { active, places } = this;
    const place = places[owner] as number;
    if (place === UNKNOWN) {
      places[owner] = active.length;
      active.push(owner);
      return;
    }
    const last = active.pop() as number;
    if (last !== owner) {
      active[place] = last;
      places[last] = place;
    }
    places[owner] = UNKNOWN;
  }

  private markHere(): number {
    const { active, alone } = this;
    if (active.length > 1) return this.together();
    if (active.length === 0) {
      if (this.nowhere === UNKNOWN) this.nowhere = this.below([]);
      return this.nowhere;
    }
    const owner = active[0] as number;
    let mark = alone[owner] as number;
    if (mark === UNKNOWN) {
      mark = this.below([owner]);
      alone[owner] = mark;
    }
    return mark;
  }

  private together(): number {
    const { active, places, hash } = this;
    const met = this.met.get(hash);
    const before = met?.find(
      (one) => one.active.length === active.length && one.active.every((owner) => places[owner] !== UNKNOWN),
    );
    if (before !== undefined) return before.mark;
    const all = [...active];
    this.most -= all.length;
    const here = { active: all, mark: this.below(all) };
    if (met === undefined) this.met.set(hash, [here]);
    else met.push(here);
    return here.mark;
  }
}

/** Bits of a number that few others together are likely to have. */
function mixed(number: number): number {
  let hash = Math.imul(number, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
