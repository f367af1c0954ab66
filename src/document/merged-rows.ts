/** A cell and for how many rows it stands, its own among them. */
export interface TallCell<T> {
  readonly cell: T;
  readonly rows: number;
}

/**
 * Repeats cells in the rows below that they stand for (`rowspan`), in the columns that these rows leave out for them: the grid of
 * WHATWG HTML, 4.9.12.1, for cells that are one column wide. The rows are those of one part of a table, with which cells end.
 *
 * @returns the cells of each row; undefined for one that has too few of its own to reach a cell from above
 */
export function repeatTallCells<T>(rows: readonly (readonly TallCell<T>[])[]): (readonly T[] | undefined)[] {
  /** By column, what comes down from above. */
  let above = new Map<number, TallCell<T>>();
  return rows.map((own) => {
    const below = new Map<number, TallCell<T>>();
    const cells: T[] = [];
    const waiting = own.values();
    for (;;) {
      const column = cells.length;
      const one = above.get(column) ?? waiting.next().value;
      above.delete(column);
      if (one === undefined) break;
      cells.push(one.cell);
      if (one.rows > 1) below.set(column, { cell: one.cell, rows: one.rows - 1 });
    }
    const fits = above.size === 0;
    above = below;
    return fits ? cells : undefined;
  });
}
