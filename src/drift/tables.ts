import type { Row } from '../baseline/baseline.ts';
import type { DocumentTable } from '../document/document.ts';

/** A table of the baseline with the one that it is taken to be today; one of the two may be absent. */
export interface TablePair {
  readonly rows: readonly Row[];
  readonly table: DocumentTable | undefined;
}

/**
 * Pairs the baseline's tables with the page's: first those that share most rows word for word, then, among the rest, those
 * with the same headings, in order.
 */
export function matchTables(rows: readonly Row[], tables: readonly DocumentTable[]): TablePair[] {
  const own = new Map<string, Row[]>();
  for (const row of rows) {
    const group = own.get(row.table ?? '');
    if (group === undefined) own.set(row.table ?? '', [row]);
    else group.push(row);
  }
  const groups = [...own.values()];
  const candidates = groups.flatMap((group, i) =>
    tables.map((table, j) => ({
      group,
      table,
      shared: sharedRows(group, table),
      columns: sharedColumns(group, table),
      apart: Math.abs(i - j),
    })),
  );
  candidates.sort((a, b) => b.shared - a.shared || a.apart - b.apart);
  const partner = new Map<readonly Row[], DocumentTable>();
  const taken = new Set<DocumentTable>();
  for (const { group, table, shared, columns } of candidates) {
    if (partner.has(group) || taken.has(table) || (shared === 0 && !columns)) continue;
    partner.set(group, table);
    taken.add(table);
  }
  return [
    ...groups.map((group): TablePair => ({ rows: group, table: partner.get(group) })),
    ...tables.filter((table) => !taken.has(table)).map((table): TablePair => ({ rows: [], table })),
  ];
}

function sharedRows(group: readonly Row[], table: DocumentTable): number {
  const digests = new Set(table.rows.map(({ digest }) => digest));
  return group.filter(({ digest }) => digest !== undefined && digests.has(digest)).length;
}

/** Every column that the baseline carries is there. */
function sharedColumns(group: readonly Row[], table: DocumentTable): boolean {
  const headings = new Set(table.columns.map(({ heading }) => heading));
  return group.every(({ cells }) => Object.keys(cells).every((heading) => headings.has(heading)));
}
