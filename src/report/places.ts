import type { Opening } from '../finding/report.ts';

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Whether several of the places stand on the line of one, as the rules of an export do that has no line breaks. */
export function sharesLine(places: Iterable<Place>): (place: Place) => boolean {
  const columns = new Map<string, number>();
  const shared = new Set<string>();
  for (const place of places) {
    const line = lineOf(place);
    if ((columns.get(line) ?? place.column) === place.column) columns.set(line, place.column);
    else shared.add(line);
  }
  return (place) => shared.has(lineOf(place));
}

/** How places are told from one another: `file:line`, with the column where several of them stand on that line. */
export function placeNames(places: Iterable<Place>): (place: Place) => string {
  const isShared = sharesLine(places);
  return (place) => (isShared(place) ? `${lineOf(place)}:${place.column}` : lineOf(place));
}

const lineOf = ({ file, line }: Place): string => `${file}:${line}`;

/** The rules of all openings, one after the other: there may be more than a call takes. */
export function* rulesOf(openings: readonly Opening[]): Generator<Opening['rules'][number]> {
  for (const { rules } of openings) yield* rules;
}
