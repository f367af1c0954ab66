import type { OptionUse, Word } from './ast.ts';
import type { RuleContext } from './matches/module.ts';
import { afterSign, parseNumber } from './numbers.ts';
import { servicePort } from '../../packet/services.ts';

/** The greatest port. */
export const MAX_PORT = 65_535;

/** The protocols whose modules read numbers by strtoul(3) and refuse a range that ends before it begins. */
const STRICT: readonly (number | undefined)[] = [6, 132];

/**
 * A number as the other modules read it, by getaddrinfo(3): `022` is 22 there and 18 to tcp, and `0x16` is none (libxtables/xtoptions.c,
 * xtopt_parse_mport; seen with iptables 1.8.9).
 */
function decimalNumber(text: string, maximum: number): number | undefined {
  const digits = afterSign(text);
  return /^[0-9]{1,20}$/.test(digits) && Number(digits) <= maximum ? Number(digits) : undefined;
}

/** A port by number or service name; undefined (and an error reported at the word) where it is none. */
export function readPort(
  text: string,
  word: Word,
  option: OptionUse,
  protocol: number | undefined,
  context: RuleContext,
  number: (text: string, maximum: number) => number | undefined = parseNumber,
): number | undefined {
  const port = number(text, MAX_PORT) ?? servicePort(text, protocol);
  if (port === undefined)
    context.problems.error('bad-port', word, `\`${text}\` is not a port`, {
      expected: `for \`--${option.name}\` a number from 0 to ${MAX_PORT} or a service name of /etc/services`,
      ...helpWith(text, option),
    });
  return port;
}

function helpWith(text: string, option: OptionUse): { readonly help?: string } {
  if (/^[a-zA-Z]/.test(text))
    return { help: 'write the number: the names of one host are not those of another' };
  if (/^\d+-\d+$/.test(text)) return { help: `a range is written \`${text.replace('-', ':')}\`` };
  const several = `-m multiport --${option.name}s ${text}`;
  return /^[\d:]+,[\d:,]+$/.test(text) ? { help: `several ports are written \`${several}\`` } : {};
}

/**
 * `port` or `low:high` with either end open; undefined (and an error reported) where it is none.
 * @param protocol whose module it is; undefined where it is none's (`--ctorigdstport`)
 * @returns a low end above the high one where the tools take that: no port is in such a range
 */
export function readPortRange(
  word: Word,
  option: OptionUse,
  protocol: number | undefined,
  context: RuleContext,
): readonly [number, number] | undefined {
  const colon = word.text.indexOf(':');
  const isStrict = STRICT.includes(protocol);
  const number = isStrict ? parseNumber : decimalNumber;
  const end = (text: string, open: number): number | undefined =>
    text === '' && colon >= 0 ? open : readPort(text, word, option, protocol, context, number);
  if (colon < 0) {
    const port = end(word.text, 0);
    return port === undefined ? undefined : [port, port];
  }
  const low = end(word.text.slice(0, colon), 0);
  const high = low === undefined ? undefined : end(word.text.slice(colon + 1), MAX_PORT);
  if (low === undefined || high === undefined) return undefined;
  if (low <= high) return [low, high];
  if (!isStrict) {
    const reason = `\`${word.text}\` ends before it begins: iptables takes it, and no port is in it`;
    context.problems.cover('approximated', context.span, reason);
    return [low, high];
  }
  context.problems.error('bad-port', word, `\`${word.text}\` ends before it begins`, {
    expected: 'a range from a lower to a higher port',
  });
  return undefined;
}
