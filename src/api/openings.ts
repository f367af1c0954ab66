import { familiesOf, openingsOf } from '../compare/openings.ts';
import type { OpeningsReport } from '../finding/report.ts';
import type { HookName } from '../packet/packet.ts';
import { type Result, success } from '../text/diagnostic.ts';
import { append } from './append.ts';
import { guarded } from './guard.ts';
import { coverageLines, loadHost } from './host.ts';
import type { InputFile } from './input.ts';

/** What `openings` is asked. */
export interface OpeningsRequest {
  /** The configs of one host. */
  readonly configs: readonly InputFile[];
  /** Only this hook; absent: all. */
  readonly hook?: HookName;
}

/** Everything that the configs of one host let through, exactly. */
export async function openings(request: OpeningsRequest): Promise<Result<OpeningsReport>> {
  const host = await loadHost(request.configs);
  if (!host.ok) return host;
  const { ruleset } = host.value;
  return guarded(request.configs[0]?.path, () => {
    const coverage = [...host.value.coverage];
    const found = openingsOf(ruleset, request.hook, (entries) => append(coverage, entries));
    const report: OpeningsReport = {
      schemaVersion: '1',
      families: familiesOf(ruleset),
      openings: found,
      coverage: coverageLines(coverage),
    };
    return success(report, host.warnings);
  });
}
