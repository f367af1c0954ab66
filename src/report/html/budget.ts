import type { Html } from './template.ts';

/**
 * How many characters a part of the page may take. A report of 200 hosts must open at once, so what is beyond is
 * counted instead of written, and the page says where all of it is.
 */
export class Budget {
  private spent = 0;

  /** @param room characters, which are bytes but for the rare ones beyond ASCII */
  constructor(private readonly room: number) {}

  /** Whether the piece still fits; what fits is counted. Nothing fits after the first piece that did not. */
  takes(piece: Html): boolean {
    if (this.spent > this.room) return false;
    this.spent += piece.text.length;
    return this.spent <= this.room;
  }
}

/** As many items as fit, shown, and how many there are beyond. */
export function fitting<T>(
  items: readonly T[],
  show: (item: T) => Html,
  budget: Budget,
): { readonly shown: readonly Html[]; readonly rest: readonly T[] } {
  const shown: Html[] = [];
  for (const [i, item] of items.entries()) {
    const piece = show(item);
    if (!budget.takes(piece)) return { shown, rest: items.slice(i) };
    shown.push(piece);
  }
  return { shown, rest: [] };
}
