import type { OptionUse, Word } from './ast.ts';
import type { RuleContext } from './matches/module.ts';
import { parseNumber } from './numbers.ts';
import { servicePort } from '../../packet/services.ts';

/** The greatest port. */
export const MAX_PORT = 65_535;

/** A port by number or service name; undefined (and an error reported at the word) where it is none. */
export function readPort(
  text: string,
  word: Word,
  option: OptionUse,
  protocol: number | undefined,
  context: RuleContext,
): number | undefined {
  const port = parseNumber(text, MAX_PORT) ?? servicePort(text, protocol);
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

/** The protocols whose modules refuse a range that ends before it begins; the others take it, and it holds no port. */
const STRICT: readonly (number | undefined)[] = [6, 132];

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
  const end = (text: string, open: number): number | undefined =>
    text === '' && colon >= 0 ? open : readPort(text, word, option, protocol, context);
  if (colon < 0) {
    const port = end(word.text, 0);
    return port === undefined ? undefined : [port, port];
  }
  const low = end(word.text.slice(0, colon), 0);
  const high = low === undefined ? undefined : end(word.text.slice(colon + 1), MAX_PORT);
  if (low === undefined || high === undefined) return undefined;
  if (low <= high) return [low, high];
  if (!STRICT.includes(protocol)) {
    const reason = `\`${word.text}\` ends before it begins: iptables takes it, and no port is in it`;
    context.problems.cover('approximated', context.span, reason);
    return [low, high];
  }
  context.problems.error('bad-port', word, `\`${word.text}\` ends before it begins`, {
    expected: 'a range from a lower to a higher port',
  });
  return undefined;
}
