import type { Condition } from '../../rule/condition.ts';
import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';

/**
 * What of a rule cannot be read may match or not; the coverage says so.
 * @param text what tells the condition apart from others
 */
export function unread(text: string, problem: string, span: Span, coverage: CoverageEntry[]): Condition {
  coverage.push({
    span,
    status: 'unrecognised',
    reason: `${problem}; whether the rule matches is left open`,
  });
  return { kind: 'opaque', text, stateful: false, span };
}
