import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Baseline } from '../baseline.ts';
import { contradictions, notInTables } from './contradictions.ts';
import { roleRemarks, twinRemarks } from './parties.ts';
import type { Registry } from './registry.ts';
import { writtenConnections } from './rows.ts';
import { namedServices } from './service-names.ts';
import { namingRemarks, serviceRemarks } from './services.ts';

/** Rows are compared with one another; of more than these only the services are looked at. */
export const MAXIMUM_COMPARED = 4000;

/**
 * What a careful reader would ask the vendor about: rows that contradict each other or a prohibition, names that do not go
 * with their ports, lists that have more than the tables, parties with two names, connections one way only. Warnings, in the
 * order of the rows; nothing is changed.
 */
export function reviewBaseline(baseline: Baseline, registry: Registry): Diagnostic[] {
  const written = writtenConnections(baseline);
  const named = unique(written.flatMap(namedServices));
  const found = [...serviceRemarks(named, registry), ...namingRemarks(named)];
  if (written.length > MAXIMUM_COMPARED) found.push(tooMany(baseline, written.length));
  else
    found.push(
      ...contradictions(written),
      ...notInTables(baseline, written),
      ...roleRemarks(baseline),
      ...twinRemarks(written),
    );
  return found.sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
}

/** One port under two names in different documents, such as two editions of one. */
export function reviewTogether(baselines: readonly Baseline[]): Diagnostic[] {
  const named = baselines.map((baseline) => unique(writtenConnections(baseline).flatMap(namedServices)));
  // A document that has both names itself has been told so; before the colon stand the port and its names.
  const what = ({ message }: Diagnostic): string => message.split(':')[0] ?? '';
  const alone = new Set(named.flatMap(namingRemarks).map(what));
  return namingRemarks(named.flat()).filter((one) => one.code === 'port-names' && !alone.has(what(one)));
}

/** A row with several connections names its services once. */
function unique<T extends { readonly row: unknown; readonly name: string; readonly port: number }>(
  named: readonly T[],
): T[] {
  const seen = new Map<unknown, Set<string>>();
  return named.filter(({ row, name, port }) => {
    const known = seen.get(row) ?? new Set<string>();
    seen.set(row, known);
    const key = `${name} ${port}`;
    return !known.has(key) && known.add(key);
  });
}

function tooMany(baseline: Baseline, count: number): Diagnostic {
  return {
    severity: 'warning',
    code: 'review-incomplete',
    message: `The rows were not compared with one another: ${count} connections are more than ${MAXIMUM_COMPARED}.`,
    span: { file: baseline.source, start: 0, end: 0 },
  };
}
