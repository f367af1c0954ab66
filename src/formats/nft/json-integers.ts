/** A name and its number, a string, or a number by itself: what a number outside of strings is found by. */
const NUMBERS =
  /("(?:[^"\\]|\\.)*"\s*:\s*)(\d{16,})(?![\d.eE])|"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])\d{16,}(?![\d.eE])/g;
/** What a packet's bits are compared with, or set to; other numbers are counts. */
const VALUES = /^"(?:right|value)"/;

/**
 * A JSON listing with the values that are too great for a number of JavaScript as strings of digits. nft prints up to 64 bits as a number
 * (src/json.c of nftables, integer_type_json): half an IPv6 address, as `@nh,128,64` asks for it.
 */
export function withExactValues(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  return text.replace(NUMBERS, (found: string, name: string | undefined, number: string | undefined) => {
    if (name === undefined || number === undefined) return found.startsWith('"') ? found : quoted(found);
    return VALUES.test(name) ? name + quoted(number) : found;
  });
}

const quoted = (digits: string): string => (Number.isSafeInteger(Number(digits)) ? digits : `"${digits}"`);
