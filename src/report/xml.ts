import { visible } from './visible.ts';

/** The two of the BMP's last code points that XML 1.0 has no place for (2.2, Char); the rest of them is made visible already. */
const NO_CHARACTER = /[\ufffe\uffff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Other people's text for an attribute or an element: visible, and markup as text. */
export function xmlText(text: string): string {
  const known = visible(text).replace(NO_CHARACTER, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
  return known.replace(/[&<>"']/g, (c) => ENTITIES[c] as string);
}

/** Lines of such text, joined by line breaks of our own. */
export function xmlLines(lines: readonly string[]): string {
  return lines.map(xmlText).join('\n');
}

/** Attributes with a space before each, in the order given; undefined ones are left out. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [` ${name}="${xmlText(String(value))}"`]))
    .join('');
}
