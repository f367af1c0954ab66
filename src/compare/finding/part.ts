import type { ResolvedRow } from '../../baseline/model.ts';
import type { Box, Evidence, Finding } from '../../finding/report.ts';
import { SERVED_ELSEWHERE } from '../required/astray.ts';
import { OWN_ADDRESS } from '../excess/judged-packets.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { boxesNode } from './box-set.ts';
import { boxesApart } from './boxes-apart.ts';
import { describePackets, knownGroups } from './describe.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import { NoWitness } from './witness-finder.ts';
import { PUBLIC_MEMBERS } from '../rows/parties.ts';
import { SENT_HERE } from '../rows/published-needs.ts';
import { type Carried, carriedAs } from '../loopback/carried.ts';
import { LEAVES_BY, leavesBySome } from '../half-open/findings.ts';
import { ROUTES } from '../addresses/links.ts';
import { CHOSEN, TRANSLATED } from '../rows/translated-parts.ts';
import { TAKES_OWN, TRANSLATED_TO_HOST } from '../required/unknown-ways.ts';
import type { FlowHook } from '../view/hook-view.ts';

/** A finding's packets inside of a set and outside of it, each exact. */
export interface SplitFinding {
  /** What of the finding lies in the set; undefined where nothing does. */
  readonly inside: Finding | undefined;
  /** The rest of it; undefined where nothing is left. */
  readonly outside: Finding | undefined;
}

/** The hook of a host's rules at which a finding's packets are judged. */
export function flowHookOf({ hook }: Pick<Finding, 'hook'>): FlowHook {
  return hook === 'ingress' ? 'input' : hook === 'egress' ? 'output' : hook;
}

/**
 * Divides a finding by boxes. Each part has its own packets, its own witness that the interpreter confirms, its own
 * evidence and its own fingerprint; where one of them is the whole, it is the finding as it was.
 *
 * @param check the finding's host in the finding's family
 */
export function splitFinding(check: FamilyCheck, finding: Finding, boxes: readonly Box[]): SplitFinding {
  // Of many waivers nearly all are about other packets, and a set of each for each finding would take most of the time.
  if (boxesApart(finding.packets, boxes)) return { inside: undefined, outside: finding };
  return splitByNode(check, finding, boxesNode(check.view, flowHookOf(finding), boxes));
}

/** {@link splitFinding} by a set of the check's own diagram. */
export function splitByNode(check: FamilyCheck, finding: Finding, set: Node): SplitFinding {
  const { diagram } = check.view;
  const whole = boxesNode(check.view, flowHookOf(finding), finding.packets);
  const inside = diagram.and(whole, set);
  const outside = diagram.difference(whole, set);
  if (inside === NONE) return { inside: undefined, outside: finding };
  if (outside === NONE) return { inside: finding, outside: undefined };
  try {
    return { inside: part(check, finding, inside), outside: part(check, finding, outside) };
  } catch (error) {
    // A part that no packet shows is no finding, and what cannot be divided with proof is not divided.
    if (!(error instanceof NoWitness)) throw error;
    return { inside: undefined, outside: finding };
  }
}

function part(check: FamilyCheck, finding: Finding, packets: Node): Finding {
  const hook = flowHookOf(finding);
  const state = (finding.witness.state ?? 'new') as ConnectionState;
  const row = rowOf(check, finding);
  const { document, translated, severity } = finding;
  const shows = showsOf(finding);
  const carried =
    row?.direction === 'loopback' && hook === 'input'
      ? carriedAs(check.view, state, finding.witness)
      : undefined;
  const [made] = check.make.finish({
    code: finding.code,
    rule: finding.rule,
    certainty: finding.certainty,
    severity,
    ...(row === undefined ? {} : { row }),
    ...(document === undefined ? {} : { document }),
    ...(translated === undefined ? {} : { translated }),
    ...(finding.rule === 'half-open' ||
    finding.dependsOn?.some((one) => [CHOSEN, PUBLIC_MEMBERS].includes(one)) === true
      ? { witnessCertainty: 'definite' as const }
      : {}),
    hook,
    state,
    ...(carried === undefined ? {} : { carried }),
    packets,
    passes: shows,
    unconfirmed:
      finding.rule === 'documents-disagree' ||
      (finding.rule === 'half-open' && row !== undefined && leavesBySome(check, row, hook, packets)),
    evidence: linesOf(check, finding, packets, state, carried),
    message: messageOf(
      nearOf(check, finding, packets),
      check.make.text(packets, hook),
      knownGroups(check.ruleset),
    ),
  });
  if (made === undefined) throw new Error(`a part of the finding ${finding.fingerprint} came to nothing`);
  // The severity of a possible finding was lowered when the finding was made.
  return { ...made, severity, ...doubtsOf(made, finding) };
}

/** What the part's own witness depends on, and what no packet tells: a question to the site, or about later packets. */
function doubtsOf(made: Finding, { dependsOn = [] }: Finding): Pick<Finding, 'dependsOn'> {
  const own = made.dependsOn ?? [];
  const kept =
    own.length === 0
      ? dependsOn
      : dependsOn.filter(
          (text) =>
            text.startsWith('what the site decides') ||
            [
              OWN_ADDRESS,
              CHOSEN,
              LEAVES_BY,
              SERVED_ELSEWHERE,
              TRANSLATED,
              TRANSLATED_TO_HOST,
              TAKES_OWN,
              PUBLIC_MEMBERS,
              ...ROUTES,
              SENT_HERE,
            ].includes(text),
        );
  const all = [...new Set([...own, ...kept])];
  return all.length === 0 ? {} : { dependsOn: all };
}

/** Whether the finding is that its witness passes (excess, prohibitions, half-open) or that it does not. */
function showsOf({ code, rule }: Finding): boolean {
  return code === 'excessive' || rule === 'prohibited-open' || rule === 'half-open';
}

function rowOf(check: FamilyCheck, { baseline, connection }: Finding): ResolvedRow | undefined {
  if (baseline === undefined || connection === undefined) return undefined;
  const rows = check.host.baselines.flatMap((one) => one.rows);
  return rows.find((row) => row.baseline === baseline && row.id === connection);
}

/** Lines that decide about none of the part's packets are not its evidence; the others, and what else is quoted, stay. */
function linesOf(
  check: FamilyCheck,
  finding: Finding,
  packets: Node,
  state: ConnectionState,
  carried: Carried | undefined,
): readonly Evidence[] {
  const hook = flowHookOf(finding);
  const key = ({ file, line, column }: Evidence): string => `${line} ${column} ${file}`;
  const deciding = new Set(
    [
      ...check.make.openingEvidence(hook, state, packets, carried),
      ...check.make.closingEvidence(hook, state, packets, carried),
    ].map(key),
  );
  const kept = finding.evidence.filter(
    (one) => !/^(opens|closes|may close)\b/.test(one.note ?? '') || deciding.has(key(one)),
  );
  return kept.length > 0 ? kept : finding.evidence;
}

/** The finding with what its message says of rows that all but document it said of some of its packets. */
function nearOf(check: FamilyCheck, finding: Finding, packets: Node): Finding {
  if (finding.code !== 'excessive') return finding;
  const hook = flowHookOf(finding);
  const whole = check.nearRows(hook, boxesNode(check.view, hook, finding.packets));
  if (whole === '') return finding;
  const near = check.nearRows(hook, packets);
  return { ...finding, message: finding.message.replace(whole, () => near) };
}

function messageOf(finding: Finding, text: string, known: readonly string[]): string {
  const whole = describePackets(finding.packets, known);
  if (finding.message.includes(whole)) return finding.message.replace(whole, () => text);
  return `${finding.message} Of these, here: ${text}.`;
}
