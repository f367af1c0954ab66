import type { FamilyCheck } from '../../compare/view/family-check.ts';
import { evidenceOf, fingerprintOf, oneLower } from '../../compare/finding/finding.ts';
import { splitFinding } from '../../compare/finding/part.ts';
import type { ConnectionReport, Finding, HostReport, Report } from '../../finding/report.ts';
import { ruleRecord, WAIVER_EXPIRED } from '../../finding/rules.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import { dayNumber } from '../../waiver/days.ts';
import { type FindingTools, WaiverDesk } from '../../waiver/desk.ts';
import { readWaivers } from '../../waiver/read-waivers.ts';
import type { Waiver } from '../../waiver/waiver.ts';
import { decode, type InputFile, sha256 } from '../input.ts';
import { ambiguous, warnings } from './waiver-warnings.ts';

/** A file of waivers at work: {@link adjust} for every host, then {@link finish}. */
export class WaiverFile {
  private readonly desk: WaiverDesk;

  private constructor(
    private readonly file: InputFile,
    waivers: readonly Waiver[],
    asOf: string,
  ) {
    this.desk = new WaiverDesk(waivers, asOf);
  }

  /** The waivers of a file. There is no clock here: a file of waivers without a day is an error. */
  static read(file: InputFile, asOf: string | undefined): Result<WaiverFile> {
    if (asOf === undefined) return failure(noDay(file.path));
    const decoded = decode(file);
    if (!decoded.ok) return decoded;
    const waivers = readWaivers(decoded.value.source);
    return waivers.ok ? success(new WaiverFile(file, waivers.value, asOf)) : waivers;
  }

  /** The host's report with its waived findings marked. */
  adjust(report: HostReport, checks: readonly FamilyCheck[]): HostReport {
    return this.desk.apply(report, toolsOf(report.name, checks));
  }

  /**
   * What the report says of the waivers, and what is to be told beside it; fails where a waiver could mean two things.
   * @param some whether only some hosts of the site were checked
   */
  finish(some: boolean): Result<Pick<Report, 'waiverFile' | 'waivers'>> {
    const outcomes = this.desk.outcomes(some);
    const errors = outcomes.flatMap(ambiguous);
    if (errors.length > 0) return failure(...errors);
    const waiverFile = { path: this.file.path, sha256: sha256(this.file.bytes) };
    return success({ waiverFile, waivers: outcomes.map(({ report }) => report) }, outcomes.flatMap(warnings));
  }
}

/** What dividing and telling findings of one host takes. */
export function toolsOf(host: string, checks: readonly FamilyCheck[]): FindingTools {
  const checkOf = ({ family }: Finding): FamilyCheck => {
    const check = checks.find((one) => one.family === (family === 'ipv4' ? 4 : 6));
    if (check === undefined) throw new Error(`a finding of ${family}, which was not assessed`);
    return check;
  };
  return {
    split: (finding, boxes) => splitFinding(checkOf(finding), finding, boxes),
    expired: (waiver, inside) => expiredFinding(host, waiver, inside),
    undecided: (connection) => isUndecided(connection, checks),
  };
}

function isUndecided({ baseline, id, direction }: ConnectionReport, checks: readonly FamilyCheck[]): boolean {
  const rows = checks[0]?.host.baselines.flatMap((one) => one.rows) ?? [];
  return rows.some(
    (row) =>
      row.baseline === baseline &&
      row.id === id &&
      row.direction === direction &&
      row.status === 'undetermined',
  );
}

function expiredFinding(host: string, waiver: Waiver, inside: Finding): Finding {
  const { path: _path, ends: _ends, waived: _waived, ...rest } = inside;
  const severity = ruleRecord(WAIVER_EXPIRED)?.severity ?? 'medium';
  return {
    ...rest,
    code: 'conflicting',
    rule: WAIVER_EXPIRED,
    severity: inside.certainty === 'possible' ? oneLower(severity) : severity,
    evidence: [evidenceOf(waiver.place, 'the waiver'), ...inside.evidence],
    message: `Waiver \`${waiver.id}\` (owner ${waiver.owner}) expired on ${waiver.expires}, and what it covered is still so. ${inside.message}`,
    fingerprint: fingerprintOf(host, { ...rest, rule: WAIVER_EXPIRED }),
  };
}

/** Checks `--as-of`. */
export function dayProblem(asOf: string): Diagnostic | undefined {
  if (dayNumber(asOf) !== undefined) return undefined;
  return {
    severity: 'error',
    code: 'usage',
    message: `\`${asOf.slice(0, 60)}\` is not a day`,
    expected: 'a day of the calendar as `YYYY-MM-DD`, in UTC',
  };
}

function noDay(path: string): Diagnostic {
  return {
    severity: 'error',
    code: 'usage',
    path,
    message: 'waivers expire, and postern has no clock: it is not said which day it is',
    help: 'say it with `--as-of YYYY-MM-DD`; in a shell, `--as-of "$(date -u +%F)"` is today',
  };
}
