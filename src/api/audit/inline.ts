import type { ResolvedRow } from '../../baseline/model.ts';
import { nearest } from '../../text/nearest.ts';
import { boxesNode } from '../../compare/finding/box-set.ts';
import { type AskedRules, decidedAlone, decidedBy } from '../../compare/finding/decided-by.ts';
import type { FamilyCheck } from '../../compare/view/family-check.ts';
import { flowHookOf, splitByNode } from '../../compare/finding/part.ts';
import type { Finding, HostReport, InlineUse } from '../../finding/report.ts';
import { RULES, WAIVER_EXPIRED } from '../../finding/rules.ts';
import { NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Rule, Ruleset } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { waivedConnection } from '../../waiver/desk.ts';
import { commentsOf, type InlineRequest, readComment } from '../../waiver/inline-comment.ts';
import { toolsOf } from './waivers.ts';

/** A comment of a rule that speaks to postern. */
interface Asked {
  readonly rule: Rule;
  readonly request: InlineRequest | string;
}

/** A use that is being judged. */
type Draft = { -readonly [K in keyof InlineUse]: InlineUse[K] } & { findings: string[] };

/** Comments of configs at work: {@link adjust} for every host. Used only where the user lets them (`--inline`). */
export class InlineComments {
  /** Every comment that speaks to postern, in the order of the hosts and their files. */
  readonly uses: InlineUse[] = [];
  readonly warnings: Diagnostic[] = [];

  /** The host's report with what its comments waive marked so. */
  adjust(report: HostReport, checks: readonly FamilyCheck[]): HostReport {
    const [first] = checks;
    const asked = first === undefined ? [] : askedOf(first.ruleset);
    if (asked.length === 0) return report;
    const drafts = asked.map(({ rule, request }) => draftOf(report.name, rule, request));
    const labels = new Set(drafts.map(labelOf));
    let { findings } = report;
    for (const [i, { rule, request }] of asked.entries()) {
      const draft = drafts[i] as Draft;
      if (typeof request === 'string' || draft.status === 'refused') continue;
      if (request.kind === 'waive')
        findings = waive(
          { own: (one) => isSame(one, rule), excused: excusedBy(asked, request.rule) },
          draft,
          findings,
          checks,
          labels,
        );
      else expect(rule, draft, request.connection, report, checks);
    }
    for (const [i, draft] of drafts.entries()) this.note(draft, (asked[i] as Asked).rule);
    const tools = toolsOf(report.name, checks);
    const connections = report.connections.map((one) => waivedConnection(one, findings, tools));
    return { ...report, findings, connections };
  }

  private note(draft: Draft, rule: Rule): void {
    this.uses.push(draft);
    const message = complaintOf(draft);
    if (message !== undefined)
      this.warnings.push({ severity: 'warning', code: `inline-${draft.status}`, message, span: rule.origin });
  }
}

function askedOf(ruleset: Ruleset): Asked[] {
  const found: Asked[] = [];
  const seen = new Set<string>();
  const rules = ruleset.chains.flatMap((chain) => chain.rules).filter(({ implied }) => implied === undefined);
  for (const rule of rules) {
    const { file, start, end } = rule.origin;
    const key = `${start} ${end} ${file.path}`;
    // The rule's own text: a line may have several rules, and a label is not what is written.
    const text = file.text.slice(start, end);
    // One line may have become several rules (an address list, both families); it asks once.
    if (seen.has(key)) continue;
    seen.add(key);
    if (!text.includes('postern:')) continue;
    for (const comment of commentsOf(text)) {
      const request = readComment(comment);
      if (request !== undefined) found.push({ rule, request });
    }
  }
  // The object of a group has those of its rules in it; a description is that of the innermost.
  return found.filter(({ rule }) => !found.some((other) => isInside(other.rule, rule)));
}

const isInside = ({ origin: inner }: Rule, { origin: outer }: Rule): boolean =>
  inner.file === outer.file &&
  inner.start >= outer.start &&
  inner.end <= outer.end &&
  inner.end - inner.start < outer.end - outer.start;

const WAIVABLE = RULES.map(({ id }) => id).filter((id) => id !== WAIVER_EXPIRED);

function draftOf(host: string, { origin }: Rule, request: InlineRequest | string): Draft {
  const { line } = origin.file.position(origin.start);
  const place = { host, file: origin.file.path, line, findings: [] as string[] };
  if (typeof request === 'string')
    return { ...place, kind: 'unreadable', status: 'refused', problem: `it ${request}` };
  if (request.kind === 'expect')
    return { ...place, kind: 'expect', connection: request.connection, status: 'unmet' };
  const { rule, reason } = request;
  const draft: Draft = { ...place, kind: 'waive', rule, reason, status: 'unused' };
  if (!WAIVABLE.includes(rule)) {
    const near = nearest(rule, WAIVABLE);
    const hint = near === undefined ? '' : `; \`${near}\` is one`;
    return { ...draft, status: 'refused', problem: `there is no kind of finding of this name${hint}` };
  }
  if (rule === 'prohibited-open')
    return {
      ...draft,
      status: 'refused',
      problem: 'a prohibited opening is waived only by a file of waivers, with `override: true`',
    };
  return draft;
}

/** Rules whose comments waive findings of the kind. */
function excusedBy(asked: readonly Asked[], kind: string): AskedRules['excused'] {
  const waived = asked.filter(
    ({ request }) => typeof request !== 'string' && request.kind === 'waive' && request.rule === kind,
  );
  return (one) => waived.some(({ rule }) => isSame(one, rule));
}

/** What a finding's `waived` says where the comment waives it. */
const labelOf = ({ file, line }: Draft): string => `inline ${file}:${line}`;

/** The findings after a comment's waiver: of each, only the packets that its rule decides, and none that nobody waives. */
function waive(
  rules: AskedRules,
  draft: Draft,
  findings: readonly Finding[],
  checks: readonly FamilyCheck[],
  labels: ReadonlySet<string>,
): Finding[] {
  return findings.flatMap((finding) => {
    const check = checks.find((one) => one.family === (finding.family === 'ipv4' ? 4 : 6));
    if (check === undefined || finding.rule !== draft.rule) return [finding];
    // What another comment waives needs this one too, where its line decides the same packets.
    const isWaived = finding.waived !== undefined;
    if (isWaived && !labels.has(finding.waived)) return [finding];
    const hook = flowHookOf(finding);
    const packets = boxesNode(check.view, hook, finding.packets);
    const state = (finding.witness.state ?? 'new') as ConnectionState;
    const own = decidedAlone(check.view, hook, state, packets, verdictsOf(finding), rules);
    if (own === NONE) return [finding];
    if (isWaived) {
      draft.status = 'used';
      draft.findings.push(finding.fingerprint);
      return [finding];
    }
    const { inside, outside } = splitByNode(check, finding, own);
    if (inside === undefined) return [finding];
    draft.status = 'used';
    draft.findings.push(inside.fingerprint);
    const waived = { ...inside, waived: labelOf(draft) };
    return outside === undefined ? [waived] : [outside, waived];
  });
}

/** Excess is what rules accept, and what is missing is what they deny. */
function verdictsOf({ code, rule }: Finding): readonly ('accept' | 'deny')[] {
  if (rule === 'documents-disagree') return ['accept', 'deny'];
  return code === 'excessive' || rule === 'half-open' ? ['accept'] : ['deny'];
}

const isSame = (a: Rule, b: Rule): boolean =>
  a.origin.file === b.origin.file && a.origin.start === b.origin.start && a.origin.end === b.origin.end;

function expect(
  rule: Rule,
  draft: Draft,
  connection: string,
  report: HostReport,
  checks: readonly FamilyCheck[],
): void {
  const isMeant = (baseline: string, id: string): boolean =>
    connection === id || connection === `${baseline}:${id}`;
  const rows =
    checks[0]?.host.baselines.flatMap((one) => one.rows).filter((row) => isMeant(row.baseline, row.id)) ?? [];
  const names = report.connections.map(({ id }) => id);
  if (rows.length === 0) {
    const near = nearest(connection, names);
    draft.problem = `this host has no such connection${near === undefined ? '' : `; did you mean \`${near}\`?`}`;
  } else if (rows.some((row) => checks.some((check) => opens(rule, row, check)))) draft.status = 'met';
  else draft.problem = 'the rule opens nothing of what the connection needs';
}

function opens(rule: Rule, row: ResolvedRow, check: FamilyCheck): boolean {
  const judgement =
    row.status === 'not-applicable' || row.level === 'prohibited' ? undefined : check.judgement(row);
  if (judgement === undefined) return false;
  const { diagram } = check.view;
  const open = diagram.orAll(judgement.needs.flatMap((need) => [need.open, need.uncertain]));
  return row.states.some((state) =>
    check
      .places(row, state, open, true)
      .some(({ hook, packets }) =>
        [...decidedBy(check.view, hook, state, packets, ['accept']).keys()].some((one) => isSame(one, rule)),
      ),
  );
}

function complaintOf(draft: Draft): string | undefined {
  const about =
    draft.kind === 'unreadable'
      ? 'A comment speaks to postern'
      : `\`postern:${draft.kind} ${draft.rule ?? draft.connection}\``;
  if (draft.status === 'refused') return `${about} and is not followed: ${draft.problem}.`;
  if (draft.status === 'unmet') return `${about} does not hold: ${draft.problem}.`;
  return draft.status === 'unused'
    ? `${about} waives nothing: there is no such finding about packets that this rule, and no rule beside it, decides.`
    : undefined;
}
