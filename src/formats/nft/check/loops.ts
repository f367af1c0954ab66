import type { Chain, Hook, Statement, Table, Verdict } from '../ast/ast.ts';
import { statementsOf } from '../ast/walk.ts';
import type { Problems } from '../problems.ts';

/**
 * Reports jumps that come back to where they started (net/netfilter/nf_tables_api.c, nft_chain_validate).
 * @returns whether there are none
 */
export function reportLoops(table: Table, problems: Problems): boolean {
  const done = new Set<string>();
  for (const root of table.chains.values()) {
    // The kernel looks at what base chains lead to.
    if (root.hook === undefined) continue;
    const open = new Set<string>([root.name]);
    const stack = [{ name: root.name, targets: jumpsOf(root, table), next: 0 }];
    if (done.has(root.name)) continue;
    while (stack.length > 0) {
      const frame = stack[stack.length - 1] as (typeof stack)[number];
      const verdict = frame.targets[frame.next++];
      if (verdict === undefined) {
        done.add(frame.name);
        open.delete(frame.name);
        stack.pop();
      } else if (open.has(verdict.chain)) {
        problems.error('jump-loop', verdict, `this jump comes back to the chain \`${verdict.chain}\``);
        return false;
      } else {
        const chain = table.chains.get(verdict.chain);
        if (chain === undefined || done.has(chain.name)) continue;
        open.add(chain.name);
        stack.push({ name: chain.name, targets: jumpsOf(chain, table), next: 0 });
      }
    }
  }
  return true;
}

type Jump = Extract<Verdict, { kind: 'jump' | 'goto' }>;

/** Where a chain and those without names in it jump; of several jumps to one chain the first. */
function jumpsOf(chain: Chain, table: Table): readonly Jump[] {
  const found = new Map<string, Jump>();
  for (const statement of statementsOf(chain))
    for (const jump of jumpsOfStatement(statement, table))
      if (!found.has(jump.chain)) found.set(jump.chain, jump);
  return [...found.values()];
}

/** Where a statement jumps, and the elements of its verdict map do. */
export function jumpsOfStatement(statement: Statement, table: Table): readonly Jump[] {
  if (statement.kind === 'verdict') return isJump(statement.verdict) ? [statement.verdict] : [];
  if (statement.kind !== 'vmap') return [];
  const { data } = statement;
  const elements =
    data.kind === 'set' ? data.elements : data.kind === 'set-ref' ? table.sets.get(data.name)?.elements : [];
  return (elements ?? []).flatMap((element) =>
    element.data !== undefined && isJump(element.data) ? [element.data] : [],
  );
}

const isJump = (verdict: { readonly kind: string }): verdict is Jump =>
  verdict.kind === 'jump' || verdict.kind === 'goto';

/** The hooks from which packets come to each chain. */
export function hooksByChain(table: Table): ReadonlyMap<string, ReadonlySet<string>> {
  return reachedFrom(table, ({ hook }) => hook);
}

/** Of each chain what is said of the base chains that lead to it. */
export function reachedFrom(
  table: Table,
  said: (hook: Hook) => string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const base of table.chains.values()) {
    if (base.hook === undefined) continue;
    const from = said(base.hook);
    const open = [base.name];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const hooks = found.get(name) ?? new Set();
      const chain = table.chains.get(name);
      if (chain === undefined || hooks.has(from)) continue;
      found.set(name, hooks.add(from));
      for (const jump of jumpsOf(chain, table)) open.push(jump.chain);
    }
  }
  return found;
}
