import type { ResolvedRow } from '../../baseline/model.ts';
import type { FamilyCheck } from '../../compare/view/family-check.ts';
import type { Evidence } from '../../finding/report.ts';

/** The config lines that let through what a row needs, in each family, each line once. */
export function openedBy(row: ResolvedRow, checks: readonly FamilyCheck[]): Evidence[] {
  if (row.status === 'not-applicable' || row.level === 'prohibited') return [];
  const found = new Map<string, Evidence>();
  for (const check of checks)
    for (const line of linesIn(row, check)) {
      const key = `${line.line} ${line.column} ${line.file}`;
      if (!found.has(key)) found.set(key, line);
    }
  return [...found.values()];
}

function linesIn(row: ResolvedRow, check: FamilyCheck): Evidence[] {
  const judgement = check.judgement(row);
  if (judgement === undefined) return [];
  const { diagram } = check.view;
  const open = diagram.orAll(judgement.needs.map((need) => need.open));
  const doubtful = diagram.orAll(judgement.needs.map((need) => need.uncertain));
  return row.states.flatMap((state) => [
    ...check
      .places(row, state, open, true)
      .flatMap(({ hook, packets }) => check.make.openingEvidence(hook, state, packets)),
    ...check
      .places(row, state, doubtful, false)
      .flatMap(({ hook, packets }) => check.make.openingEvidence(hook, state, packets))
      .map((line) => ({ ...line, note: `may be what ${line.note ?? 'opens'}` })),
  ]);
}
