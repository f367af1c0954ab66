import type { Hook, Table } from '../ast/ast.ts';
import type { Problems } from '../problems.ts';

const NAT_HOOKS = ['prerouting', 'input', 'output', 'postrouting'];

/**
 * Tells base chains at hooks that their type has none of (net/netfilter/nft_chain_nat.c, nft_chain_route.c). Statements
 * that the kernel does not take at a hook are no errors, as `nft -c` takes them; see check/statement-places.ts.
 */
export function checkHooks(table: Table, problems: Problems): void {
  for (const { hook } of table.chains.values()) if (hook !== undefined) checkHook(hook, table, problems);
}

function checkHook(hook: Hook, { family }: Table, problems: Problems): void {
  const ip = family === 'ip' || family === 'ip6' || family === 'inet';
  const fits =
    hook.type === 'filter' ||
    (ip && hook.type === 'nat' && NAT_HOOKS.includes(hook.hook)) ||
    (ip && hook.type === 'route' && hook.hook === 'output');
  if (!fits)
    problems.error(
      'wrong-hook',
      hook,
      `chains of the type \`${hook.type}\` cannot be at ${hook.hook} of ${family}`,
      { expected: '`nat` at prerouting, input, output or postrouting, `route` at output, or `filter`' },
    );
  // Translation needs what connection tracking says, which is at -200.
  else if (hook.type === 'nat' && hook.priority <= -200)
    problems.error('wrong-hook', hook, 'a nat chain comes behind connection tracking', {
      expected: 'a priority greater than -200',
    });
}
