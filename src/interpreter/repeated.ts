import type { Condition } from '../rule/condition.ts';
import type { Chain, Ruleset } from '../rule/ruleset.ts';

const prepared = new WeakMap<Ruleset, ReadonlySet<string>>();

/**
 * Texts of stateless opaque matches that one packet can meet more than once, because they stand at several places or
 * in a chain that is entered several times. Only their answers need to be remembered.
 */
export function repeatedTexts(ruleset: Ruleset): ReadonlySet<string> {
  const before = prepared.get(ruleset);
  if (before !== undefined) return before;
  let entries: ReadonlyMap<string, number> | undefined;
  const counts = new Map<string, number>();
  for (const chain of ruleset.chains)
    for (const text of textsOf(chain)) {
      entries ??= chainEntries(ruleset);
      counts.set(text, (counts.get(text) ?? 0) + (entries.get(chain.id) ?? 0));
    }
  const repeated = new Set([...counts].filter(([, count]) => count > 1).map(([text]) => text));
  prepared.set(ruleset, repeated);
  return repeated;
}

/** How often each chain can be entered: 0, 1, or 2 for more than once. */
function chainEntries(ruleset: Ruleset): ReadonlyMap<string, number> {
  const entries = new Map<string, number>();
  for (const chain of ruleset.chains) if (chain.base !== undefined) entries.set(chain.id, 1);
  const byId = new Map(ruleset.chains.map((chain) => [chain.id, chain]));
  const waiting = ruleset.chains.filter((chain) => chain.base !== undefined);
  // A chain is looked at again only when its count grows, which it does at most twice.
  for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop()) {
    const own = entries.get(chain.id) ?? 0;
    const calls = new Map<string, number>();
    for (const target of jumpsOf(chain)) calls.set(target, (calls.get(target) ?? 0) + own);
    for (const [target, count] of calls) {
      const next = byId.get(target);
      const known = entries.get(target) ?? 0;
      if (next === undefined || known === 2) continue;
      entries.set(target, Math.min(2, known + count));
      waiting.push(next);
    }
  }
  return entries;
}

function jumpsOf(chain: Chain): string[] {
  return chain.rules.flatMap((rule) =>
    rule.actions.flatMap((action) =>
      action.kind === 'jump' || action.kind === 'goto' ? [action.chain] : [],
    ),
  );
}

function textsOf(chain: Chain): string[] {
  const texts: string[] = [];
  const visit = (condition: Condition): void => {
    if (condition.kind === 'opaque' && !condition.stateful) texts.push(condition.text);
    else if (condition.kind === 'not') visit(condition.of);
    else if (condition.kind === 'and' || condition.kind === 'or') condition.of.forEach(visit);
  };
  for (const rule of chain.rules) {
    visit(rule.match);
    for (const action of rule.actions) if (action.kind === 'require') visit(action.match);
  }
  return texts;
}
