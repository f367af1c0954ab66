import type { Report } from '../finding/report.ts';

/** A time that a format asks for, and where it is from; there is no clock in a report. */
export interface ReportTime {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly milliseconds: number;
  /** RFC 3339 in UTC, to the second. */
  readonly text: string;
  readonly from: 'as-of' | 'captured' | 'unknown';
}

/** What is said beside the time, so that nobody takes it for more than it is. */
export const TIME_REMARKS: Readonly<Record<ReportTime['from'], string>> = {
  'as-of': 'Times are the beginning of the as-of date that the user gave, in UTC.',
  captured: 'Times are when the latest of the configs was captured, as the deployment says.',
  unknown:
    'Times are 1970-01-01T00:00:00Z because neither an as-of date nor a time of capture (`2026-11-20T10:00:00Z`) was given; the report itself has no clock.',
};

const TIME = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** OSCAL's dates begin in 1900, and no config was captured before 1970 or after 9999. */
const RANGE = [0, Date.UTC(9999, 11, 31)] as const;

/**
 * The time of a report, for formats that must have one: the beginning of the as-of date, else the latest time of capture, else
 * 1970-01-01T00:00:00Z.
 */
export function reportTime(report: Report): ReportTime {
  const day =
    report.asOf !== undefined && DAY.test(report.asOf)
      ? millisecondsOf(`${report.asOf}T00:00:00Z`)
      : undefined;
  if (day !== undefined) return { milliseconds: day, text: textOf(day), from: 'as-of' };
  let latest: number | undefined;
  for (const { captured } of report.inputs) {
    const at = captured?.at === undefined ? undefined : millisecondsOf(captured.at);
    if (at !== undefined && (latest === undefined || at > latest)) latest = at;
  }
  if (latest !== undefined) return { milliseconds: latest, text: textOf(latest), from: 'captured' };
  return { milliseconds: 0, text: textOf(0), from: 'unknown' };
}

/** To the second; undefined where the text is no time. */
function millisecondsOf(text: string): number | undefined {
  if (!TIME.test(text)) return undefined;
  const value = Date.parse(text.replace(' ', 'T').toUpperCase());
  if (Number.isNaN(value) || value < RANGE[0] || value > RANGE[1]) return undefined;
  return Math.floor(value / 1000) * 1000;
}

const textOf = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
