import { BoxLimit } from '../packet/boxes.ts';
import { DiagramLimit } from '../packet/diagram.ts';
import { failure, type Result } from '../text/diagnostic.ts';

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
