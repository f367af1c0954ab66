import type { CoverageEntry } from '../../rule/ruleset.ts';

/** Tells of a place, once: several enforcement points and both directions may find the same. */
export function coverOnce(coverage: CoverageEntry[], entry: CoverageEntry): void {
  if (!coverage.some(({ span, reason }) => span === entry.span && reason === entry.reason))
    coverage.push(entry);
}
