import type { ConnectionReport, Finding, HostReport, Report } from '../finding/report.ts';
import { directionWords } from './directions.ts';
import { circumstancesOf, factsOf } from './finding-lines.ts';
import { unreviewedBaselines } from './not-looked-at.ts';
import { sortFindings } from './order.ts';
import { attributes, xmlLines, xmlText } from './xml.ts';

/**
 * The report as JUnit XML, valid against Jenkins' schema (junit-4.xsd): a suite for each host, a case for each documented
 * connection, and a case for each finding that is about no documented connection or about more than one documents. A waived
 * case is skipped, an undetermined one is an error, everything else that is wrong is a failure.
 */
export function* junitChunks(report: Report): Generator<string> {
  const suites = report.hosts.map((host) => ({ host, cases: casesOf(host) }));
  const all = suites.flatMap(({ cases }) => cases);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  const { tests, failures, errors } = totals(all);
  yield `<testsuites${attributes({ name: 'postern', tests, failures, errors })}>\n`;
  for (const [i, { host, cases }] of suites.entries()) {
    yield `  <testsuite${attributes({ name: host.name, ...totals(cases), id: i, package: 'postern' })}>\n`;
    yield* properties(report, host);
    for (const one of cases) yield* caseText(host, one);
    yield '  </testsuite>\n';
  }
  yield '</testsuites>\n';
}

type Outcome = 'passed' | 'skipped' | 'error' | 'failure';

interface Case {
  readonly name: string;
  readonly group: string;
  readonly outcome: Outcome;
  /** What is said about a case that did not pass; made when it is written, as there may be a million. */
  readonly notes: () => readonly Note[];
}

interface Note {
  readonly type: string;
  readonly message: string;
  readonly lines: readonly string[];
}

function casesOf(host: HostReport): Case[] {
  const rows = new Map<string, ConnectionReport[]>();
  for (const row of host.connections) listIn(rows, keyOf(row.baseline, row.id)).push(row);
  const ofRow = new Map<ConnectionReport, Finding[]>();
  const alone: Finding[] = [];
  for (const finding of sortFindings(host.findings)) {
    const named =
      finding.code === 'excessive' ? undefined : rows.get(keyOf(finding.baseline, finding.connection));
    // A row that is about two directions is two connections, and a finding says only which row it is of.
    const row = named?.find(({ status }) => status !== 'satisfied') ?? named?.[0];
    if (row === undefined) alone.push(finding);
    else listIn(ofRow, row).push(finding);
  }
  return [...host.connections.map((row) => rowCase(row, ofRow.get(row) ?? [])), ...alone.map(findingCase)];
}

function listIn<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

const keyOf = (baseline: string | undefined, id: string | undefined): string =>
  JSON.stringify([baseline, id]);

function rowCase(row: ConnectionReport, findings: readonly Finding[]): Case {
  const open = findings.filter(counts);
  const reason: Note = {
    type: row.status,
    message: `${row.status}${row.reason === undefined ? '' : `: ${row.reason}`}`,
    lines: [`document: ${row.document.row}: “${row.document.text}”`],
  };
  const [outcome, notes] = judge(row, findings, open, reason);
  return { name: `${row.id} (${row.direction})`, group: row.baseline, outcome, notes };
}

function judge(
  { status }: ConnectionReport,
  findings: readonly Finding[],
  open: readonly Finding[],
  reason: Note,
): [Outcome, Case['notes']] {
  if (status === 'undetermined') return ['error', () => [reason, ...open.map(noteOf)]];
  if (open.length > 0) return ['failure', () => open.map(noteOf)];
  if (findings.length > 0) return ['skipped', () => [waivedNote(findings)]];
  if (status === 'waived' || status === 'not-applicable') return ['skipped', () => [reason]];
  return status === 'satisfied' ? ['passed', () => []] : ['failure', () => [reason]];
}

function findingCase(finding: Finding): Case {
  const about = finding.connection === undefined ? '' : ` ${finding.connection}`;
  const name = `${finding.rule}${about} (${circumstancesOf(finding)}) ${finding.fingerprint.slice(0, 12)}`;
  const group = finding.code;
  if (!counts(finding)) return { name, group, outcome: 'skipped', notes: () => [waivedNote([finding])] };
  return { name, group, outcome: 'failure', notes: () => [noteOf(finding)] };
}

function noteOf(finding: Finding): Note {
  return {
    type: finding.rule,
    message: `${finding.severity} ${finding.code}: ${finding.message}`,
    lines: [circumstancesOf(finding), ...factsOf(finding).map(([label, text]) => `${label}: ${text}`)],
  };
}

/** A waived finding fails nothing, nor does a known one. */
const counts = ({ waived, known }: Finding): boolean => waived === undefined && known !== true;

function waivedNote(findings: readonly Finding[]): Note {
  const lines = findings.map(
    ({ waived, rule, message }) =>
      `${waived === undefined ? 'known' : `waiver ${waived}`}: ${rule}: ${message}`,
  );
  const word = findings.every(({ waived }) => waived === undefined) ? 'known' : 'waived';
  return { type: word, message: word, lines };
}

function totals(cases: readonly Case[]): {
  tests: number;
  failures: number;
  errors: number;
  skipped?: number;
} {
  const of = (outcome: Outcome): number => cases.filter((one) => one.outcome === outcome).length;
  return { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') };
}

function* properties(report: Report, host: HostReport): Generator<string> {
  const open = directionWords(host)?.open ?? [];
  const drafts = unreviewedBaselines(report);
  const values = {
    'postern.version': report.tool.version,
    role: host.role,
    'family.ipv4': host.families.ipv4,
    'family.ipv6': host.families.ipv6,
    ...(open.length > 0 && { 'excess.not-looked-for': open.join(', ') }),
    ...(host.unbound.length > 0 && { unbound: host.unbound.join(', ') }),
    ...(drafts.length > 0 && { unreviewed: drafts.join('; ') }),
  };
  yield '    <properties>\n';
  for (const [name, value] of Object.entries(values))
    yield `      <property${attributes({ name, value })}/>\n`;
  yield '    </properties>\n';
}

function* caseText(host: HostReport, one: Case): Generator<string> {
  const classname = `${host.name}.${one.group}`;
  const head = `    <testcase${attributes({ name: one.name, classname })}`;
  if (one.outcome === 'passed') {
    yield `${head}/>\n`;
    return;
  }
  yield `${head}>\n`;
  for (const [i, note] of one.notes().entries()) yield noteText(one.outcome, note, i);
  yield '    </testcase>\n';
}

/** The first note says how the case ended; those of an undetermined case's findings follow as errors of their own. */
function noteText(outcome: Outcome, { type, message, lines }: Note, index: number): string {
  if (outcome === 'skipped')
    return index > 0 ? '' : `      <skipped>${xmlLines([message, ...lines])}</skipped>\n`;
  const element = outcome === 'error' ? 'error' : 'failure';
  return `      <${element}${attributes({ type, message })}>${xmlText(message)}\n${xmlLines(lines)}</${element}>\n`;
}
