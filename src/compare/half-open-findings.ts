import type { ResolvedRow } from '../baseline/model.ts';
import type { Evidence, Finding } from '../finding/report.ts';
import { type Node, NONE } from '../packet/diagram.ts';
import { closingLines, narrowed, type StageHits } from './evidence.ts';
import type { FamilyCheck } from './family-check.ts';
import { type HalfOpen, halfOpen, type Stopped } from './half-open.ts';
import type { RowJudgement } from './judgement.ts';
import { hitsOf } from '../symbolic/walk.ts';

/**
 * The row's connections that begin and then stop. Where one address or one interface is enough, a connection that works for one of
 * them satisfies the row.
 */
export function halfOpenFindings(check: FamilyCheck, row: ResolvedRow, judgement: RowJudgement): Finding[] {
  const { view } = check;
  const { diagram } = view;
  const open = diagram.orAll(judgement.needs.map((need) => need.open));
  const halves = halfOpen(view, row, open);
  if (halves.definite === NONE && halves.possible === NONE) return [];
  let [definite, possible]: [Node, Node] = [NONE, NONE];
  for (const need of check.sets.needs(row)) {
    const works = (packets: Node): Node => view.project(diagram.and(packets, need.within), need.project);
    const begun = diagram.and(need.set, works(open));
    const surely = diagram.difference(begun, works(diagram.difference(open, halves.definite)));
    const both = diagram.or(halves.definite, halves.possible);
    const maybe = diagram.difference(begun, works(diagram.difference(open, both)));
    definite = diagram.or(definite, diagram.and(surely, diagram.and(open, need.within)));
    possible = diagram.or(
      possible,
      diagram.and(diagram.difference(maybe, surely), diagram.and(open, need.within)),
    );
  }
  return [
    ...finding(check, row, definite, halves, true),
    ...finding(check, row, diagram.difference(possible, definite), halves, false),
  ];
}

function finding(
  check: FamilyCheck,
  row: ResolvedRow,
  packets: Node,
  halves: HalfOpen,
  definite: boolean,
): Finding[] {
  if (packets === NONE) return [];
  const hook = check.hookOf(row);
  const what = [...new Set(halves.stopped.map((one) => one.what))].join(' and the ') || 'reply';
  return check.finish({
    code: 'conflicting',
    rule: 'half-open',
    certainty: definite ? 'definite' : 'possible',
    severity: 'high',
    row,
    hook,
    packets,
    // The witness is the first packet, which passes; the evidence says where the connection stops.
    passes: true,
    witnessCertainty: 'definite',
    evidence: [
      ...check.openingEvidence(hook, packets).slice(0, 4),
      ...halves.stopped.flatMap((stopped) => stoppingLines(check, stopped)),
    ],
    message: `The first packet passes, and the ${what} ${definite ? 'does' : 'may'} not: ${check.text(packets, hook)}.`,
  });
}

function stoppingLines(check: FamilyCheck, stopped: Stopped): Evidence[] {
  const { view } = check;
  const analysis = view.analysis(
    stopped.hook,
    stopped.state,
    stopped.tcpFlags,
    stopped.what === 'third packet',
  );
  const passage = analysis.pass(view.diagram.and(analysis.entry(), stopped.packets));
  const stages = passage.stages.map(
    ({ stage, entered }): StageHits => ({
      stage,
      hits: hitsOf(analysis, stage, narrowed(view, entered, stopped.packets)),
    }),
  );
  return closingLines(view, stages, stopped.packets).map((line) => ({
    ...line,
    note: `${line.note} the ${stopped.what}`,
  }));
}
