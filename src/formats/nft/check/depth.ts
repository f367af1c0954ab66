import type { Place, Rule, Table } from '../ast/ast.ts';
import { jumpsOfStatement } from './loops.ts';
import type { Problems } from '../problems.ts';

/** include/net/netfilter/nf_tables.h, NFT_JUMP_STACK_SIZE. */
const LEVELS = 16;

/** What a chain calls: a chain by its name, or one without a name that stands in it. */
interface Call {
  readonly place: Place;
  readonly chain?: string;
  /** How far below the chain the called one stands: chains without names may stand in one another. */
  readonly below: number;
}

/**
 * Reports calls that nest deeper than the kernel has room for; `goto` counts too, and chains that no base chain leads to do not
 * (net/netfilter/nf_tables_api.c, nft_chain_validate). There must be no loops.
 */
export function reportDepth(table: Table, problems: Problems): void {
  const calls = new Map<string, readonly Call[]>();
  const deepest = new Map<string, number>();
  const open: { readonly name: string; readonly level: number }[] = [];
  for (const { name, hook } of table.chains.values()) if (hook !== undefined) open.push({ name, level: 0 });
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { name, level } = one;
    if ((deepest.get(name) ?? -1) >= level) continue;
    deepest.set(name, level);
    const own = calls.get(name) ?? callsOf(table.chains.get(name)?.rules ?? [], table);
    calls.set(name, own);
    for (const { place, chain, below } of own) {
      if (level + below >= LEVELS) {
        problems.error('too-deep', place, `calls of chains nest ${LEVELS} deep here`, {
          expected: `at most ${LEVELS - 1} below a base chain, \`goto\` counted too`,
        });
        return;
      }
      if (chain !== undefined) open.push({ name: chain, level: level + below });
    }
  }
}

function callsOf(rules: readonly Rule[], table: Table, below = 1, calls: Call[] = []): readonly Call[] {
  for (const { statements } of rules)
    for (const statement of statements) {
      for (const jump of jumpsOfStatement(statement, table))
        calls.push({ place: jump, chain: jump.chain, below });
      if (statement.kind !== 'block') continue;
      calls.push({ place: statement, below });
      // More than the kernel has room for is told by the first that is too deep.
      if (below <= LEVELS) callsOf(statement.rules, table, below + 1, calls);
    }
  return calls;
}
