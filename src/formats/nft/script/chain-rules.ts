import type { Chain, Rule } from '../ast/ast.ts';

/*
 * An index counts the rules as nft has them in its own list (src/evaluate.c of nftables, rule_cache_update). What a script
 * takes away stays in that list until the script ends, and in the kernel's until the transaction does, so that a rule can
 * still be put beside it.
 */

/** The rules among which an index counts. */
export function indexed({ rules, counted }: Chain): readonly Rule[] {
  return counted ?? rules;
}

/** Puts a rule at a place among those that an index counts. */
export function insertRule(chain: Chain, at: number, rule: Rule): void {
  const { rules, counted } = chain;
  if (counted === undefined) {
    rules.splice(at, 0, rule);
    return;
  }
  const left = new Set(rules);
  let before = 0;
  for (const one of counted.slice(0, at)) if (left.has(one)) before++;
  rules.splice(before, 0, rule);
  counted.splice(at, 0, rule);
}

/** Puts a rule behind all others. */
export function appendRule({ rules, counted }: Chain, rule: Rule): void {
  rules.push(rule);
  counted?.push(rule);
}

/** Puts a rule in the place of the one at a place of the chain, which is returned. */
export function replaceRule({ rules, counted }: Chain, at: number, rule: Rule): Rule | undefined {
  const [gone] = rules.splice(at, 1, rule);
  if (counted !== undefined && gone !== undefined) counted.splice(counted.indexOf(gone), 1, rule);
  return gone;
}

/** Takes the rule at a place of the chain away, and returns it. */
export function removeRule(chain: Chain, at: number): Rule | undefined {
  chain.counted ??= [...chain.rules];
  return chain.rules.splice(at, 1)[0];
}

/** Takes all rules away. */
export function flushRules(chain: Chain): void {
  chain.counted ??= [...chain.rules];
  chain.rules = [];
}
