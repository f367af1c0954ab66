/** From the least through the greatest value that something has in a field; undefined: any value. */
export type Span = readonly [lo: number | bigint, hi: number | bigint] | undefined;

interface Spanned<T> {
  readonly thing: T;
  readonly lo: number | bigint;
  readonly hi: number | bigint;
}

/** Things by their spans in one field: which of thousands meet a span is found without a look at each. */
export class SpanIndex<T> {
  private readonly open: T[] = [];
  /** By their least values. */
  private readonly spanned: readonly Spanned<T>[];
  private readonly greatest: readonly (number | bigint)[];
  /** The greatest value of all (at 0), of the first and of the second half (at 1 and 2), of their halves (at 3 to 6), and so on. */
  private readonly reach: (number | bigint)[] = [];

  constructor(things: readonly T[], spanOf: (thing: T) => Span) {
    const spanned: Spanned<T>[] = [];
    for (const thing of things) {
      const span = spanOf(thing);
      if (span === undefined) this.open.push(thing);
      else spanned.push({ thing, lo: span[0], hi: span[1] });
    }
    this.spanned = spanned.sort((a, b) => order(a.lo, b.lo));
    this.greatest = spanned.map(({ hi }) => hi).sort(order);
    if (spanned.length > 0) this.reachOf(0, spanned.length, 0);
  }

  private reachOf(from: number, to: number, slot: number): number | bigint {
    const middle = (from + to) >> 1;
    const [a, b] =
      to - from === 1
        ? [(this.spanned[from] as Spanned<T>).hi]
        : [this.reachOf(from, middle, 2 * slot + 1), this.reachOf(middle, to, 2 * slot + 2)];
    const most = b === undefined || a > b ? a : b;
    this.reach[slot] = most;
    return most;
  }

  /** How many meet the span. */
  count(span: Span): number {
    const { open, spanned, greatest } = this;
    if (span === undefined) return open.length + spanned.length;
    const over = firstAt(greatest.length, (i) => (greatest[i] as number | bigint) >= span[0]);
    return open.length + this.begun(span[1]) - over;
  }

  /** Those that meet the span, in any order. */
  meeting(span: Span): T[] {
    const { open, spanned } = this;
    if (span === undefined) return [...open, ...spanned.map(({ thing }) => thing)];
    const found = open.slice();
    const begun = this.begun(span[1]);
    const walk = (from: number, to: number, slot: number): void => {
      if (from >= begun || (this.reach[slot] as number | bigint) < span[0]) return;
      const middle = (from + to) >> 1;
      if (to - from === 1) found.push((spanned[from] as Spanned<T>).thing);
      else {
        walk(from, middle, 2 * slot + 1);
        walk(middle, to, 2 * slot + 2);
      }
    };
    if (spanned.length > 0) walk(0, spanned.length, 0);
    return found;
  }

  /** How many spans begin at the value or before it. */
  private begun(value: number | bigint): number {
    return firstAt(this.spanned.length, (i) => (this.spanned[i] as Spanned<T>).lo > value);
  }
}

const order = (a: number | bigint, b: number | bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** The first of so many places at which the test holds, as it does at all later ones; their number, where it holds at none. */
function firstAt(total: number, test: (at: number) => boolean): number {
  let [from, to] = [0, total];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (test(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
