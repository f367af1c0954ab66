import type { Report } from '../finding/report.ts';

/** How a format is laid out where it is for reading: columns and colour. The other formats ignore it. */
export interface Layout {
  readonly colour: boolean;
  readonly width: number;
}

/** A report in one format, in pieces made one after the other. */
export type ReportRenderer = (report: Report, layout: Layout) => Iterable<string>;

/** Each format's renderer is loaded when somebody asks for it, so that a check pays for what it prints and no more. */
const LOADERS = {
  text: async () => (await import('../report/text.ts')).textChunks,
  json: async () => {
    const { jsonChunks } = await import('../report/json.ts');
    return (report: Report) => jsonChunks(report);
  },
  html: async () => (await import('../report/html/html.ts')).htmlChunks,
  sarif: async () => {
    const { sarifChunks } = await import('../report/sarif/sarif.ts');
    return (report: Report) => sarifChunks(report);
  },
  'sarif-full': async () => {
    const { sarifChunks } = await import('../report/sarif/sarif.ts');
    return (report: Report) => sarifChunks(report, { full: true });
  },
  junit: async () => (await import('../report/junit.ts')).junitChunks,
  gitlab: async () => (await import('../report/gitlab.ts')).gitlabChunks,
  github: async () => (await import('../report/github.ts')).githubChunks,
  'github-summary': async () => (await import('../report/github-summary.ts')).githubSummaryChunks,
  markdown: async () => (await import('../report/markdown/markdown.ts')).markdownChunks,
  csv: async () => (await import('../report/csv.ts')).csvChunks,
  oscal: async () => (await import('../report/oscal/oscal.ts')).oscalChunks,
  ocsf: async () => (await import('../report/ocsf.ts')).ocsfChunks,
} as const satisfies Record<string, () => Promise<ReportRenderer>>;

/** A format in which a report can be written (docs/formats.md). */
export type ReportFormat = keyof typeof LOADERS;

/** The formats, in the order in which help lists them. */
export const REPORT_FORMATS = Object.keys(LOADERS) as readonly ReportFormat[];

/** Formats that show more than findings, and are asked of `check` with `detail`. */
const DETAILED: ReadonlySet<string> = new Set<ReportFormat>(['html']);

/** Whether a format shows the detail that `check` makes on request (docs/report.md, "Detail"). */
export function wantsDetail(format: string): boolean {
  return DETAILED.has(format);
}

/** The renderer of a format. */
export function reportRenderer(format: ReportFormat): Promise<ReportRenderer> {
  return LOADERS[format]();
}

/** A report in a format, as one text: 80 columns and no colour where the format is for reading. */
export async function renderReport(report: Report, format: ReportFormat): Promise<string> {
  const render = await reportRenderer(format);
  return [...render(report, { colour: false, width: 80 })].join('');
}
