const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const MILLISECONDS = 86_400_000;
/** A waiver warns from this many days before its last one. */
export const WARNING_DAYS = 30;

/** The day's number since 1970-01-01 in UTC, by ISO 8601's calendar; undefined where `YYYY-MM-DD` names no day. */
export function dayNumber(text: string): number | undefined {
  const found = DAY.exec(text);
  if (found === null) return undefined;
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number];
  const time = new Date(0);
  // Date.UTC takes years below 100 for years of the twentieth century.
  time.setUTCFullYear(year, month - 1, day);
  const real =
    time.getUTCFullYear() === year && time.getUTCMonth() === month - 1 && time.getUTCDate() === day;
  return real ? time.getTime() / MILLISECONDS : undefined;
}

/** Whole days from one day to another; negative where the second is before the first. Both are days. */
export function daysBetween(from: string, to: string): number {
  return (dayNumber(to) ?? Number.NaN) - (dayNumber(from) ?? Number.NaN);
}
