import { explain, listRules } from '../../api/explain.ts';
import { fail } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';

/** `postern explain [rule]`. */
export async function runExplain(
  streams: Streams,
  [rule]: readonly (string | undefined)[],
): Promise<ExitStatus> {
  const page = rule === undefined ? undefined : explain(rule);
  if (page?.ok === false) return fail(streams, page.errors);
  await streams.out.write(page?.value ?? listRules());
  return streams.out.failed ? 2 : 0;
}
