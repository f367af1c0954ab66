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
  const asksFor = (test: (part: Condition) => boolean): boolean =>
    has((action) => action.kind === 'require' && hasPart(action.match, test)) ||
    ruleset.chains.some((chain) => chain.rules.some((rule) => hasPart(rule.match, test)));
  const asksField = (...fields: readonly string[]): boolean =>
    asksFor((part) => (part.kind === 'field' || part.kind === 'masked') && fields.includes(part.field));
  const changes = (field: string): boolean =>
    has((action) => (action.kind === 'assign' || action.kind === 'forget') && action.field === field);
  const loopbacks = new Set(['lo']);
  for (const own of ruleset.host?.addresses ?? []) if (own.loopback) loopbacks.add(own.interface);
  return {
    host: ruleset.host,
    sets: ruleset.sets,
    hasNotrack: has((action) => action.kind === 'notrack'),
    usesConnectionMark:
      changes('ctmark') ||
      has((action) => action.kind === 'assign' && action.from === 'ctmark') ||
      asksField('ctmark'),
    hasForgottenFlags: changes('tcpFlags'),
    asksHops: changes('ttl') || asksField('ttl', 'pkttype'),
    asksPacketType: changes('pkttype') || asksField('pkttype'),
    editionsMatter: asksFor(
      ({ kind }) => kind === 'opaque' || kind === 'address-type' || kind === 'translated',
    ),
    groups: new Map((ruleset.cloud?.symbolic ?? []).map((group, i) => [group, i + 1])),
    loopbacks: [...loopbacks].map((name) => ({ name, prefix: false })),
  };
}

/** Whether one of the conditions that a condition is made of passes the test. */
function hasPart(condition: Condition, test: (part: Condition) => boolean): boolean {
  if (condition.kind === 'and' || condition.kind === 'or')
    return condition.of.some((part) => hasPart(part, test));
  return condition.kind === 'not' ? hasPart(condition.of, test) : test(condition);
}
