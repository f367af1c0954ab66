import type { Place, Table } from '../ast/ast.ts';
import { statementsOf } from '../ast/walk.ts';
import { reachedFrom } from './loops.ts';
import { type Places, placesOf } from './places.ts';
import type { Problems } from '../problems.ts';

/**
 * Tells statements at hooks where the kernel does not take them. `nft -c` takes them, as the kernel looks at this only when it
 * loads a ruleset (net/netfilter/nf_tables_api.c, nft_table_validate), and then it loads nothing of it.
 */
export function tellPlaces(tables: readonly Table[], problems: Problems): void {
  for (const table of tables) {
    const bound = [...table.chains.values()].flatMap((chain) =>
      statementsOf(chain).flatMap((statement) =>
        placesOf(statement).map((places) => ({ chain: chain.name, statement, places })),
      ),
    );
    if (bound.length === 0) continue;
    const reached = reachedFrom(table, ({ type, hook }) => `${type} ${hook}`);
    for (const { chain, statement, places } of bound)
      if (![...(reached.get(chain) ?? [])].every((from) => fits(places, from, table)))
        tell(places, table, statement, problems);
  }
}

/** The hooks of a table's family at which a statement can stand. */
function hooksOf(places: Places, { family }: Table): readonly string[] {
  if (family === 'netdev') return places.netdev ?? [];
  if (family === 'bridge') return places.bridge ?? [];
  return family === 'arp' ? [] : places.hooks;
}

function fits(places: Places, from: string, table: Table): boolean {
  const [type, hook] = from.split(' ') as [string, string];
  return hooksOf(places, table).includes(hook) && (places.nat !== true || type === 'nat');
}

function tell(places: Places, table: Table, place: Place, problems: Problems): void {
  const hooks = hooksOf(places, table);
  const chains = places.nat === true ? 'nat chains' : 'chains';
  const where =
    hooks.length === 0
      ? `in no chain of a table of ${table.family}`
      : `in ${chains} at ${hooks.join(' and ')} only`;
  problems.cover(
    'approximated',
    place,
    `${places.what} can stand ${where}: \`nft -c\` takes it here, but the kernel refuses to load this file, and what it says is not in force`,
  );
}
