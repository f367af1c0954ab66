import type { FindingCode, Severity } from './report.ts';

/** What postern says about one kind of finding, the same for every report format. */
export interface RuleRecord {
  /** The finding's `rule`: kebab-case, stable. */
  readonly id: string;
  readonly code: FindingCode;
  /** A few words, a heading. */
  readonly title: string;
  /** What such a finding says about the host: one or two sentences. */
  readonly meaning: string;
  /** What to do: one or two sentences, in the imperative. */
  readonly mend: string;
  /** The severity of a definite finding; a possible one is one lower. */
  readonly severity: Severity;
  /** Where the severity of a definite finding differs from `severity`, and why. */
  readonly severityNote?: string;
  /** The page that explains it, relative to the project. */
  readonly page: string;
}

const rule = (id: string, record: Omit<RuleRecord, 'id' | 'page'>): RuleRecord => ({
  id,
  ...record,
  page: `docs/findings/${id}.md`,
});

/** The kind of finding that a waiver itself becomes. */
export const WAIVER_EXPIRED = 'waiver-expired';

/** Every rule that a finding can carry, in the order in which reports list kinds. Each has a page in docs/findings. */
export const RULES: readonly RuleRecord[] = [
  rule('prohibited-open', {
    code: 'conflicting',
    title: 'A prohibited connection is open',
    meaning: 'The baseline forbids this connection, and the host lets it through.',
    mend: 'Close it: remove or narrow the accepting rule, or put a rule that drops these packets before it.',
    severity: 'critical',
  }),
  rule('masked', {
    code: 'conflicting',
    title: 'A rule that would open the connection is masked by an earlier one',
    meaning:
      'A later rule accepts what the baseline needs, but an earlier rule takes these packets first, so the accepting rule never sees them.',
    mend: 'Narrow the earlier rule, or accept exactly these packets before it. Move the accepting rule only where it accepts nothing else that the earlier one is meant to take.',
    severity: 'high',
  }),
  rule('half-open', {
    code: 'conflicting',
    title: 'The first packet passes, but not the whole connection',
    meaning:
      'The connection can begin, but its reply or the packet after the reply is refused, so it never carries data.',
    mend: 'Let the rest of the connection through, usually with a rule that accepts established and related packets in both directions, before any rule that drops them.',
    severity: 'high',
  }),
  rule('families-disagree', {
    code: 'conflicting',
    title: 'IPv4 and IPv6 disagree',
    meaning:
      'A documented connection is open in one address family and closed in the other, while both ends have addresses in both.',
    mend: 'Give both families the same rule, or remove the addresses of the family that is not used from the deployment.',
    severity: 'medium',
    severityNote: 'info where the addresses of the party are not bound',
  }),
  rule('layers-disagree', {
    code: 'conflicting',
    title: 'One layer opens what another closes',
    meaning: 'One layer of the host lets a needed connection through, and another layer refuses it.',
    mend: 'Open the connection in the layer that refuses it too.',
    severity: 'high',
  }),
  rule('documents-disagree', {
    code: 'conflicting',
    title: 'One baseline needs what another prohibits',
    meaning:
      'Two baselines of this host contradict each other about the same connection; no configuration meets both.',
    mend: 'Decide which document holds for this host, and waive or correct the other row.',
    severity: 'high',
  }),
  rule(WAIVER_EXPIRED, {
    code: 'conflicting',
    title: 'A waiver has expired',
    meaning:
      'A waiver covered these packets of a finding, and its last day has passed. The finding counts again, and the exception has outlived what was approved.',
    mend: 'Mend the finding and remove the waiver, or have it approved anew with a new last day.',
    severity: 'medium',
  }),
  rule('closed', {
    code: 'missing',
    title: 'A needed connection is closed',
    meaning: 'Nothing of what the row needs gets through.',
    mend: 'Add a rule that accepts these packets, before any rule that drops them.',
    severity: 'high',
  }),
  rule('partly-closed', {
    code: 'missing',
    title: 'A needed connection is partly closed',
    meaning: 'Some of what the row needs gets through, and the packets shown here do not.',
    mend: 'Widen the accepting rule to the addresses, ports or interfaces shown here, or correct the deployment if the party does not have them.',
    severity: 'high',
  }),
  rule('loopback-service-exposed', {
    code: 'excessive',
    title: 'A service for the loopback interface is reachable from outside',
    meaning:
      'The baseline lists this port for the loopback interface only, and packets from other interfaces reach it.',
    mend: 'Accept the port on `lo` only; drop it on every other interface.',
    severity: 'medium',
    severityNote: 'high where it is open to public addresses',
  }),
  rule('wider-than-documented', {
    code: 'excessive',
    title: 'A documented connection is open to more than the document says',
    meaning:
      'The port is documented, but the rule lets parties through that the document does not name for it.',
    mend: 'Narrow the accepting rule to the documented parties, or bind the missing party to its role in the deployment. Where a policy lets these packets through, accept what is documented, replies too, and let the policy drop the rest.',
    severity: 'medium',
    severityNote: 'high where it is open to public addresses, low for outbound connections',
  }),
  rule('undocumented-opening', {
    code: 'excessive',
    title: 'An opening that no document asks for',
    meaning: 'The host lets these packets through, and no row of its baselines documents them.',
    mend: 'Narrow the accepting rule to what is documented, or remove it if nothing of it is; or document the connection in a baseline of this host. Where a policy lets these packets through, accept what is documented, replies too, and let the policy drop the rest.',
    severity: 'medium',
    severityNote: 'high where it is open to public addresses, low for outbound connections',
  }),
];

const byId = new Map(RULES.map((record) => [record.id, record]));

/** The record of a finding's `rule`, if there is one. */
export function ruleRecord(id: string): RuleRecord | undefined {
  return byId.get(id);
}
