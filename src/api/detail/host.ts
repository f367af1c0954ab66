import type { ResolvedHost } from '../../baseline/model.ts';
import { checkHost } from '../../compare/check-host.ts';
import type { FamilyCheck } from '../../compare/view/family-check.ts';
import type { FileExcerpt, HostReport } from '../../finding/report.ts';
import type { CoverageEntry, Ruleset } from '../../rule/ruleset.ts';
import { Ends } from './ends.ts';
import { excerptsOf } from './excerpts.ts';
import { inventoryOf } from './inventory.ts';
import { openedBy } from './opened-by.ts';
import { withPaths } from './path.ts';
import { readingOf } from './reading.ts';

/** A host's report with the detail that some formats need (docs/report.md, "Detail"). */
export interface DetailedHost {
  readonly report: HostReport;
  readonly excerpts: readonly FileExcerpt[];
}

/** {@link checkHost} with detail: readings, the lines that open rows, witnesses' ways, and what became of every rule. */
export function detailedHost(
  host: ResolvedHost,
  ruleset: Ruleset,
  tell: (approximated: readonly CoverageEntry[]) => void,
  audit?: { adjust(report: HostReport, checks: readonly FamilyCheck[]): HostReport },
): DetailedHost {
  const rows = host.baselines.flatMap((baseline) => baseline.rows);
  let opened: readonly HostReport['connections'][number]['openedBy'][] = [];
  let checks: readonly FamilyCheck[] = [];
  const compared = checkHost(host, ruleset, tell, (made) => {
    checks = made;
    opened = rows.map((row) => openedBy(row, checks));
  });
  const plain = audit?.adjust(compared, checks) ?? compared;
  const ends = new Ends(host, ruleset);
  // A connection for each row, in the rows' order.
  const connections = plain.connections.map((connection, i) => {
    const row = rows[i];
    if (row === undefined) return connection;
    const lines = opened[i] ?? [];
    return { ...connection, reading: readingOf(row), ...(lines.length === 0 ? {} : { openedBy: lines }) };
  });
  const findings = withPaths(plain.findings, ruleset).map((finding) => ({
    ...finding,
    ends: ends.of(finding),
  }));
  const report = { ...plain, connections, findings, inventory: inventoryOf(ruleset) };
  return { report, excerpts: excerptsOf(report, ruleset) };
}
