import type { Finding, PathStep } from '../../finding/report.ts';
import { witnessShape } from '../../report/json.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { traceLine } from '../../trace/trace.ts';

/** Findings of one host whose witness is followed; the first are the worst. */
const FOLLOWED = 200;

/** The findings with the way of their witness packets, as `postern trace` tells it. */
export function withPaths(findings: readonly Finding[], ruleset: Ruleset): Finding[] {
  return findings.map((finding, i) => {
    const path = i < FOLLOWED ? pathOf(finding, ruleset) : undefined;
    return path === undefined ? finding : { ...finding, path };
  });
}

function pathOf(finding: Finding, ruleset: Ruleset): readonly PathStep[] | undefined {
  const answer = traceLine(ruleset, JSON.stringify(witnessShape(finding.witness)));
  if (answer === undefined || answer.failed) return undefined;
  return (JSON.parse(answer.json) as { readonly path?: readonly PathStep[] }).path;
}
