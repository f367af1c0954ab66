import type { DirectionReport, HostReport } from '../finding/report.ts';

/** Where excess was looked for on a host and where not, in words; undefined where the report does not say. */
export function directionWords(
  host: Pick<HostReport, 'directions'>,
): { readonly closed: readonly string[]; readonly open: readonly string[] } | undefined {
  const { directions } = host;
  if (directions === undefined) return undefined;
  const between = directions.some(({ to, from }) => to !== undefined || from !== undefined);
  const words = (some: readonly DirectionReport[]): string[] => some.map((one) => wordsOf(one, between));
  return {
    closed: words(directions.filter(({ closed }) => closed.length > 0)),
    open: words(directions.filter(({ closed }) => closed.length === 0)),
  };
}

/** What an open direction means. */
export const OPEN_DIRECTION =
  'No baseline of the host closes them, and what no row documents may be open there';

function wordsOf({ direction, to, from }: DirectionReport, between: boolean): string {
  if (to !== undefined) return `${direction} to ${to}`;
  if (from !== undefined) return `${direction} from ${from}`;
  return between && direction === 'forward' ? 'forward between others' : direction;
}
