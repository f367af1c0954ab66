import { BoxLimit } from '../packet/boxes.ts';
import { DiagramLimit } from '../packet/diagram.ts';
import type { CoverageEntry, Ruleset } from '../rule/ruleset.ts';
import { withoutHoles } from '../rule/without-holes.ts';
import { failure, type Result, success } from '../text/diagnostic.ts';

/**
 * Runs an analysis. A rule set whose packet sets outgrow the bound on memory is an error of its own, because a partial
 * answer would look like a whole one.
 */
export function guarded<T>(path: string | undefined, analyse: () => Result<T>): Result<T> {
  try {
    return analyse();
  } catch (error) {
    if (!(error instanceof DiagramLimit)) throw error;
    const message =
      error instanceof BoxLimit
        ? error.message
        : 'the rules are too entangled: their packet sets outgrow what postern keeps in memory';
    const help = 'please report it with the config, or a part of it that shows the same';
    return failure({
      severity: 'error',
      code: 'too-complex',
      message,
      help,
      ...(path === undefined ? {} : { path }),
    });
  }
}

/**
 * The same of what is listed of a rule set. Where it has address masks that stand for more ranges than can be listed, or
 * translations whose packets do, once more with these as what is not modelled.
 */
export function guardedLists<T>(
  path: string | undefined,
  ruleset: Ruleset,
  tell: (entries: readonly CoverageEntry[]) => void,
  analyse: (ruleset: Ruleset) => T,
): Result<T> {
  return guarded(path, () => {
    try {
      return success(analyse(ruleset));
    } catch (error) {
      const plain = error instanceof BoxLimit ? withoutHoles(ruleset) : undefined;
      if (plain === undefined) throw error;
      const found = analyse(plain.ruleset);
      tell(plain.coverage);
      return success(found);
    }
  });
}
