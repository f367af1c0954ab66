import { familiesOf, openingsOf } from '../compare/openings.ts';
import type { OpeningsReport } from '../finding/report.ts';
import type { HookName } from '../packet/packet.ts';
import { type Result, success } from '../text/diagnostic.ts';
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
  const { ruleset, coverage } = host.value;
  return guarded(request.configs[0]?.path, () =>
    success(
      {
        schemaVersion: '1',
        families: familiesOf(ruleset),
        openings: openingsOf(ruleset, request.hook),
        coverage: coverageLines(coverage),
      },
      host.warnings,
    ),
  );
}
