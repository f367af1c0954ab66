import type { ResolvedRow } from '../../baseline/model.ts';
import type { Evidence, Finding } from '../../finding/report.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { inState } from '../finding/describe.ts';
import { closedFindings, maskedFindings, stops } from './closed.ts';
import { given } from './closed-stop.ts';
import { openQuestions } from './closed-questions.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import type { NeedJudgement, RowJudgement } from './judgement.ts';
import { neededStates } from '../rows/needed-states.ts';
import { withReplies } from './replies-closed.ts';
import { whereDocumented } from './where-documented.ts';

/** One row in one family that it says something about. */
export interface InFamily {
  readonly check: FamilyCheck;
  readonly judgement: RowJudgement;
  /** Needed packets that another baseline prohibits: that is said once, and not again as missing. */
  readonly disputed: Node;
  /** The whole row, where this is a part of it (see partsOf). */
  readonly whole: RowJudgement;
}

/** What of a row is closed in one family, by how the other one has the same protocols and ports. */
interface Across {
  /** Closed here, and open there. */
  readonly open: Node;
  /** Closed here, and perhaps open there. */
  readonly unsure: Node;
  /** Closed here, and closed there for some of what needs it: not every address of the host is reached. */
  readonly partly: Node;
  /** Closed here, and closed there for some or for all. */
  readonly neither: Node;
  /** Perhaps closed here, and open there. */
  readonly doubtful: Node;
  /** Perhaps closed here, and not sure to be open there. */
  readonly uncertain: Node;
}

/** What is closed here, beside what the other family has of the same needs. */
export function closedAcross(here: InFamily, there: InFamily): Across {
  const { diagram } = here.check.view;
  const closed = here.judgement.needs.filter((need) => need.missing !== NONE || need.uncertain !== NONE);
  const parts = closed.map((need): Across => {
    const { missing, uncertain } = closedPackets(here, [need]);
    const other = trafficIn(there, need);
    const elsewhere = diagram.difference(missing, other.closed);
    const neither = diagram.difference(missing, elsewhere);
    const unsure = diagram.or(other.closed, other.unsure);
    return {
      open: diagram.difference(elsewhere, other.unsure),
      unsure: diagram.and(elsewhere, other.unsure),
      partly: diagram.and(neither, other.open),
      neither,
      doubtful: diagram.difference(uncertain, unsure),
      uncertain: diagram.and(uncertain, unsure),
    };
  });
  const all = (part: keyof Across): Node => diagram.orAll(parts.map((one) => one[part]));
  const [neither, partly] = [all('neither'), all('partly')];
  const uncertain = diagram.difference(all('uncertain'), neither);
  return { open: all('open'), unsure: all('unsure'), partly, neither, doubtful: all('doubtful'), uncertain };
}

/** The traffic of a need that some who need it lack in a family, that they perhaps lack, and that some have; of whatever addresses. */
function trafficIn(
  { check: { view }, judgement }: InFamily,
  { key }: NeedJudgement,
): { readonly closed: Node; readonly unsure: Node; readonly open: Node } {
  const need = judgement.needs.find((one) => one.key === key);
  if (need === undefined) return { closed: ALL, unsure: NONE, open: NONE };
  const traffic = (set: Node): Node => view.project(set, ['family', 'src', 'dst', ...need.free]);
  return { closed: traffic(need.missing), unsure: traffic(need.uncertain), open: traffic(need.open) };
}

/** A row that is open in one family and closed in the other; where addresses are not bound, that may well be meant. */
export function closedInOne(row: ResolvedRow, closed: InFamily, open: InFamily, bound: boolean): Finding[] {
  const { check } = closed;
  const across = closedAcross(closed, open);
  const severity = bound ? 'medium' : 'info';
  const told = [
    { packets: across.open, there: 'Open' },
    { packets: across.unsure, there: 'Possibly open' },
    { packets: across.partly, there: 'Open in part' },
  ].flatMap(({ packets, there }) => {
    const masked = bound ? maskedFindings(check, row, packets) : { findings: [], rest: packets };
    const rest = { packets: masked.rest, definite: true, severity, there } as const;
    return [...masked.findings, ...disagreement(row, closed, open, rest)];
  });
  // Where one address of either family is enough, what neither has is told for the other.
  const nowhere = check.view.diagram.difference(across.neither, across.partly);
  return bound ? [...told, ...closedFindings(check, row, nowhere, true, false)] : told;
}

/**
 * What is closed in one family of a row that is open in the other, and that need not be: who the ends are is not known in both
 * families. That part of the addresses, ports or interfaces gets through is no reason not to tell of the rest.
 */
export function closedInPart(row: ResolvedRow, closed: InFamily, open: InFamily, across: Across): Finding[] {
  const parts: readonly Omit<Closed, 'severity'>[] = [
    { packets: across.open, definite: true, there: 'Open' },
    { packets: across.unsure, definite: true, there: 'Possibly open' },
    { packets: across.doubtful, definite: false, there: 'Open' },
  ];
  return parts.flatMap((part) => disagreement(row, closed, open, { severity: 'info', ...part }));
}

/** What of the needs does not pass, and what may not, but for what is told as disputed. */
export function closedPackets(
  { check, disputed }: Pick<InFamily, 'check' | 'disputed'>,
  needs: readonly NeedJudgement[],
): { readonly missing: Node; readonly uncertain: Node } {
  const { diagram } = check.view;
  const missing = diagram.difference(diagram.orAll(needs.map((need) => need.missing)), disputed);
  const doubtful = diagram.orAll(needs.map((need) => need.uncertain));
  return { missing, uncertain: diagram.difference(doubtful, diagram.or(missing, disputed)) };
}

interface Closed {
  readonly packets: Node;
  readonly definite: boolean;
  readonly severity: 'medium' | 'info';
  /** How the other family has it. */
  readonly there: string;
}

function disagreement(
  row: ResolvedRow,
  { check }: InFamily,
  open: InFamily,
  { packets: all, definite, severity, there }: Closed,
): Finding[] {
  if (all === NONE) return [];
  const passing = open.check.view.diagram.orAll(open.judgement.needs.map((need) => need.open));
  const [began = 'new'] = neededStates(row, check.family);
  const closed = definite ? 'closed' : 'possibly closed';
  return stops(check, row, all, definite).flatMap((stop) => {
    // What comes over the loopback interface may have another state there than it began with.
    const first = row.direction === 'loopback' ? began : stop.state;
    const { hook, carried } = stop;
    const packets = whereDocumented(check, row, stop.packets);
    return check.make.finish({
      code: 'conflicting',
      rule: 'families-disagree',
      certainty: definite ? 'definite' : 'possible',
      severity,
      row,
      hook,
      state: stop.state,
      ...(carried === undefined ? {} : { carried }),
      packets,
      passes: false,
      evidence: [
        ...withReplies(check, stop, packets, [
          ...check.make.closingEvidence(hook, stop.state, packets, carried),
          ...given(check, stop),
        ]),
        ...open.check.make
          .openingEvidence(open.check.hookOf(row), first, passing)
          .map((line): Evidence => ({ ...line, note: `${line.note} ${nameOf(open.check)}` })),
      ],
      openQuestions: openQuestions(check, stop),
      message: `${there} in ${nameOf(open.check)} and ${closed} in ${nameOf(check)}: ${check.make.text(packets, hook)}${inState(stop.state)}.`,
    });
  });
}

/** The family of a check, as reports write it. */
export const nameOf = ({ family }: FamilyCheck): string => `IPv${family}`;
