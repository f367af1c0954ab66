import type { CoverageLine, HostReport, ReportInput } from '../../finding/report.ts';
import type { PackedDiagnostic } from './packed.ts';
import { type Tally, tallyOf } from './tally.ts';

/** What a report says of one host, in parts that are put together later, perhaps in another process. */
export interface HostRecord {
  /** Its place among the hosts of the run, from 0. */
  readonly index: number;
  readonly name: string;
  readonly inputs: readonly ReportInput[];
  readonly coverage: readonly CoverageLine[];
  readonly tally: Tally;
  /** What is to be told beside the report. */
  readonly warnings: readonly PackedDiagnostic[];
  /** The host as the JSON report has it, indented as it stands there. */
  readonly text: string;
}

/** What became of one host: a record, or why there is none. */
export type HostOutcome =
  | { readonly ok: true; readonly record: HostRecord; readonly cached: boolean }
  | {
      readonly ok: false;
      readonly index: number;
      readonly name: string;
      readonly errors: readonly PackedDiagnostic[];
    };

/** A record of a host that was checked. */
export function recordOf(
  index: number,
  report: HostReport,
  parts: Pick<HostRecord, 'inputs' | 'coverage' | 'warnings' | 'text'>,
): HostRecord {
  return { index, name: report.name, tally: tallyOf(report), ...parts };
}
