import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Place } from './ast.ts';
import type { Problems } from './problems.ts';

/**
 * Tells that every line of a section counts for nothing, because a later section of the same table replaces it.
 * What was said about those lines before is taken back.
 */
export function coverReplaced(old: Place, by: Place, problems: Problems): void {
  const { coverage, file } = problems;
  const kept = coverage.filter(({ span }: CoverageEntry) => span.start < old.start || span.start >= old.end);
  coverage.length = 0;
  for (const entry of kept) coverage.push(entry);
  const line = file.position(by.start).line;
  for (let at = old.start; at < old.end; ) {
    const next = file.text.indexOf('\n', at);
    const end = next < 0 ? file.text.length : next;
    if (!/^(?:#|\s*$)/.test(file.text.slice(at, Math.min(end, at + 256))))
      problems.cover(
        'ignored',
        { start: at, end },
        `the section at line ${line} replaces this one, as iptables-restore would`,
      );
    at = end + 1;
  }
}
