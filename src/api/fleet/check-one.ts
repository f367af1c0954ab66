import { checkHost } from '../../compare/check-host.ts';
import type { Spaces } from '../../compare/view/spaces.ts';
import { hostJson } from '../../report/json.ts';
import type { CoverageEntry } from '../../rule/ruleset.ts';
import { type Result, success } from '../../text/diagnostic.ts';
import { append } from '../append.ts';
import { placesOf } from '../check.ts';
import { guardedLists } from '../guard.ts';
import { assembleHost, coverageLines } from '../host/host.ts';
import type { HostFileCache } from '../host/cache.ts';
import type { Task } from '../plan.ts';
import { packDiagnostic } from './packed.ts';
import { type HostRecord, recordOf } from './record.ts';

/** Checks one host of a site: it has one place, as the deployment says which point of a cloud is meant. */
export async function checkOne(
  index: number,
  task: Task,
  files: HostFileCache,
  spaces: Spaces,
): Promise<Result<HostRecord>> {
  const read = await files.read(task.configs);
  if (!read.ok) return read;
  const places = placesOf(task, read.value);
  if (!places.ok) return places;
  const [{ host, point }] = places.value as [(typeof places.value)[number]];
  const loaded = assembleHost(read.value, point, host);
  if (!loaded.ok) return loaded;
  const coverage = [...loaded.value.coverage];
  const tell = (entries: readonly CoverageEntry[]): void => append(coverage, entries);
  const { ruleset } = loaded.value;
  const judged = guardedLists(task.configs[0]?.path, ruleset, tell, (given) =>
    spaces.run(given, (space) => checkHost(host, given, tell, undefined, space)),
  );
  if (!judged.ok) return judged;
  const warnings = [...read.warnings, ...places.warnings, ...loaded.warnings];
  return success(
    recordOf(index, judged.value, {
      inputs: loaded.value.inputs,
      coverage: coverageLines(coverage),
      warnings: warnings.map(packDiagnostic),
      text: hostJson(judged.value),
    }),
  );
}
