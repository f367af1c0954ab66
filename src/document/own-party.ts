import type { DocumentTable } from './document.ts';
import { type PartyName, readPartyCell } from './reading/parties.ts';

/**
 * The party that the document is about, for tables that name only the other one: whoever stands in most rows, in at least
 * two of three. It is a guess wherever it is used. Where nobody does, a role `host`.
 */
export function ownParty(tables: readonly DocumentTable[]): PartyName {
  const counts = new Map<string, number>();
  let rows = 0;
  for (const table of tables) {
    const columns = table.columns.flatMap(({ meaning }, i) =>
      meaning.kind === 'source' || meaning.kind === 'destination' ? [i] : [],
    );
    if (columns.length < 2) continue;
    for (const row of table.rows) {
      rows++;
      const names = columns.flatMap((i) => readPartyCell((row.cells[i]?.text ?? '').slice(0, 200)).parties);
      for (const name of new Set(names.filter(({ kind }) => kind === 'role').map((party) => party.name)))
        counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const [most, count] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0] as [
    string,
    number,
  ]);
  return { kind: 'role', name: count * 3 >= rows * 2 && count > 0 ? most : 'Host' };
}
