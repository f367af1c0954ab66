import type { Json, JsonObject } from './located.ts';

/** How a provider's readers tell names apart: as they are, unless they read other spellings too. */
type Spelling = (name: string) => string;
const asWritten: Spelling = (name) => name;

/** The names of an object's fields, as far as a schema has them. */
export function knownFields(properties: object, spelling: Spelling = asWritten): ReadonlySet<string> {
  return new Set(Object.keys(properties).map(spelling));
}

/**
 * Fields of a rule that nobody here knows and that say something. Providers add conditions to their rules: a rule with one that
 * is not known may match less, or more, than what is read of it says.
 *
 * @param known the names that are, by {@link knownFields}
 * @param names which names are those of conditions
 * @param spelling the same as of the known names
 */
export function unknownConditions(
  object: JsonObject,
  known: ReadonlySet<string>,
  names: RegExp,
  spelling: Spelling = asWritten,
): string[] {
  return Object.keys(object)
    .filter((name) => names.test(name) && !known.has(spelling(name)) && saysSomething(object[name]))
    .map((name) => (name.length > SHOWN ? `${name.slice(0, SHOWN)} …` : name));
}

/** Characters of a name that a report shows. */
const SHOWN = 200;

/** Whether a field has something in it: commands print empty ones too. */
export function saysSomething(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (typeof value === 'string') return value !== '' && !/UNSPECIFIED$/.test(value);
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** What a message says of a rule with such fields. */
export function unknownProblem(names: readonly string[]): string {
  return `the rule has ${names.map((name) => `\`${name}\``).join(', ')}, which is not known here and may be a condition`;
}
