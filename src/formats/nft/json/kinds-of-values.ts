import { type Quote, textOf } from './fields.ts';
import { isObject, listOf } from './writer.ts';

/**
 * `nft -j -n` puts the ethertypes that have names there in the byte order of the machine (src/datatype.c and src/json.c of nftables,
 * symbolic_constant_json; seen with 1.0.6): 8 is 0x0800. As they stand these numbers are lengths of frames, or nobody's types.
 */
const SWAPPED: ReadonlyMap<number, number> = new Map(
  [0x0800, 0x0806, 0x8100, 0x86dd, 0x88a8].map((type) => [(type & 0xff) * 256 + (type >> 8), type]),
);

const LINK_HEADERS: ReadonlySet<string | undefined> = new Set(['ether', 'vlan']);

/** A number of JSON as the text has it. */
export function numberOf(value: number, quote: Quote): number {
  return quote === 'ether-type' ? (SWAPPED.get(value) ?? value) : value;
}

/** Whether the text has values of an expression in quotation marks: names of interfaces and the like. */
export function quotesValues(expression: unknown): Quote {
  if (!isObject(expression)) return false;
  if (Array.isArray(expression.concat)) return expression.concat.map(quotesPart);
  return quotesPart(expression);
}

function quotesPart(expression: unknown): boolean | 'ether-type' {
  if (!isObject(expression)) return false;
  const key = textOf(expression.meta, 'key');
  if (key === 'protocol') return 'ether-type';
  if (key !== undefined)
    return /^[io](?:if|ifname|bridgename|brname|bridgeport|bport|ifkind|brport)$|^(?:time|hour|day)$/.test(
      key,
    );
  const { payload } = expression;
  if (textOf(payload, 'field') === 'type' && LINK_HEADERS.has(textOf(payload, 'protocol')))
    return 'ether-type';
  // Behind a mask too. One of the second byte alone leaves nothing of a type that has a name.
  const [field, mask] = listOf(expression['&']);
  if (typeof mask === 'number' && mask > 0xff && quotesPart(field) === 'ether-type') return 'ether-type';
  const result = textOf(expression.fib, 'result');
  return result === 'oif' || result === 'oifname' || expression.osf !== undefined;
}

/** The same of the elements of a set, by its `type`: names of types, or expressions behind `typeof`. */
export function quotesElements(type: unknown): Quote {
  if (isObject(type)) {
    const quote = quotesValues(type.typeof);
    return typeof quote === 'object' ? quote.map(asNumber) : asNumber(quote);
  }
  const quotes = String(type).includes('ifname');
  const parts = listOf(type).map((name) => (name === 'ether_type' ? 'ether-type' : quotes));
  return parts.length === 1 ? (parts[0] ?? false) : parts;
}

const asNumber = (quote: boolean | 'ether-type'): false | 'ether-type' =>
  quote === 'ether-type' ? quote : false;
