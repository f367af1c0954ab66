import type { FindingCode, Report, ReportInput } from '../../finding/report.ts';
import { allFindings, type HostFinding, splitWaived } from '../all-findings.ts';
import { neutralLine } from '../neutral-json.ts';
import { jsonLine } from '../visible.ts';
import { familiesNotAssessed, notJudged, unreviewedBaselines } from '../not-looked-at.ts';
import { count } from '../wrap.ts';
import { describedFiles } from '../described.ts';
import { type ResultContext, message, resultOf } from './result.ts';
import { descriptorsOf } from './rules.ts';
import { artifactLocation } from './uri.ts';

/** What of a report becomes a SARIF log. */
export interface SarifOptions {
  /** Keep waived findings, each with its suppression; without it they are left out and counted. */
  readonly full?: boolean;
}

/** GitHub's limits ("SARIF results exceed one or more limits"): results in a run, and how many it shows of them. */
const MAXIMUM_RESULTS = 25_000;
/**
 * Bytes of all results. GitHub takes ten megabytes compressed; text of printable ASCII, even a random one, shrinks to 82 in a
 * hundred parts or less, so these are safe whatever a config's comments hold.
 */
const MAXIMUM_BYTES = 12_000_000;
/** Lines not taken exactly as written that are told one by one. */
const COVERAGE = 200;

/**
 * The report as SARIF 2.1.0 (OASIS Standard, 27 March 2020), one result a line, within what GitHub takes: one run, the worst
 * results first, and a notification for whatever is left out.
 */
export function* sarifChunks(report: Report, options: SarifOptions = {}): Generator<string> {
  const { open, waived } = splitWaived(allFindings(report));
  const chosen = options.full === true ? [...open, ...waived] : open;
  const codes = new Map<string, FindingCode>(chosen.map(({ finding }) => [finding.rule, finding.code]));
  const rules = descriptorsOf(codes);
  const { lines, leftOut } = resultLines(report, chosen, rules);
  const { version } = report.tool;
  const driver = { name: 'postern', version, semanticVersion: version, rules };
  const notifications = [
    ...cutNotices(leftOut, options.full === true ? 0 : waived.length),
    ...undeterminedNotices(report),
    ...scopeNotices(report),
    ...coverageNotices(report),
  ];
  yield '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{\n';
  yield `"tool":${jsonLine({ driver })},\n`;
  yield '"columnKind":"utf16CodeUnits",\n';
  yield `"originalUriBaseIds":${jsonLine({ '%SRCROOT%': { description: { text: 'The folder that postern was run in.' } } })},\n`;
  const invocation = { executionSuccessful: true, toolExecutionNotifications: notifications };
  yield `"invocations":${neutralLine([invocation])},\n`;
  yield `"artifacts":${neutralLine(report.inputs.map(artifact))},\n`;
  yield '"results":[';
  for (const [i, line] of lines.entries()) yield `${i === 0 ? '' : ','}\n${line}`;
  yield ']\n}]}\n';
}

/** The log of {@link sarifChunks} in one text. */
export function renderSarif(report: Report, options: SarifOptions = {}): string {
  return [...sarifChunks(report, options)].join('');
}

function resultLines(
  report: Report,
  findings: readonly HostFinding[],
  rules: readonly { readonly id: string }[],
): { lines: string[]; leftOut: number } {
  const context: ResultContext = {
    report,
    ruleIndex: new Map(rules.map(({ id }, i) => [id, i])),
    seen: new Map(),
    described: describedFiles(report),
    waivers: new Map((report.waivers ?? []).map((waiver) => [waiver.id, waiver])),
    ...(report.previous && { fresh: new Set(report.previous.new) }),
  };
  const lines: string[] = [];
  let bytes = 0;
  for (const finding of findings) {
    if (lines.length === MAXIMUM_RESULTS) break;
    const line = neutralLine(resultOf(context, finding));
    bytes += byteLength(line);
    if (bytes > MAXIMUM_BYTES) break;
    lines.push(line);
  }
  return { lines, leftOut: findings.length - lines.length };
}

const encoder = new TextEncoder();
const byteLength = (text: string): number => encoder.encode(text).length;

type Level = 'error' | 'warning' | 'note';

/** A notification about the run (SARIF 3.58). */
function notice(id: string, level: Level, text: string, place?: unknown): unknown {
  const locations = place === undefined ? {} : { locations: [{ physicalLocation: place }] };
  return { descriptor: { id }, level, message: { text: message(text) }, ...locations };
}

function cutNotices(leftOut: number, waived: number): unknown[] {
  const out: unknown[] = [];
  if (leftOut > 0) {
    const text = `${count(leftOut, 'finding')} left out, the least severe ones: a run holds at most ${MAXIMUM_RESULTS} results and ${MAXIMUM_BYTES / 1_000_000} megabytes of them. The JSON report has all.`;
    out.push(notice('results-left-out', 'error', text));
  }
  if (waived > 0) {
    const text = `${count(waived, 'waived finding')} left out; \`--format sarif-full\` keeps them with their suppressions.`;
    out.push(notice('waived-left-out', 'note', text));
  }
  return out;
}

function undeterminedNotices(report: Report): unknown[] {
  const { undetermined } = report.summary;
  if (undetermined === 0) return [];
  const text = `${count(undetermined, 'connection')} could not be judged; the JSON report says why.`;
  return [notice('undetermined', 'warning', text)];
}

function scopeNotices(report: Report): unknown[] {
  return [
    ...familiesNotAssessed(report).map((text) => notice('not-assessed', 'warning', `${text}.`)),
    ...unreviewedBaselines(report).map((text) => notice('unreviewed-baseline', 'warning', `${text}.`)),
    ...notJudged(report).map((text) => notice('not-judged', 'note', `${text}.`)),
  ];
}

function coverageNotices(report: Report): unknown[] {
  const shown = report.coverage.slice(0, COVERAGE).map(({ file, line, status, reason }) =>
    notice('coverage', status === 'unrecognised' ? 'warning' : 'note', `${status}: ${reason}`, {
      artifactLocation: artifactLocation(file),
      region: { startLine: line },
    }),
  );
  const rest = report.coverage.length - shown.length;
  if (rest <= 0) return shown;
  const text = `${count(rest, 'more line')} not taken exactly as written; the JSON report lists all.`;
  return [...shown, notice('coverage', 'warning', text)];
}

function artifact({ path, format, sha256, captured }: ReportInput): unknown {
  return {
    location: artifactLocation(path),
    roles: ['analysisTarget'],
    hashes: { 'sha-256': sha256 },
    properties: {
      format,
      ...(captured && { captured: { at: captured.at, by: captured.by, from: captured.from } }),
    },
  };
}
