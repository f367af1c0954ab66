import type { ConnectionReport, EndReading, Finding, Report } from '../../finding/report.ts';
import { compareText } from '../order.ts';
import { needTexts, trafficText } from './reading.ts';

/** States whose traffic is told. */
export type Traffic = 'open' | 'missing' | 'excessive' | 'prohibited';

/** What the documents say and the configs do between two roles. */
export interface Relation {
  readonly from: string;
  readonly to: string;
  /** Documented connections, one for each host and direction that is judged. */
  readonly documented: number;
  readonly open: number;
  /** Missing or only partly open. */
  readonly missing: number;
  readonly undetermined: number;
  /** Rows all of whose findings are waived. */
  readonly waived: number;
  /** Prohibited rows that are open. */
  readonly prohibited: number;
  /** Excessive findings. */
  readonly excessive: number;
  /** What it is about, by state, for the diagram's labels: `tcp 443`. */
  readonly traffic: Readonly<Record<Traffic, readonly string[]>>;
}

/** The name of whoever has no role. */
export const ELSEWHERE = 'elsewhere';

interface Draft {
  readonly from: string;
  readonly to: string;
  documented: number;
  open: number;
  missing: number;
  undetermined: number;
  waived: number;
  prohibited: number;
  excessive: number;
  readonly traffic: Record<Traffic, Set<string>>;
}

/** Who stands to whom, in the order of names; undefined where the report has no detail. */
export function relationsOf(report: Report): readonly Relation[] | undefined {
  const found = new Map<string, Draft>();
  const between = (from: string, to: string): Draft => {
    const key = JSON.stringify([from, to]);
    const known = found.get(key) ?? empty(from, to);
    found.set(key, known);
    return known;
  };
  let detailed = false;
  for (const host of report.hosts) {
    for (const connection of host.connections) {
      const { reading } = connection;
      if (reading === undefined) continue;
      detailed = true;
      if (connection.direction === 'loopback') continue;
      addConnection(between(reading.source.role, reading.destination.role), connection);
    }
    for (const finding of host.findings) if (finding.code === 'excessive') addExcess(finding, between);
  }
  if (!detailed) return undefined;
  const relations = [...found.values()].filter(told).map(finished);
  return relations.sort((a, b) => compareText(a.from, b.from) || compareText(a.to, b.to));
}

const empty = (from: string, to: string): Draft => ({
  from,
  to,
  documented: 0,
  open: 0,
  missing: 0,
  undetermined: 0,
  waived: 0,
  prohibited: 0,
  excessive: 0,
  traffic: { open: new Set(), missing: new Set(), excessive: new Set(), prohibited: new Set() },
});

const told = ({ documented, waived, prohibited, excessive }: Draft): boolean =>
  documented + waived + prohibited + excessive > 0;

function addConnection(draft: Draft, connection: ConnectionReport): void {
  const { status, level, reading } = connection;
  const traffic = reading === undefined ? [] : needTexts(reading);
  const note = (state: 'open' | 'missing' | 'prohibited'): void => {
    for (const text of traffic) draft.traffic[state].add(text);
  };
  if (status === 'not-applicable') return;
  if (status === 'waived') draft.waived++;
  if (level === 'prohibited') {
    if (status !== 'prohibited-open') return;
    draft.prohibited++;
    note('prohibited');
    return;
  }
  draft.documented++;
  if (status === 'waived') return;
  if (status === 'satisfied') {
    draft.open++;
    note('open');
  } else if (status === 'undetermined') draft.undetermined++;
  else {
    draft.missing++;
    note('missing');
  }
}

function addExcess(finding: Finding, between: (from: string, to: string) => Draft): void {
  const ends = finding.ends;
  if (ends === undefined) return;
  for (const from of namesOf(ends.from))
    for (const to of namesOf(ends.to)) {
      const draft = between(from, to);
      draft.excessive++;
      for (const box of finding.packets)
        for (const protocol of box.protocols ?? ['any'])
          draft.traffic.excessive.add(trafficText({ ...box, protocol }));
    }
}

/** What belongs to many roles and to others too is the wide open of a rule without addresses: one name says it. */
function namesOf({ roles, others }: EndReading): readonly string[] {
  return others ? [ELSEWHERE, ...(roles.length <= 3 ? roles : [])] : roles;
}

function finished({ traffic, ...rest }: Draft): Relation {
  const sorted = (set: ReadonlySet<string>): string[] => [...set].sort(compareText);
  return {
    ...rest,
    traffic: {
      open: sorted(traffic.open),
      missing: sorted(traffic.missing),
      excessive: sorted(traffic.excessive),
      prohibited: sorted(traffic.prohibited),
    },
  };
}
