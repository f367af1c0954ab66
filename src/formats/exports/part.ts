import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { SourceFile } from '../../text/source.ts';
import type { CloudContent, ConfigPart } from '../reader.ts';

/** A file of a cloud as a part of a host: it has no chains until a point of the account is chosen, see ../cloud.ts. */
export function exportPart(
  source: SourceFile,
  coverage: readonly CoverageEntry[],
  cloud: CloudContent,
): ConfigPart {
  return { format: cloud.provider, source, chains: [], sets: [], families: [], coverage, cloud };
}
