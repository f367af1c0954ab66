import { familiesOf, hooksAsked, openingsOf } from '../compare/openings.ts';
import type { Opening, OpeningsReport } from '../finding/report.ts';
import type { HookName } from '../packet/packet.ts';
import type { CoverageEntry } from '../rule/ruleset.ts';
import { type Diagnostic, type Result, success } from '../text/diagnostic.ts';
import { append } from './append.ts';
import { guardedLists } from './guard.ts';
import { assembleHost, coverageLines, readHostFiles } from './host/host.ts';
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
  let isHook = false;
  for (const point of points) {
    const host = assembleHost(files, point);
    if (!host.ok) return host;
    isHook ||= hooksAsked(host.value.ruleset, request.hook).length > 0;
    append(warnings, host.warnings);
    tell(host.value.coverage);
    const opened = guardedLists(request.configs[0]?.path, host.value.ruleset, tell, (ruleset) =>
      openingsOf(ruleset, request.hook, tell),
    );
    if (!opened.ok) return opened;
    const name = points.length > 1 ? point?.name : undefined;
    append(found, name === undefined ? opened.value : opened.value.map((one) => ({ host: name, ...one })));
    families = familiesOf(host.value.ruleset);
  }
  if (request.hook !== undefined && !isHook) warnings.push(noSuchHook(request.hook));
  return success(
    { schemaVersion: '1', families, openings: found, coverage: coverageLines([...coverage]) },
    warnings,
  );
}

/** No openings of a hook that is not there do not mean that it is closed. */
function noSuchHook(hook: HookName): Diagnostic {
  return {
    severity: 'warning',
    code: 'no-such-hook',
    message:
      hook === 'forward'
        ? 'a cloud has no hook `forward`, so nothing is listed; that does not mean that it is closed'
        : `a host's own firewall has no hook \`${hook}\`, which is a cloud's, so nothing is listed; that does not mean that it is closed`,
    help: hook === 'forward' ? 'ask for `ingress` or `egress`' : 'ask for `input`, `forward` or `output`',
  };
}
