/** Numbers as libxtables reads them (`strtoul(3)` with base 0): decimal, `0x` hexadecimal, or octal with a leading 0. */
export function parseNumber(text: string, maximum: number): number | undefined {
  if (text.length > 20) return undefined;
  const first = text.charCodeAt(0);
  if (first === PLUS || first === BLANK || first === TAB) return unsigned(afterSign(text), maximum);
  return unsigned(text, maximum);
}

const PLUS = 43;
const BLANK = 32;
const TAB = 9;

/** What stands behind blanks and a plus sign, which strtoul(3) takes before a number. */
export const afterSign = (text: string): string => text.replace(/^[ \t]*\+?(?=[0-9])/, '');

function unsigned(text: string, maximum: number): number | undefined {
  let value: number;
  if (/^(?:0|[1-9][0-9]*)$/.test(text)) value = Number(text);
  else if (/^0[xX][0-9a-fA-F]+$/.test(text)) value = Number(text);
  else if (/^0[0-7]+$/.test(text)) value = Number.parseInt(text, 8);
  else return undefined;
  return value <= maximum ? value : undefined;
}

/** `low`, `low:high`, `low:`, `:high` or `:`, each end by {@link parseNumber}. `low` may exceed `high`. */
export function parseNumberRange(text: string, maximum: number): readonly [number, number] | undefined {
  const colon = text.indexOf(':');
  if (colon < 0) {
    const value = parseNumber(text, maximum);
    return value === undefined ? undefined : [value, value];
  }
  const [from, to] = [text.slice(0, colon), text.slice(colon + 1)];
  const low = from === '' ? 0 : parseNumber(from, maximum);
  const high = to === '' ? maximum : parseNumber(to, maximum);
  return low === undefined || high === undefined ? undefined : [low, high];
}

/** `value` or `value/mask`, both up to `maximum`; an absent mask is `defaultMask`. */
export function parseMasked(
  text: string,
  maximum: number,
  defaultMask = maximum,
): { readonly value: number; readonly mask: number } | undefined {
  const slash = text.indexOf('/');
  const value = parseNumber(slash < 0 ? text : text.slice(0, slash), maximum);
  const mask = slash < 0 ? defaultMask : parseNumber(text.slice(slash + 1), maximum);
  return value === undefined || mask === undefined ? undefined : { value, mask };
}
