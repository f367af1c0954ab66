import { visible } from '../visible.ts';

/**
 * Markup. The only way to make it is the two tags of this file: `html` escapes every value that is not markup already, and
 * `verbatim` takes no values. So no text of a user's file can become markup, wherever it stands.
 */
class Markup {
  constructor(readonly text: string) {}
}

export type Html = Markup;

/** What may stand in a template. `undefined` and `false` are nothing, so that `condition && html…` works. */
export type Value = string | number | Html | undefined | false | readonly Value[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup with values in text or between the double quotes of an attribute; nowhere else is a value safe. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = parts[0] as string;
  for (const [i, value] of values.entries()) text += toText(value) + parts[i + 1];
  return new Markup(text);
}

/** Markup that is not escaped, for the style sheet and the script: a literal, which no value can be part of. */
export function verbatim(parts: TemplateStringsArray): Html {
  return new Markup(parts.join(''));
}

/** Values one after the other. */
export function join(values: readonly Value[], between: Value = ''): Html {
  return new Markup(values.map(toText).join(toText(between)));
}

function toText(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return (value as readonly Value[]).map(toText).join('');
  if (value === undefined || value === false) return '';
  return escaped(String(value));
}

/** Other people's text as the text of an element or an attribute: invisible characters shown, markup escaped. */
function escaped(text: string): string {
  const rest = text.length - LONGEST;
  const some = rest > 0 ? `${text.slice(0, LONGEST)}… (${rest} more characters)` : text;
  const shown = PLAIN.test(some) ? some : visible(some);
  return SPECIAL.test(shown)
    ? shown.replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
    : shown;
}

/** Characters of one text that a page shows; a name of a million is not repeated wherever it stands. */
const LONGEST = 2000;
const PLAIN = /^[ -~]*$/;
const SPECIAL = /[&<>"']/;
