import { ALWAYS, type Condition } from './condition.ts';
import { rewrittenRule, withRules } from './rewrite.ts';
import type { CoverageEntry, Ruleset } from './ruleset.ts';

const REASON =
  'whether a packet comes in by the interface that leads back to its source: the deployment says so (`routes: symmetric`), and it is taken to hold';

/** What is told of a condition that asks for the way back, where nobody says more. */
export function wayBackReason(text: string): string {
  return `\`${text}\` asks the routes for the way back to a packet’s source, and they are not given: what depends on it is reported as possible. Where packets come in by the interface that leads back to their source, a deployment can say so (\`routes: symmetric\`)`;
}

/**
 * The rule set of a host whose packets come in by the interface that leads back to their source, as its deployment says: reverse path
 * filters (`fib saddr . iif oif missing drop`, `-m rpfilter --invert -j DROP`) let them pass. The same where it has none.
 */
export function withSymmetricRoutes(ruleset: Ruleset): Ruleset {
  const chains = withRules(ruleset.chains, (rule) => rewrittenRule(rule, known));
  return chains.every((chain, at) => chain === ruleset.chains[at]) ? ruleset : { ...ruleset, chains };
}

/** What is told of the rule set then. */
export function toldOfSymmetricRoutes(coverage: readonly CoverageEntry[]): readonly CoverageEntry[] {
  return coverage.map((entry) => (entry.wayBack === true ? { ...entry, reason: REASON } : entry));
}

/** A condition that asks for the way back holds. */
const known = (one: Condition): Condition => (one.kind === 'opaque' && one.wayBack === true ? ALWAYS : one);
