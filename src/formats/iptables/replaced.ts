import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { SourceFile } from '../../text/source.ts';
import type { Place } from './ast.ts';

/** A section that counts for nothing, and the one that replaces it. */
export interface Replaced {
  readonly section: Place;
  readonly by: Place;
}

/**
 * The coverage of a file of which later sections replace earlier ones: what was said of the lines of those is taken
 * back, and each such line is told to be ignored.
 *
 * @param replaced in the order of the file
 */
export function coverReplaced(
  coverage: readonly CoverageEntry[],
  replaced: readonly Replaced[],
  file: SourceFile,
): readonly CoverageEntry[] {
  if (replaced.length === 0) return coverage;
  const sections = [...replaced].sort((a, b) => a.section.start - b.section.start);
  const kept = coverage.filter(({ span }) => !isWithin(span.start, sections));
  return [...kept, ...sections.flatMap((one) => linesOf(one, file))].sort(
    (a, b) => a.span.start - b.span.start,
  );
}

/** Whether an offset is in one of the sections, which are disjoint and ascending. */
function isWithin(offset: number, sections: readonly Replaced[]): boolean {
  let low = 0;
  let high = sections.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sections[middle] as Replaced).section.end <= offset) low = middle + 1;
    else high = middle;
  }
  return low < sections.length && (sections[low] as Replaced).section.start <= offset;
}

function linesOf({ section, by }: Replaced, file: SourceFile): CoverageEntry[] {
  const reason = `the section at line ${file.position(by.start).line} replaces this one, as iptables-restore would`;
  const entries: CoverageEntry[] = [];
  for (let at = section.start; at < section.end; ) {
    const next = file.text.indexOf('\n', at);
    const end = next < 0 ? file.text.length : next;
    if (!/^(?:#|\s*$)/.test(file.text.slice(at, Math.min(end, at + 256))))
      entries.push({ span: { file, start: at, end }, status: 'ignored', reason });
    at = end + 1;
  }
  return entries;
}
