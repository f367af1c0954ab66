/**
 * A name and its number, a string, or a number by itself: what a number outside of strings is found by. A string that does not end
 * goes to the end of the text, so that none is looked at twice.
 */
const NUMBERS =
  /("(?:[^"\\]|\\.)*"\s*:\s*)(-\d+|\d{16,})(?![\d.eE])|"(?:[^"\\]|\\.?)*(?:"|$)|(?<![\d.eE+-])(?:-\d+|\d{16,})(?![\d.eE])/gs;
/** What a packet's bits are compared with, or set to; other numbers are counts and priorities. */
const VALUES = /^"(?:right|value|val|addr)"/;

/**
 * A JSON listing with the values that are too great for a number of JavaScript as strings of digits. nft prints up to 64 bits as a number
 * (src/json.c of nftables, integer_type_json): half an IPv6 address, as `@nh,128,64` asks for it. The number is a signed one
 * (`json_int_t` of jansson), so that it is negative where the first of 64 bits is set, as in `fe80::`.
 */
export function withExactValues(text: string): string {
  if (!/\d{16}|[[:,]\s*-\d/.test(text)) return text;
  return text.replace(NUMBERS, (found: string, name: string | undefined, number: string | undefined) => {
    if (name === undefined || number === undefined) return found.startsWith('"') ? found : quoted(found);
    return VALUES.test(name) ? name + quoted(number) : found;
  });
}

function quoted(digits: string): string {
  if (!digits.startsWith('-')) return Number.isSafeInteger(Number(digits)) ? digits : `"${digits}"`;
  if (digits.length > 20) return digits;
  const value = BigInt(digits);
  return value === BigInt.asIntN(64, value) ? `"${BigInt.asUintN(64, value)}"` : digits;
}
