import type { Diagnostic } from '../text/diagnostic.ts';
import type { Span } from '../text/source.ts';
import type { CoverageEntry } from './ruleset.ts';

/** A warning about how a config was taken, for the report: that is what gets signed, not what standard error said beside it. */
export function warned({ span, message, help }: Diagnostic): CoverageEntry {
  return { span: span as Span, status: 'approximated', reason: `${message}; ${help}` };
}
