import type { Report } from '../finding/report.ts';

/** Formats whose evidence is told in words: of a line of JSON nobody learns much. */
const DESCRIBED: ReadonlySet<string> = new Set(['aws', 'azure', 'gcp', 'openstack']);

/** The files whose evidence is no line of theirs, but what stands there in words. */
export function describedFiles({ inputs }: Pick<Report, 'inputs'>): ReadonlySet<string> {
  return new Set(inputs.flatMap(({ path, format }) => (DESCRIBED.has(format) ? path : [])));
}
