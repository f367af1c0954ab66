import type { Evidence, FileExcerpt, HostReport } from '../../finding/report.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import type { SourceFile } from '../../text/source.ts';

/** Lines before and after a quoted one. */
const AROUND = 2;
/** A longer line is no help to a reader; a JSON export may be one line. */
const LONGEST = 2000;

/** The config lines around the evidence of a host's findings. */
export function excerptsOf(host: HostReport, ruleset: Ruleset): FileExcerpt[] {
  const files = sourcesOf(ruleset);
  const wanted = new Map<string, Set<number>>();
  const want = ({ file, line }: Evidence): void => {
    const lines = wanted.get(file) ?? new Set();
    wanted.set(file, lines);
    for (let at = line - AROUND; at <= line + AROUND; at++) lines.add(at);
  };
  for (const finding of host.findings) finding.evidence.forEach(want);
  return [...wanted].flatMap(([file, lines]) => {
    const source = files.get(file);
    return source === undefined ? [] : [{ file, lines: linesOf(source, lines) }];
  });
}

function linesOf(source: SourceFile, wanted: ReadonlySet<number>): FileExcerpt['lines'] {
  const last = source.lineCount;
  return [...wanted]
    .filter((line) => line >= 1 && line <= last)
    .sort((a, b) => a - b)
    .map((line) => ({ line, text: source.lineText(line).trimEnd() }))
    .filter(({ text }) => text.length <= LONGEST);
}

/** Not those whose lines are told in words: around a rule in a cloud's export stand tags and what else people put there. */
function sourcesOf(ruleset: Ruleset): ReadonlyMap<string, SourceFile> {
  const found = new Map<string, SourceFile>();
  const described = new Set<string>();
  for (const { base, origin, rules } of ruleset.chains)
    for (const { file } of [origin, ...rules.map((rule) => rule.origin)]) {
      found.set(file.path, file);
      if (base?.hook.startsWith('cloud-') === true) described.add(file.path);
    }
  for (const path of described) found.delete(path);
  return found;
}
