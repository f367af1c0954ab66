import type { ConnectionReport, Finding, HostReport, Report, Severity } from '../finding/report.ts';
import {
  type ControlReference,
  controlsOfRule,
  controlsOfState,
  FRAMEWORKS,
  stateOf,
  wayOf,
} from '../finding/controls.ts';
import { mendOf } from '../finding/mend.ts';
import { allFindings, anchorOf } from './all-findings.ts';
import { describeBox, describeTranslated } from './describe.ts';
import { directionWords } from './directions.ts';
import { evidenceText } from './finding-lines.ts';
import { findingTitle } from './finding-title.ts';
import { witnessShape } from './json.ts';
import { neutralLine } from './neutral-json.ts';
import { unreviewedBaselines } from './not-looked-at.ts';
import { reportIdentity, uuid } from './uuid.ts';
import { type ReportTime, reportTime, TIME_REMARKS } from './when.ts';

/** The edition of the schema (schema.ocsf.io) that events are of. */
export const OCSF_VERSION = '1.3.0';

const SEVERITY: Readonly<Record<Severity, readonly [id: number, caption: string]>> = {
  info: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
};

/** `compliance.status_id`: how a check came out. */
const PASS = [1, 'Pass'] as const;
const WARNING = [2, 'Warning'] as const;
const FAIL = [3, 'Fail'] as const;

/** `status_id` of a finding: `Suppressed` is what a waiver does. */
const NEW = [1, 'New'] as const;
const SUPPRESSED = [3, 'Suppressed'] as const;

const FAMILIES = [
  ['ipv4', 'IPv4'],
  ['ipv6', 'IPv6'],
] as const;

/** How much of a finding an event repeats; the JSON report has all. */
const BOXES = 20;
const EVIDENCE = 20;

interface Context {
  readonly report: Report;
  readonly time: ReportTime;
  readonly identity: string;
}

/** What differs between the events of findings and of connections. */
interface Check {
  readonly uid: string;
  readonly title: string;
  readonly desc: string;
  readonly severity: readonly [number, string];
  readonly outcome: readonly [number, string];
  readonly status: readonly [number, string];
  readonly code: string;
  readonly control: string;
  readonly controls: readonly ControlReference[];
  readonly mend?: string;
  readonly rest: Readonly<Record<string, unknown>>;
}

/**
 * The report as OCSF Compliance Finding events (class 2003), one JSON object a line: a failed check for each finding, a passed
 * one for each row that had to be open or closed and is, a warning for each that could not be judged and for what was not looked
 * at of a host.
 */
export function* ocsfChunks(report: Report): Generator<string> {
  const context = { report, time: reportTime(report), identity: reportIdentity(report) };
  for (const { host, finding } of allFindings(report))
    yield event(context, host, findingCheck(report, finding));
  for (const host of report.hosts) {
    for (const connection of host.connections) {
      const check = connectionCheck(host, connection);
      if (check !== undefined) yield event(context, host, check);
    }
    const scope = scopeCheck(report, host);
    if (scope !== undefined) yield event(context, host, scope);
  }
}

function findingCheck(report: Report, finding: Finding): Check {
  const mend = mendOf(finding);
  const place = anchorOf(report, finding);
  return {
    uid: uuid('finding', finding.fingerprint),
    title: findingTitle(finding),
    desc: finding.message,
    severity: SEVERITY[finding.severity],
    outcome: FAIL,
    status: finding.waived === undefined ? NEW : SUPPRESSED,
    code: finding.code,
    control: finding.rule,
    controls: controlsOfRule(finding.rule, wayOf(finding)),
    ...(mend !== undefined && { mend }),
    rest: {
      fingerprint: finding.fingerprint,
      certainty: finding.certainty,
      baseline: finding.baseline,
      connection: finding.connection,
      document: finding.document && `${finding.document.row}: ${finding.document.text}`,
      family: finding.family,
      hook: finding.hook,
      file: place.file,
      line: place.line,
      packets: finding.packets.slice(0, BOXES).map(describeBox),
      packets_left_out: Math.max(finding.packets.length - BOXES, 0) || undefined,
      translated: finding.translated && describeTranslated(finding.translated),
      depends_on: finding.dependsOn,
      evidence: finding.evidence.slice(0, EVIDENCE).map(evidenceText),
      evidence_left_out: Math.max(finding.evidence.length - EVIDENCE, 0) || undefined,
      witness: witnessShape(finding.witness),
      waiver: finding.waived,
      known: finding.known,
    },
  };
}

/** Rows whose state is told by findings, or says nothing (optional, not applicable, waived), have no event of their own. */
function connectionCheck(host: HostReport, row: ConnectionReport): Check | undefined {
  const state = stateOf(row);
  if (state === undefined && row.status !== 'undetermined') return undefined;
  const what = state === 'prohibited-closed' ? 'is closed, as it must be' : 'is open, as it must be';
  return {
    uid: uuid('connection', host.name, row.baseline, row.id, row.direction),
    title: `${row.baseline}: ${row.id} (${row.direction})`,
    desc: state === undefined ? `It could not be judged. ${row.reason ?? ''}`.trim() : `The row ${what}.`,
    severity: SEVERITY.info,
    outcome: state === undefined ? WARNING : PASS,
    status: NEW,
    code: row.status,
    control: state ?? 'undetermined',
    controls: state === undefined ? [] : controlsOfState(state, row.direction),
    rest: {
      baseline: row.baseline,
      connection: row.id,
      direction: row.direction,
      level: row.level,
      document: `${row.document.row}: ${row.document.text}`,
    },
  };
}

/** A host without findings of which a family, a direction or a party was left out must not read like one in order. */
function scopeCheck(report: Report, host: HostReport): Check | undefined {
  const open = directionWords(host)?.open ?? [];
  const said = [
    ...FAMILIES.filter(([id]) => host.families[id] === 'not-assessed').map(
      ([, name]) => `${name} was not assessed, so it is neither open nor closed`,
    ),
    ...(open.length > 0 ? [`Excess was not looked for in these directions: ${open.join(', ')}`] : []),
    ...(host.unbound.length > 0
      ? [`Openings towards roles that nothing binds could not be judged: ${host.unbound.join(', ')}`]
      : []),
  ];
  said.push(...unreviewedBaselines(report));
  if (said.length === 0) return undefined;
  return {
    uid: uuid('scope', host.name),
    title: 'What was not judged',
    desc: `${said.join('. ')}.`,
    severity: SEVERITY.info,
    outcome: WARNING,
    status: NEW,
    code: 'not-assessed',
    control: 'not-assessed',
    controls: [],
    rest: {
      families: host.families,
      excess_not_looked_for: open,
      unbound: host.unbound,
    },
  };
}

function event(context: Context, host: HostReport, check: Check): string {
  const { report, time } = context;
  const value = {
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2003,
    class_name: 'Compliance Finding',
    type_uid: 200301,
    type_name: 'Compliance Finding: Create',
    time: time.milliseconds,
    severity_id: check.severity[0],
    severity: check.severity[1],
    status_id: check.status[0],
    status: check.status[1],
    message: `${host.name}: ${check.desc}`,
    metadata: metadata(context, host, check),
    finding_info: { uid: check.uid, title: check.title, desc: check.desc, types: [check.control] },
    compliance: compliance(check),
    resources: [
      { uid: uuid('host', host.name), name: host.name, type: 'host', labels: [`role:${host.role}`] },
    ],
    ...(check.mend !== undefined && { remediation: { desc: check.mend } }),
    unmapped: { ...check.rest, time_remark: TIME_REMARKS[time.from], as_of: report.asOf },
  };
  return `${neutralLine(value)}\n`;
}

function metadata({ report, identity }: Context, host: HostReport, check: Check): unknown {
  return {
    version: OCSF_VERSION,
    uid: uuid('event', identity, host.name, check.uid),
    product: { name: 'postern', vendor_name: 'postern', version: report.tool.version },
  };
}

/** `standards` is required; a check that no framework asks for is held against the site's own baseline. */
function compliance(check: Check): unknown {
  const frameworks = FRAMEWORKS.filter(({ id }) => check.controls.some(({ framework }) => framework === id));
  return {
    control: check.control,
    standards:
      frameworks.length === 0
        ? ['documented baseline']
        : frameworks.map(({ title, version }) => `${title} ${version}`),
    requirements: check.controls.map(
      ({ framework, requirement, strength }) => `${framework}:${requirement} (${strength})`,
    ),
    status: check.outcome[1],
    status_id: check.outcome[0],
    status_code: check.code,
    status_detail:
      'The requirements are those that this check evidences, and how directly; it does not say whether they are met.',
  };
}
