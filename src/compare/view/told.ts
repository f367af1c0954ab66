import type { Box } from '../../finding/report.ts';
import { BoxLimit } from '../../packet/boxes.ts';

/** So many boxes take about a gigabyte; 10,000 rules that each open the pairs of a list of a thousand have millions. */
const MOST_BOXES = 2_000_000;
/** As large are so many addresses in lists of their own; thirty masks with holes have more. */
const MOST_RANGES = 2_000_000;
/** Shorter lists are as little as their boxes. */
const SHORT = 16;

/** How much a report is to show of one host in one family: more than it can hold is an error, and no report. */
export class Told {
  private boxes = 0;
  private ranges = 0;
  private readonly lists = new WeakSet<readonly string[]>();

  /** @throws BoxLimit where all of the host's are more than a report can hold */
  count(boxes: readonly Box[]): void {
    this.boxes += boxes.length;
    if (this.boxes > MOST_BOXES)
      throw new BoxLimit(
        `what is to be told of this host falls into more than ${MOST_BOXES} boxes, as rules make them that each name a long list of pairs`,
      );
    for (const { sources, destinations } of boxes) {
      if (sources !== undefined) this.countList(sources);
      if (destinations !== undefined) this.countList(destinations);
    }
  }

  /** Boxes share their lists, which take memory once. */
  private countList(list: readonly string[]): void {
    if (list.length < SHORT || this.lists.has(list)) return;
    this.lists.add(list);
    this.ranges += list.length;
    if (this.ranges > MOST_RANGES)
      throw new BoxLimit(
        `what is to be told of this host falls into more than ${MOST_RANGES} separate ranges of addresses, as masks with holes make them`,
      );
  }
}
