import type { Chain, Ruleset } from '../../rule/ruleset.ts';

/** Deeper nests of chains are not descended into by recursion: the stack of the engine would not do. */
export const NESTING_LIMIT = 64;

/** Which chains call which; those that packets reach make no circle (src/formats/iptables/loops.ts). */
class CallOrder {
  private readonly heights = new Map<string, number>();
  private readonly callees = new Map<string, readonly string[]>();

  constructor(ruleset: Ruleset) {
    for (const chain of ruleset.chains) this.callees.set(chain.id, calleesOf(chain));
    for (const id of this.below(ruleset.chains.map((chain) => chain.id))) {
      const inner = this.callees.get(id) ?? [];
      this.heights.set(
        id,
        inner.reduce((most, callee) => Math.max(most, 1 + (this.heights.get(callee) ?? 0)), 0),
      );
    }
  }

  /** How many calls nest below the chain at most. */
  height(chain: Chain): number {
    return this.heights.get(chain.id) ?? 0;
  }

  /** The chains that can be reached from these, and these themselves; callees come before their callers. */
  below(from: readonly string[]): string[] {
    const order: string[] = [];
    const seen = new Set<string>();
    const open: { readonly id: string; next: number }[] = [];
    const enter = (id: string): void => {
      if (seen.has(id)) return;
      seen.add(id);
      open.push({ id, next: 0 });
    };
    for (const start of from) {
      enter(start);
      for (let top = open[open.length - 1]; top !== undefined; top = open[open.length - 1]) {
        const callee = this.callees.get(top.id)?.[top.next++];
        if (callee !== undefined) enter(callee);
        else {
          order.push(top.id);
          open.pop();
        }
      }
    }
    return order;
  }
}

const remembered = new WeakMap<Ruleset, CallOrder>();

/** The order of a rule set, made once. */
export function callOrderOf(ruleset: Ruleset): CallOrder {
  let order = remembered.get(ruleset);
  if (order === undefined) {
    order = new CallOrder(ruleset);
    remembered.set(ruleset, order);
  }
  return order;
}

function calleesOf(chain: Chain): readonly string[] {
  const found = new Set<string>();
  for (const rule of chain.rules)
    for (const action of rule.actions)
      if (action.kind === 'jump' || action.kind === 'goto') found.add(action.chain);
  return [...found];
}
