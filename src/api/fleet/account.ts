import { checkHost } from '../../compare/check-host.ts';
import { Spaces } from '../../compare/view/spaces.ts';
import type { CoverageLine, Report } from '../../finding/report.ts';
import { packageVersion } from '../../package.ts';
import { hostJson } from '../../report/json.ts';
import type { CoverageEntry } from '../../rule/ruleset.ts';
import { type Result, success } from '../../text/diagnostic.ts';
import { placesOf } from '../check.ts';
import { coverageLine, type HostFiles, readHostFiles } from '../host/host.ts';
import { type HostPlace, judgeHost } from '../host/judge.ts';
import { type CheckRequest, planOf, type Task } from '../plan.ts';
import { uniqueBaselines } from '../report-builder.ts';
import { unreviewed } from '../audit/unreviewed.ts';
import { type PackedDiagnostic, packDiagnostic } from './packed.ts';
import { type HostOutcome, type HostRecord, recordOf } from './record.ts';

/** The exports of one account, every point of which is a host of the same role. */
export type AccountRequest = Pick<CheckRequest, 'configs' | 'baselines' | 'files' | 'as'>;

/** What a report of an account says before its hosts: there is no deployment. */
export type AccountHeader = Pick<Report, 'tool' | 'baselines'>;

/** What became of some points. */
export interface PointsOutcome {
  readonly outcomes: readonly HostOutcome[];
  readonly warnings: readonly PackedDiagnostic[];
  /** How many points the account has. */
  readonly total: number;
}

/**
 * What a report of the account says before its hosts, and what is told beside it. Reads the baselines, not the exports; fails where
 * they or the role are wrong.
 */
export function accountHeader(request: AccountRequest): Result<AccountHeader> {
  const planned = planOf(request);
  if (!planned.ok) return planned;
  const { baselines } = planned.value;
  const tool = { name: 'postern', version: packageVersion() } as const;
  return success({ tool, baselines: uniqueBaselines(baselines) }, [
    ...planned.warnings,
    ...unreviewed(baselines),
  ]);
}

/** An account's exports, read once for any number of its points; `check` of the same files gives the same report. */
export class AccountSite {
  /** Coverage that this worker has told: most of it is the account's, and every point has it. */
  private readonly told = new Set<CoverageEntry>();
  private readonly spaces = new Spaces();
  private toldWarnings: readonly PackedDiagnostic[];

  private constructor(
    private readonly files: HostFiles,
    private readonly places: readonly HostPlace[],
    warnings: readonly PackedDiagnostic[],
  ) {
    this.toldWarnings = warnings;
  }

  /** Reads the exports and finds the points. */
  static async open(request: AccountRequest): Promise<Result<AccountSite>> {
    const planned = planOf(request);
    if (!planned.ok) return planned;
    const [task] = planned.value.tasks as [Task];
    const read = await readHostFiles(task.configs);
    if (!read.ok) return read;
    const places = placesOf(task, read.value);
    if (!places.ok) return places;
    const warnings = [...read.warnings, ...places.warnings].map(packDiagnostic);
    return success(new AccountSite(read.value, places.value, warnings));
  }

  /** Checks the points at these places, one after the other; places beyond the last are passed over. */
  check(indices: readonly number[]): PointsOutcome {
    const warnings = this.toldWarnings;
    this.toldWarnings = [];
    const outcomes = indices.flatMap((index): HostOutcome[] => {
      const place = this.places[index];
      return place === undefined ? [] : [this.outcome(index, place)];
    });
    return { outcomes, warnings, total: this.places.length };
  }

  private outcome(index: number, place: HostPlace): HostOutcome {
    const result = this.one(index, place);
    if (result.ok) return { ok: true, record: result.value, cached: false };
    return { ok: false, index, name: place.host.name, errors: result.errors.map(packDiagnostic) };
  }

  private one(index: number, place: HostPlace): Result<HostRecord> {
    const judged = judgeHost(this.files, place, (ruleset, tell) =>
      this.spaces.run(ruleset, (space) => checkHost(place.host, ruleset, tell, undefined, space)),
    );
    if (!judged.ok) return judged;
    const { value, inputs, coverage } = judged.value;
    return success(
      recordOf(index, value, {
        inputs,
        coverage: this.news(coverage),
        warnings: judged.warnings.map(packDiagnostic),
        text: hostJson(value),
      }),
    );
  }

  private news(coverage: readonly CoverageEntry[]): CoverageLine[] {
    const news = coverage.filter((entry) => !this.told.has(entry));
    for (const entry of news) this.told.add(entry);
    return news.map(coverageLine);
  }
}
