import type { Party, ResolvedHost, ResolvedRow, Traffic } from '../../src/baseline/model.ts';
import { pairsOf } from '../../src/packet/ranges.ts';

/** What one rule lets through: one protocol, one range in each field. Undefined fields are any. */
export interface Atom {
  readonly direction: ResolvedRow['direction'];
  readonly protocol: number;
  readonly source: Range | undefined;
  readonly destination: Range | undefined;
  readonly sourcePort: Range | undefined;
  readonly port: Range | undefined;
}
type Range = readonly [number, number];

const EVERYBODY: readonly undefined[] = [undefined];

/** What has to be opened for a row, of a choice the first option only. */
export function atomsOf(row: ResolvedRow): Atom[] {
  const traffics = [...row.all, ...row.choices.flatMap((choice) => choice.slice(0, 1))];
  return traffics.flatMap((traffic) => {
    const sources = row.direction === 'in' || row.direction === 'forward' ? peers(row.source) : EVERYBODY;
    const destinations =
      row.direction === 'out' || row.direction === 'forward' ? peers(row.destination) : EVERYBODY;
    return sources.flatMap((source) =>
      destinations.flatMap((destination) =>
        portsOf(traffic).map(
          (ports): Atom => ({
            direction: row.direction,
            protocol: traffic.protocol,
            source,
            destination,
            ...ports,
          }),
        ),
      ),
    );
  });
}

/** What of a party's addresses is needed, by ranges; everybody is one rule without addresses. */
function peers({ binding, ipv4 = [], needed }: Party): readonly (Range | undefined)[] {
  return binding === 'any' ? EVERYBODY : pairsOf(needed?.ipv4 ?? ipv4);
}

function portsOf({
  ports,
  sourcePorts,
}: Traffic): { sourcePort: Range | undefined; port: Range | undefined }[] {
  const [to, from] = [ports, sourcePorts].map((set) => (set === undefined ? EVERYBODY : pairsOf(set)));
  return (from ?? []).flatMap((sourcePort) => (to ?? []).map((port) => ({ sourcePort, port })));
}

/** One text for equal atoms. */
export const keyOf = (atom: Atom): string => JSON.stringify(atom);

const within = (a: Range | undefined, b: Range | undefined): boolean =>
  b === undefined || (a !== undefined && a[0] >= b[0] && a[1] <= b[1]);

/** Whether one of the others lets all of the atom through. */
export function isCovered(atom: Atom, others: readonly Atom[]): boolean {
  return others.some(
    (other) =>
      other.direction === atom.direction &&
      other.protocol === atom.protocol &&
      within(atom.source, other.source) &&
      within(atom.destination, other.destination) &&
      within(atom.sourcePort, other.sourcePort) &&
      within(atom.port, other.port),
  );
}

/** The rows of a host that the site asks for, or allows. */
export function rowsOf(host: ResolvedHost, level: ResolvedRow['level']): ResolvedRow[] {
  return host.baselines
    .flatMap(({ rows }) => rows)
    .filter((row) => row.level === level && row.status === 'active');
}
