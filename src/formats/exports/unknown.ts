import { type Diagnostic, placed } from '../../text/diagnostic.ts';
import { nearest } from '../../text/nearest.ts';
import type { Span } from '../../text/source.ts';

/** How many names a message lists. */
const NAMED = 8;

/** Something that the exports have: its id, and the name that people know it by. */
export type KnownThing = string | { readonly id: string; readonly name: string | undefined };

/** A name that is of nothing in the exports, or of several things. */
export function unknownName(
  what: string,
  name: string,
  found: readonly string[],
  known: readonly KnownThing[],
  span: Span | undefined,
): Diagnostic {
  const list = (names: readonly KnownThing[]): string => {
    const shown = names.slice(0, NAMED).map(shownThing);
    return names.length > NAMED ? `${shown.join(', ')} and ${names.length - NAMED} more` : shown.join(', ');
  };
  const several = found.length > 1;
  const near = several ? undefined : nearest(name, known.flatMap(namesOf));
  const diagnostic: Diagnostic = {
    severity: 'error',
    code: several ? 'ambiguous-name' : 'unknown-name',
    message: several
      ? `several have the name of the ${what} \`${name}\`: ${list(found)}`
      : `the exports have no ${what} \`${name}\``,
    expected: several ? 'its id' : known.length === 0 ? `an export that has it` : `one of ${list(known)}`,
    ...(near === undefined ? {} : { help: `Did you mean \`${near}\`?` }),
  };
  return placed(diagnostic, span);
}

const shownThing = (one: KnownThing): string => {
  if (typeof one === 'string') return `\`${one}\``;
  return one.name === undefined ? `\`${one.id}\`` : `\`${one.id}\` (${one.name})`;
};

function namesOf(one: KnownThing): string[] {
  if (typeof one === 'string') return [one];
  return one.name === undefined ? [one.id] : [one.id, one.name];
}
