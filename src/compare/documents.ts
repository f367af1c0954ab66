import type { ResolvedHost, ResolvedRow } from '../baseline/model.ts';
import type { Finding } from '../finding/report.ts';
import { NONE } from '../packet/diagram.ts';
import type { FamilyCheck } from './family-check.ts';

/** Rows that one baseline of the host needs and another prohibits. */
export function documentDisputes(host: ResolvedHost, checks: readonly FamilyCheck[]): Finding[] {
  const rows = host.baselines
    .flatMap((baseline) => baseline.rows)
    .filter((row) => row.status !== 'not-applicable');
  const prohibited = rows.filter((row) => row.level === 'prohibited');
  const required = rows.filter((row) => row.level === 'required');
  return prohibited.flatMap((ban) =>
    required
      .filter((row) => row.baseline !== ban.baseline && row.direction === ban.direction)
      .flatMap((row) => checks.flatMap((check) => dispute(check, row, ban))),
  );
}

function dispute(check: FamilyCheck, row: ResolvedRow, ban: ResolvedRow): Finding[] {
  if (!check.sets.concerns(row) || !check.sets.concerns(ban)) return [];
  const { diagram } = check.view;
  const needed = diagram.orAll(check.sets.needs(row).map((need) => diagram.and(need.set, need.within)));
  const packets = diagram.and(needed, check.sets.documented(ban));
  if (packets === NONE) return [];
  const hook = check.hookOf(row);
  const passes = diagram.difference(packets, check.view.hook(hook).bounds.must) === NONE;
  const lines = passes ? check.openingEvidence(hook, packets) : check.closingEvidence(hook, 'new', packets);
  return check.finish({
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
    message: `\`${row.baseline}\` needs it (${row.id}), and \`${ban.baseline}\` prohibits it (${ban.id}): ${check.text(packets, hook)}.`,
  });
}
