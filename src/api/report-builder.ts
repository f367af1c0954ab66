import type { Baseline } from '../baseline/baseline.ts';
import { controlsReport } from '../finding/controls-report.ts';
import type {
  FileExcerpt,
  FindingCode,
  HostReport,
  Report,
  ReportInput,
  Summary,
} from '../finding/report.ts';
import { packageVersion } from '../package.ts';
import { sortFindings } from '../report/order.ts';
import type { CoverageEntry } from '../rule/ruleset.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import { append } from './append.ts';
import { coverageLines } from './host/host.ts';
import { HostProblems } from './host/problems.ts';
import { type InputFile, sha256 } from './input.ts';

/** Gathers what the hosts give into one report, or the problems into one failure. */
export class ReportBuilder {
  private readonly hosts: HostReport[] = [];
  private readonly inputs = new Map<string, ReportInput>();
  /** Hosts of one account share what its exports tell; it is kept once. */
  private readonly coverage = new Set<CoverageEntry>();
  private readonly excerpts = new Map<string, Map<number, string>>();
  private readonly problems = new HostProblems();
  private readonly warnings: Diagnostic[] = [];

  constructor(
    private readonly baselines: readonly Baseline[],
    private readonly deployment: InputFile | undefined,
  ) {}

  /** A host that was checked, with its configs. A config that several hosts share is listed once. */
  add(host: HostReport, inputs: readonly ReportInput[], coverage: readonly CoverageEntry[]): void {
    this.hosts.push({ ...host, findings: sortFindings(host.findings) });
    for (const input of inputs) if (!this.inputs.has(input.path)) this.inputs.set(input.path, input);
    for (const entry of coverage) this.coverage.add(entry);
  }

  /** Config lines to quote around evidence, of one host. */
  quote(excerpts: readonly FileExcerpt[]): void {
    for (const { file, lines } of excerpts) {
      const known = this.excerpts.get(file) ?? new Map<number, string>();
      this.excerpts.set(file, known);
      for (const { line, text } of lines) known.set(line, text);
    }
  }

  /** Reasons why there can be no report: what is wrong with a host. */
  fail(host: string, errors: readonly Diagnostic[]): void {
    for (const error of errors) this.problems.add(host, error);
  }

  /** What is to be told beside the report. */
  warn(warnings: readonly Diagnostic[]): void {
    append(this.warnings, warnings);
  }

  /** The report; all problems where there are any. */
  finish(): Result<Report> {
    if (!this.problems.isEmpty) return failure(...this.problems.list(false));
    const { deployment } = this;
    const report: Report = {
      schemaVersion: '1',
      tool: { name: 'postern', version: packageVersion() },
      inputs: [...this.inputs.values()],
      baselines: uniqueBaselines(this.baselines),
      ...(deployment === undefined
        ? {}
        : { deployment: { path: deployment.path, sha256: sha256(deployment.bytes) } }),
      hosts: this.hosts,
      coverage: coverageLines([...this.coverage]),
      controls: controlsReport(this.hosts),
      ...(this.excerpts.size === 0 ? {} : { excerpts: this.quoted() }),
      summary: summaryOf(this.hosts),
    };
    return success(report, this.warnings);
  }

  private quoted(): FileExcerpt[] {
    return [...this.excerpts].map(([file, lines]) => ({
      file,
      lines: [...lines].sort(([a], [b]) => a - b).map(([line, text]) => ({ line, text })),
    }));
  }
}

/** The baselines as a report names them, each once. */
export function uniqueBaselines(baselines: readonly Baseline[]): Report['baselines'] {
  const found = new Map(baselines.map((baseline) => [baseline.sha256, baseline]));
  return [...found.values()].map(({ id, title, document, sha256: hash, rows, review }) => {
    const waiting = rows.filter((row) => row.review.length > 0).length;
    const unreviewed = { rows: waiting, document: review.length };
    const isDraft = waiting > 0 || review.length > 0;
    return { id, title, document, sha256: hash, ...(isDraft ? { unreviewed } : {}) };
  });
}

function summaryOf(hosts: readonly HostReport[]): Summary {
  const findings = hosts.flatMap((host) => host.findings);
  const connections = hosts.flatMap((host) => host.connections);
  const having = (code: FindingCode): number => findings.filter((finding) => finding.code === code).length;
  return {
    missing: having('missing'),
    excessive: having('excessive'),
    conflicting: having('conflicting'),
    undetermined: connections.filter(({ status }) => status === 'undetermined').length,
    satisfied: connections.filter(({ status }) => status === 'satisfied').length,
  };
}
