import type { Evidence } from '../../finding/report.ts';
import type { Span } from '../../text/source.ts';
import { evidenceOf } from './finding.ts';

/** Whether both quote the same line. */
export const isSamePlace = (one: Evidence, other: Evidence): boolean =>
  one.file === other.file && one.line === other.line && one.column === other.column;

/** Each line once, as it is quoted first. */
export const onceEach = (lines: readonly Evidence[]): Evidence[] =>
  lines.filter((one, i) => lines.findIndex((other) => isSamePlace(one, other)) === i);

/** Evidence is for reading: a finding quotes this many lines and then says how many more there are. */
const QUOTED = 8;

/** A place of a config, and what is said of it. */
export interface Quote {
  readonly origin: Span;
  readonly note: string;
}

/** The first of the places as evidence, and how many more there are. */
export function quoted(quotes: readonly Quote[]): Evidence[] {
  const found = quotes.slice(0, QUOTED).map(({ origin, note }) => evidenceOf(origin, note));
  const more = quotes.length - found.length;
  const last = found[found.length - 1];
  if (more > 0 && last !== undefined)
    found[found.length - 1] = {
      ...last,
      note: `${last.note}; ${more} more ${more === 1 ? 'line does' : 'lines do'} so too`,
    };
  return found;
}
