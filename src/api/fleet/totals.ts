import { controlsOf } from '../../finding/controls-report.ts';
import {
  type CoverageLine,
  type HostReport,
  type Report,
  type ReportInput,
  SEVERITIES,
} from '../../finding/report.ts';
import { jsonChunks } from '../../report/json.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { append } from '../append.ts';
import type { AccountHeader } from './account.ts';
import { coverageKey, orderCoverage } from '../host/host.ts';
import type { Threshold } from '../audit/threshold.ts';
import { type PackedDiagnostic, unpackDiagnostic } from './packed.ts';
import type { HostRecord } from './record.ts';
import { addTally, emptyTally, summaryFrom, tallyExceeds } from './tally.ts';

/** What a report of many hosts says beside them. It grows with the number of files, not with that of findings. */
export class FleetTotals {
  private readonly inputs = new Map<string, ReportInput>();
  private readonly coverage = new Map<string, CoverageLine>();
  private readonly told = new Map<string, Diagnostic>();
  private readonly tally = emptyTally();

  /** Another host, in the order of the report. */
  add(record: Omit<HostRecord, 'text'>): void {
    for (const input of record.inputs) if (!this.inputs.has(input.path)) this.inputs.set(input.path, input);
    for (const line of record.coverage) this.coverage.set(coverageKey(line), line);
    addTally(this.tally, record.tally);
    this.warn(record.warnings);
  }

  /** What is to be told beside the report; the same is told once. */
  warn(warnings: readonly PackedDiagnostic[]): void {
    for (const one of warnings) {
      const key = JSON.stringify(one);
      if (!this.told.has(key)) this.told.set(key, unpackDiagnostic(one));
    }
  }

  get warnings(): Diagnostic[] {
    return [...this.told.values()];
  }

  /** The paths of all configs. */
  get paths(): string[] {
    return [...this.inputs.keys()];
  }

  /** Whether the report fails at the threshold. */
  exceeds(threshold: Threshold): boolean {
    return tallyExceeds(this.tally, threshold, SEVERITIES);
  }

  /** The report around its hosts. */
  around(header: AccountHeader & Pick<Report, 'deployment'>): Report {
    const rules = Object.entries(this.tally.rules).map(
      ([key, findings]) => [key, { findings, waived: 0 }] as const,
    );
    const states = Object.entries(this.tally.states).map(
      ([key, connections]) => [key, { connections }] as const,
    );
    return {
      schemaVersion: '1',
      tool: header.tool,
      inputs: [...this.inputs.values()],
      baselines: header.baselines,
      ...(header.deployment === undefined ? {} : { deployment: header.deployment }),
      hosts: [],
      coverage: orderCoverage([...this.coverage.values()]),
      controls: controlsOf({ rules: new Map(rules), states: new Map(states) }),
      summary: summaryFrom(this.tally),
    };
  }
}

const NO_HOSTS = '\n  "hosts": [],\n';

/**
 * The JSON report, as `--format json` writes it for the same hosts in memory.
 * @param texts what the records have for each host, in order: text, or the same in UTF-8
 */
export function* fleetJson<T extends string | Uint8Array>(
  around: Report,
  texts: Iterable<T>,
): Generator<string | T> {
  const text = [...jsonChunks(around)].join('');
  // Keys of the report itself are indented by two spaces, all others by more, and no text in JSON has a line break.
  const at = text.indexOf(NO_HOSTS);
  yield text.slice(0, at);
  let before = '\n  "hosts": [\n    ';
  for (const host of texts) {
    yield before;
    yield host;
    before = ',\n    ';
  }
  yield before === ',\n    ' ? '\n  ],\n' : NO_HOSTS;
  yield text.slice(at + NO_HOSTS.length);
}

/** The report as one object, for formats that need all of it at once. */
export function fleetReport(around: Report, texts: Iterable<string>): Report {
  const hosts: HostReport[] = [];
  append(hosts, parsedHosts(texts));
  return { ...around, hosts };
}

/** The hosts that the texts are of. */
export function* parsedHosts(texts: Iterable<string>): Generator<HostReport> {
  for (const text of texts) yield JSON.parse(text) as HostReport;
}
