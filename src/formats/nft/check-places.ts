import type { Hook, Place, Selector, Statement, Table } from './ast.ts';
import { statementsOf } from './ast-walk.ts';
import { reachedFrom } from './loops.ts';
import type { Problems } from './problems.ts';

/** Where a statement can stand: hooks, of chains of the type nat or of any. */
interface Places {
  readonly what: string;
  readonly hooks: readonly string[];
  readonly nat?: true;
}

const COMING = ['prerouting', 'input', 'forward'];
const LEAVING = ['forward', 'output', 'postrouting'];

/** net/netfilter/nft_nat.c, nft_nat_validate; nft_masq.c; nft_redir.c. */
const NAT: Readonly<Record<string, readonly string[]>> = {
  dnat: ['prerouting', 'output'],
  redirect: ['prerouting', 'output'],
  snat: ['input', 'postrouting'],
  masquerade: ['postrouting'],
};

/**
 * Tells statements at hooks where the kernel does not take them. `nft -c` takes them, as the kernel looks at this only when it
 * loads a ruleset (net/netfilter/nf_tables_api.c, nft_table_validate), and then it loads nothing of it.
 */
export function tellPlaces(tables: readonly Table[], problems: Problems): void {
  for (const table of tables) {
    if (!['ip', 'ip6', 'inet'].includes(table.family)) continue;
    const bound = [...table.chains.values()].flatMap((chain) =>
      statementsOf(chain).flatMap((statement) => {
        const places = placesOf(statement);
        return places === undefined ? [] : [{ chain: chain.name, statement, places }];
      }),
    );
    if (bound.length === 0) continue;
    const reached = reachedFrom(table, ({ type, hook }) => `${type} ${hook}`);
    for (const { chain, statement, places } of bound)
      if (![...(reached.get(chain) ?? [])].every((from) => fits(places, from)))
        tell(places, statement, problems);
  }
}

function fits({ hooks, nat }: Places, from: string): boolean {
  const [type, hook] = from.split(' ') as [Hook['type'], string];
  return hooks.includes(hook) && (nat !== true || type === 'nat');
}

function tell({ what, hooks, nat }: Places, place: Place, problems: Problems): void {
  const chains = nat === true ? 'nat chains' : 'chains';
  problems.cover(
    'approximated',
    place,
    `${what} can stand in ${chains} at ${hooks.join(' and ')} only: \`nft -c\` takes it here, but the kernel refuses to load this file, and what it says is not in force`,
  );
}

function placesOf(statement: Statement): Places | undefined {
  switch (statement.kind) {
    case 'nat':
      return { what: `\`${statement.what}\``, hooks: NAT[statement.what] ?? [], nat: true };
    case 'reject':
      // net/netfilter/nft_reject_inet.c, nft_reject_inet_validate.
      return { what: '`reject`', hooks: ['ingress', ...COMING, 'output'] };
    case 'match':
      return ofRoutes(statement.left);
    case 'vmap':
      return ofRoutes(statement.key);
    case 'uncertain':
    case 'unknown':
    case 'note':
      if (statement.sent?.what === 'tproxy') return { what: '`tproxy`', hooks: ['prerouting'] };
      // net/netfilter/nft_synproxy.c, nft_synproxy_validate.
      return /^synproxy\b/.test(statement.text)
        ? { what: '`synproxy`', hooks: ['input', 'forward'] }
        : undefined;
    default:
      return undefined;
  }
}

/** Routes are looked up for a device that is known there (net/netfilter/nft_fib.c, nft_fib_validate). */
function ofRoutes(selector: Selector): Places | undefined {
  if (selector.kind === 'concat') {
    for (const one of selector.of) {
      const places = ofRoutes(one);
      if (places !== undefined) return places;
    }
    return undefined;
  }
  if (selector.kind === 'binary') return ofRoutes(selector.left);
  if (selector.kind !== 'fib') return undefined;
  const { flags, result } = selector;
  const what = `\`fib ${flags.join(' . ')} ${result}\``;
  if (result !== 'type' || flags.includes('iif')) return { what, hooks: COMING };
  return flags.includes('oif') ? { what, hooks: LEAVING } : undefined;
}
