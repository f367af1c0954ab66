interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * How places are told from one another: `file:line`, with the column where several of them stand on that line, as the
 * rules of an export do that has no line breaks.
 */
export function placeNames(places: Iterable<Place>): (place: Place) => string {
  const columns = new Map<string, number>();
  const shared = new Set<string>();
  for (const { file, line, column } of places) {
    const key = `${file}:${line}`;
    if ((columns.get(key) ?? column) === column) columns.set(key, column);
    else shared.add(key);
  }
  return ({ file, line, column }) => {
    const name = `${file}:${line}`;
    return shared.has(name) ? `${name}:${column}` : name;
  };
}
