import type { FamilyCheck } from '../../compare/view/family-check.ts';
import { controlsReport } from '../../finding/controls-report.ts';
import type { HostReport, Report } from '../../finding/report.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import { InlineComments } from './inline.ts';
import type { InputFile } from '../input.ts';
import { type KnownFile, markKnown, readKnown, staleWarnings } from './known.ts';
import { compareWithPrevious, type Earlier, readPrevious } from './previous.ts';
import { dayProblem, WaiverFile } from './waivers.ts';

/** What people have decided about findings, and what was found before: all of it is optional. */
export interface AuditRequest {
  /** A file of waivers (docs/waivers.md); it needs `asOf`. */
  readonly waivers?: InputFile;
  /** The day of the report, `YYYY-MM-DD` in UTC: postern has no clock. */
  readonly asOf?: string;
  /** Whether comments in configs may waive and expect (docs/inline-comments.md). */
  readonly inline?: boolean;
  /** A file of known findings (docs/known-findings.md). */
  readonly known?: InputFile;
  /** An earlier report as JSON. */
  readonly previous?: InputFile;
  /** Only these hosts of the deployment are checked. */
  readonly hosts?: readonly string[];
}

/** What a request asks of the findings beyond the comparison, read before anything is compared. */
export class Audit {
  private constructor(
    private readonly request: AuditRequest,
    private readonly waivers: WaiverFile | undefined,
    private readonly inline: InlineComments | undefined,
    private readonly known: KnownFile | undefined,
    private readonly earlier: Earlier | undefined,
  ) {}

  /** Reads the files of the request; fails with the problems of all of them. */
  static read(request: AuditRequest): Result<Audit> {
    const { asOf } = request;
    const wrongDay = asOf === undefined ? undefined : dayProblem(asOf);
    if (wrongDay !== undefined) return failure(wrongDay);
    const errors: Diagnostic[] = [];
    const read = <T>(file: InputFile | undefined, reader: (file: InputFile) => Result<T>): T | undefined => {
      const result = file === undefined ? undefined : reader(file);
      if (result?.ok === false) errors.push(...result.errors);
      return result?.ok ? result.value : undefined;
    };
    const waivers = read(request.waivers, (file) => WaiverFile.read(file, asOf));
    const known = read(request.known, readKnown);
    const earlier = read(request.previous, readPrevious);
    if (errors.length > 0) return failure(...errors);
    const inline = request.inline === true ? new InlineComments() : undefined;
    return success(new Audit(request, waivers, inline, known, earlier));
  }

  /** The host's report after waivers: those of the file first, then those of comments. */
  adjust(report: HostReport, checks: readonly FamilyCheck[]): HostReport {
    const waived = this.waivers?.adjust(report, checks) ?? report;
    return this.inline?.adjust(waived, checks) ?? waived;
  }

  /** The whole report with what became of waivers, known findings and the earlier report's. */
  finish(report: Report): Result<Report> {
    const restricted = (this.request.hosts ?? []).length > 0;
    const waived = this.waivers?.finish(restricted);
    if (waived?.ok === false) return waived;
    const checked = new Set(report.hosts.map(({ name }) => name));
    const marked = this.known && markKnown(report.hosts, this.known, restricted ? checked : undefined);
    const hosts = marked?.hosts ?? report.hosts;
    const whole: Report = {
      ...report,
      hosts,
      ...(this.request.asOf === undefined ? {} : { asOf: this.request.asOf }),
      ...(waived?.value ?? {}),
      ...(this.inline === undefined ? {} : { inline: this.inline.uses }),
      ...(marked === undefined ? {} : { known: marked.known }),
      ...(report.controls === undefined ? {} : { controls: controlsReport(hosts) }),
      summary: { ...report.summary, ...this.counts(hosts) },
    };
    const previous = this.earlier && compareWithPrevious(whole, this.earlier);
    const warnings = [
      ...(waived?.warnings ?? []),
      ...(this.inline?.warnings ?? []),
      ...(marked === undefined ? [] : staleWarnings(marked.known)),
    ];
    return success(previous === undefined ? whole : { ...whole, previous }, warnings);
  }

  private counts(hosts: readonly HostReport[]): Pick<Report['summary'], 'waived' | 'known'> {
    const findings = hosts.flatMap((host) => host.findings);
    const waives = this.waivers !== undefined || this.inline !== undefined;
    return {
      ...(waives ? { waived: findings.filter(({ waived }) => waived !== undefined).length } : {}),
      ...(this.known === undefined ? {} : { known: findings.filter(({ known }) => known === true).length }),
    };
  }
}
