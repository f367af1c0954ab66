import { familiesOf, openingsOf } from '../compare/openings.ts';
import type { Opening, OpeningsReport } from '../finding/report.ts';
import type { HookName } from '../packet/packet.ts';
import type { CoverageEntry } from '../rule/ruleset.ts';
import { type Diagnostic, type Result, success } from '../text/diagnostic.ts';
import { append } from './append.ts';
import { guarded } from './guard.ts';
import { assembleHost, coverageLines, readHostFiles } from './host.ts';
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
  const read = await readHostFiles(request.configs);
  if (!read.ok) return read;
  const files = read.value;
  // Of a cloud every group has openings of its own; boxes say whose they are.
  const points = files.account?.points ?? [undefined];
  const coverage = new Set<CoverageEntry>();
  const tell = (entries: readonly CoverageEntry[]): void => {
    for (const entry of entries) coverage.add(entry);
  };
  const warnings: Diagnostic[] = [...read.warnings];
  const found: Opening[] = [];
  let families: OpeningsReport['families'] = { ipv4: 'not-assessed', ipv6: 'not-assessed' };
  for (const point of points) {
    const host = assembleHost(files, point);
    if (!host.ok) return host;
    append(warnings, host.warnings);
    tell(host.value.coverage);
    const opened = guarded(request.configs[0]?.path, () =>
      success(openingsOf(host.value.ruleset, request.hook, tell)),
    );
    if (!opened.ok) return opened;
    append(found, opened.value);
    families = familiesOf(host.value.ruleset);
  }
  return success(
    { schemaVersion: '1', families, openings: found, coverage: coverageLines([...coverage]) },
    warnings,
  );
}
