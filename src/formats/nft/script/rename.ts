import type { Element, Rule, Statement, Table, Value, Verdict } from '../ast/ast.ts';

/**
 * Jumps go to chains and not to names: those to a chain that gets another name have it afterwards (`nft(8)`, CHAINS).
 * @param replaced is told of each rule that another stands for
 */
export function renameJumps(
  table: Table,
  from: string,
  to: string,
  replaced: (before: Rule, now: Rule) => void,
): void {
  const verdict = (one: Verdict): Verdict =>
    'chain' in one && one.chain === from ? { ...one, chain: to } : one;
  const element = (one: Element): Element =>
    one.data !== undefined && 'chain' in one.data ? { ...one, data: verdict(one.data) } : one;
  const value = (one: Value): Value =>
    one.kind === 'set' ? { ...one, elements: one.elements.map(element) } : one;
  const statement = (one: Statement): Statement => {
    if (one.kind === 'verdict') return { ...one, verdict: verdict(one.verdict) };
    if (one.kind === 'vmap') return { ...one, data: value(one.data) };
    return one.kind === 'block' ? { ...one, rules: one.rules.map(rule) } : one;
  };
  const rule = (one: Rule): Rule =>
    one.statements.some(({ kind }) => kind === 'verdict' || kind === 'vmap' || kind === 'block')
      ? { ...one, statements: one.statements.map(statement) }
      : one;
  for (const chain of table.chains.values())
    chain.rules = chain.rules.map((one) => {
      const now = rule(one);
      if (now !== one) replaced(one, now);
      return now;
    });
  for (const set of table.sets.values()) if (set.verdicts) set.elements = set.elements.map(element);
}
