import type { ResolvedHost, ResolvedRow } from '../baseline/model.ts';
import type { Finding } from '../finding/report.ts';
import { type Node, NONE } from '../packet/diagram.ts';
import type { FamilyCheck } from './view/family-check.ts';

/** Rows that one baseline of the host needs and another prohibits. */
export class Disputes {
  private readonly found: { row: ResolvedRow; ban: ResolvedRow; check: FamilyCheck; packets: Node }[] = [];

  constructor(host: ResolvedHost, checks: readonly FamilyCheck[]) {
    const rows = host.baselines
      .flatMap((baseline) => baseline.rows)
      .filter((row) => row.status !== 'not-applicable');
    const required = rows.filter((row) => row.level === 'required');
    for (const ban of rows.filter((row) => row.level === 'prohibited'))
      for (const row of required)
        if (row.baseline !== ban.baseline && row.direction === ban.direction)
          for (const check of checks) {
            const packets = dispute(check, row, ban);
            if (packets !== NONE) this.found.push({ row, ban, check, packets });
          }
  }

  /** What of the row's needed packets other baselines prohibit. */
  packets(row: ResolvedRow, check: FamilyCheck): Node {
    const mine = this.found.filter((one) => one.row === row && one.check === check);
    return check.view.diagram.orAll(mine.map(({ packets }) => packets));
  }

  /** A finding for each pair of rows, in each family. */
  findings(): Finding[] {
    return this.found.flatMap(({ row, ban, check, packets }) => finding(check, row, ban, packets));
  }
}

/** Needed packets that can only pass against the prohibition: where one port or address is enough, another may do. */
function dispute(check: FamilyCheck, row: ResolvedRow, ban: ResolvedRow): Node {
  if (!check.sets.concerns(row) || !check.sets.concerns(ban) || !check.sets.isKnown(ban)) return NONE;
  const { view, sets } = check;
  const { diagram } = view;
  const forbidden = sets.documented(ban);
  const parts = sets.needs(row).map((need) => {
    const allowed = diagram.difference(diagram.and(need.set, need.within), forbidden);
    return diagram.and(diagram.difference(need.set, view.project(allowed, need.project)), need.within);
  });
  return diagram.orAll(parts);
}

function finding(check: FamilyCheck, row: ResolvedRow, ban: ResolvedRow, packets: Node): Finding[] {
  const hook = check.hookOf(row);
  const state = row.states[0] ?? 'new';
  const { diagram } = check.view;
  const passes = diagram.difference(packets, check.stateBounds(row, state).must) === NONE;
  const lines = passes
    ? check.make.openingEvidence(hook, state, packets)
    : check.make.closingEvidence(hook, state, packets);
  return check.make.finish({
    code: 'conflicting',
    rule: 'documents-disagree',
    certainty: 'definite',
    severity: 'high',
    row,
    hook,
    packets,
    passes,
    unconfirmed: true,
    evidence: lines,
    document: {
      row: `${row.document.row}; ${ban.baseline}: ${ban.document.row}`,
      text: `${row.document.text}; ${ban.document.text}`,
    },
    message: `\`${row.baseline}\` needs it (${row.id}), and \`${ban.baseline}\` prohibits it (${ban.id}): ${check.make.text(packets, hook)}.`,
  });
}
