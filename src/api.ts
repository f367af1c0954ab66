/**
 * postern as a library: everything that the command line can do, on files in memory. Functions return values or
 * diagnostics and never throw for what is in an input; they read no file but the shipped baselines, and write nothing.
 */
export { check, type CheckRequest } from './api/check.ts';
export { formatDiagnostic, type DiagnosticOptions } from './api/diagnostic-text.ts';
export { diff, type DiffRequest } from './api/diff.ts';
export { extendedFiles } from './api/extends.ts';
export { blobHead, blobLines } from './api/fleet/blob.ts';
export { type BlobSource, mergeBlobs } from './api/fleet/merge.ts';
export { shardIndices } from './api/fleet/shard.ts';
export { FleetSite, type FleetRequest } from './api/fleet/site.ts';
export { fleetJson, fleetReport, FleetTotals } from './api/fleet/totals.ts';
export { INPUT_FORMATS } from './api/formats.ts';
export type { InputFile } from './api/input.ts';
export { openings, type OpeningsRequest } from './api/openings.ts';
export * from './api/render.ts';
export {
  type Layout,
  REPORT_FORMATS,
  type ReportFormat,
  type ReportRenderer,
  renderReport,
  reportRenderer,
} from './api/reports.ts';
export { type SiteFile, siteFiles } from './api/site.ts';
export { exceedsThreshold, type Threshold } from './api/audit/threshold.ts';
export { type Tracer, type TraceRequest, tracer } from './api/trace.ts';
export { validateBaselines } from './api/review.ts';
export { type Compared, verify } from './api/audit/verify.ts';
export { packageVersion } from './api/version.ts';
export { controlsOfRule, controlsOfState, FRAMEWORKS } from './finding/controls.ts';
export type * from './finding/report.ts';
export { RULES, type RuleRecord, ruleRecord } from './finding/rules.ts';
export type { InputFormat } from './formats/reader.ts';
export type { HookName } from './packet/packet.ts';
export type { Diagnostic, Result } from './text/diagnostic.ts';
export type { TraceAnswer } from './trace/trace.ts';
export type { Position, SourceFile, Span } from './text/source.ts';
