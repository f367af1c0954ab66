import { checkHost } from '../../compare/check-host.ts';
import type { Spaces } from '../../compare/view/spaces.ts';
import { hostJson } from '../../report/json.ts';
import { type Result, success } from '../../text/diagnostic.ts';
import { placesOf } from '../check.ts';
import type { HostFileCache } from '../host/cache.ts';
import { coverageLines } from '../host/host.ts';
import { judgeHost } from '../host/judge.ts';
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
  const [place] = places.value as [(typeof places.value)[number]];
  const judged = judgeHost(read.value, place, (ruleset, tell) =>
    spaces.run(ruleset, (space) => checkHost(place.host, ruleset, tell, undefined, space)),
  );
  if (!judged.ok) return judged;
  const { value, inputs, coverage } = judged.value;
  const warnings = [...read.warnings, ...places.warnings, ...judged.warnings];
  return success(
    recordOf(index, value, {
      inputs,
      coverage: coverageLines(coverage),
      warnings: warnings.map(packDiagnostic),
      text: hostJson(value),
    }),
  );
}
