import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { CloudContent, ConfigPart } from '../reader.ts';
import type { LocatedJson } from './located.ts';
import { pagesOf } from './pages.ts';

/**
 * A file of a cloud as a part of a host: it has no chains until a point of the account is chosen, see ../cloud.ts.
 * @param cloud `pages` where they are not simply those of the file's values
 */
export function exportPart(
  json: LocatedJson,
  coverage: readonly CoverageEntry[],
  cloud: CloudContent,
): ConfigPart {
  return {
    format: cloud.provider,
    source: json.file,
    chains: [],
    sets: [],
    families: [],
    coverage,
    cloud: { ...cloud, pages: cloud.pages ?? pagesOf(json) },
  };
}
