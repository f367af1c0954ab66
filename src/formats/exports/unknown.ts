import { type Diagnostic, placed } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';

/** How many names a message lists. */
const NAMED = 8;

/** A name that is of nothing in the exports, or of several things. */
export function unknownName(
  what: string,
  name: string,
  found: readonly string[],
  known: readonly string[],
  span: Span | undefined,
): Diagnostic {
  const list = (names: readonly string[]): string => {
    const shown = names.slice(0, NAMED).map((one) => `\`${one}\``);
    return names.length > NAMED ? `${shown.join(', ')} and ${names.length - NAMED} more` : shown.join(', ');
  };
  const several = found.length > 1;
  const diagnostic: Diagnostic = {
    severity: 'error',
    code: several ? 'ambiguous-name' : 'unknown-name',
    message: several
      ? `several have the name of the ${what} \`${name}\`: ${list(found)}`
      : `the exports have no ${what} \`${name}\``,
    expected: several ? 'its id' : known.length === 0 ? `an export that has it` : `one of ${list(known)}`,
  };
  return placed(diagnostic, span);
}
