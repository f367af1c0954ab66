import type { Condition } from '../rule/condition.ts';
import type { Action, Chain, Ruleset } from '../rule/ruleset.ts';
import type { Surroundings } from './scope.ts';

const remembered = new WeakMap<Ruleset, Surroundings>();

/** What conditions depend on besides the packet, found once for every analysis of the rule set. */
export function surroundingsOf(ruleset: Ruleset): Surroundings {
  let surroundings = remembered.get(ruleset);
  if (surroundings === undefined) {
    surroundings = findSurroundings(ruleset);
    remembered.set(ruleset, surroundings);
  }
  return surroundings;
}

function findSurroundings(ruleset: Ruleset): Surroundings {
  const has = (test: (action: Action) => boolean): boolean =>
    ruleset.chains.some((chain: Chain) => chain.rules.some((rule) => rule.actions.some(test)));
  const asks = (condition: Condition): boolean => {
    if (condition.kind === 'and' || condition.kind === 'or') return condition.of.some(asks);
    if (condition.kind === 'not') return asks(condition.of);
    return (
      condition.kind === 'opaque' || condition.kind === 'address-type' || condition.kind === 'translated'
    );
  };
  const usesConnectionMark = (condition: Condition): boolean => {
    if (condition.kind === 'and' || condition.kind === 'or') return condition.of.some(usesConnectionMark);
    if (condition.kind === 'not') return usesConnectionMark(condition.of);
    return (condition.kind === 'field' || condition.kind === 'masked') && condition.field === 'ctmark';
  };
  const asksHops = (condition: Condition): boolean => {
    if (condition.kind === 'and' || condition.kind === 'or') return condition.of.some(asksHops);
    if (condition.kind === 'not') return asksHops(condition.of);
    return (
      (condition.kind === 'field' || condition.kind === 'masked') &&
      (condition.field === 'ttl' || condition.field === 'pkttype')
    );
  };
  const loopbacks = new Set(['lo']);
  for (const own of ruleset.host?.addresses ?? []) if (own.loopback) loopbacks.add(own.interface);
  return {
    host: ruleset.host,
    sets: ruleset.sets,
    hasNotrack: has((action) => action.kind === 'notrack'),
    usesConnectionMark:
      has(
        (action) =>
          ((action.kind === 'assign' || action.kind === 'forget') && action.field === 'ctmark') ||
          (action.kind === 'assign' && action.from === 'ctmark') ||
          (action.kind === 'require' && usesConnectionMark(action.match)),
      ) || ruleset.chains.some((chain) => chain.rules.some((rule) => usesConnectionMark(rule.match))),
    hasForgottenFlags: has(
      (action) => (action.kind === 'forget' || action.kind === 'assign') && action.field === 'tcpFlags',
    ),
    asksHops:
      has(
        (action) =>
          ((action.kind === 'assign' || action.kind === 'forget') && action.field === 'ttl') ||
          (action.kind === 'require' && asksHops(action.match)),
      ) || ruleset.chains.some((chain) => chain.rules.some((rule) => asksHops(rule.match))),
    editionsMatter:
      has((action) => action.kind === 'require' && asks(action.match)) ||
      ruleset.chains.some((chain) => chain.rules.some((rule) => asks(rule.match))),
    groups: new Map((ruleset.cloud?.symbolic ?? []).map((group, i) => [group, i + 1])),
    loopbacks: [...loopbacks].map((name) => ({ name, prefix: false })),
  };
}
