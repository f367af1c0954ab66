import type { CoverageLine } from '../finding/report.ts';
import { columns } from './columns.ts';
import { compareText } from './order.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { count, wrap } from './wrap.ts';

/** How many lines of one kind are quoted; the others are named by their line numbers. */
const QUOTED = 3;

/** The config lines that were not taken exactly as written, grouped by file, status and reason. None is left out. */
export function coverageLines(coverage: readonly CoverageLine[], style: Style, width: number): string[] {
  const out = [style.bold(`lines not taken exactly as written: ${coverage.length}`)];
  for (const group of groups(coverage)) {
    const [first] = group;
    if (first === undefined) continue;
    const head = `${first.file}: ${first.status}, ${count(group.length, 'line')}: ${first.reason}`;
    out.push(...wrap(visible(head), width - 4).map((line, i) => `  ${i === 0 ? '' : '  '}${line}`));
    for (const { line, text } of group.slice(0, QUOTED)) out.push(quote(line, text, width));
    if (group.length > QUOTED) out.push(...rest(group.slice(QUOTED), width));
  }
  return [...out, ''];
}

function groups(coverage: readonly CoverageLine[]): CoverageLine[][] {
  const found = new Map<string, CoverageLine[]>();
  for (const line of coverage) {
    const key = JSON.stringify([line.file, line.status, line.reason]);
    const group = found.get(key);
    if (group === undefined) found.set(key, [line]);
    else group.push(line);
  }
  return [...found.values()].sort(
    ([a], [b]) => compareText(a?.file ?? '', b?.file ?? '') || (a?.line ?? 0) - (b?.line ?? 0),
  );
}

function quote(line: number, text: string, width: number): string {
  const head = `    ${line} | `;
  const safe = visible(text.slice(0, 4 * width));
  const room = Math.max(width - head.length, 20);
  if (columns(safe) <= room) return `${head}${safe}`;
  let shown = '';
  let used = 1;
  for (const character of safe) {
    used += columns(character);
    if (used > room) break;
    shown += character;
  }
  return `${head}${shown}…`;
}

function rest(group: readonly CoverageLine[], width: number): string[] {
  const text = `and ${count(group.length, 'more line', 'more lines')}: ${numberRanges(group.map((l) => l.line))}`;
  return wrap(text, width - 4).map((line) => `    ${line}`);
}

/** `3, 7-9`: line numbers in order, neighbours joined. */
export function numberRanges(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let j = i;
    while (sorted[j + 1] === (sorted[j] as number) + 1) j++;
    parts.push(i === j ? `${sorted[i]}` : `${sorted[i]}-${sorted[j]}`);
    i = j + 1;
  }
  return parts.join(', ');
}
