import type { CoverageEntry, Ruleset } from '../rule/ruleset.ts';
import { rulesAsking } from '../symbolic/conditions/predicates.ts';
import type { FamilyView } from './view/view.ts';

const REASON =
  'more unmodelled matches stand at several places than are told apart; this one is taken as if it could answer otherwise at each place, so packets that depend on it may be called possible without need';

/**
 * Rules with unmodelled matches that the analyses took for independent at each place, because there are too many of them. Ask
 * when the comparison is done.
 */
export function approximatedRules(ruleset: Ruleset, views: readonly FamilyView[]): CoverageEntry[] {
  const texts = new Set(views.flatMap((view) => [...view.overflow()]));
  if (texts.size === 0) return [];
  return rulesAsking(ruleset, texts).map(({ origin }) => ({
    span: origin,
    status: 'approximated',
    reason: REASON,
  }));
}
