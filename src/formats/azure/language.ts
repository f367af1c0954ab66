import { type PortItem, parseAzure, type PrefixItem } from '../../../grammars/azure/parser.ts';

const ports = new Map<string, readonly PortItem[] | undefined>();
const prefixes = new Map<string, readonly PrefixItem[] | undefined>();
/** Rules repeat the same few strings; more different ones than this are not kept. */
const KEPT = 10_000;

/** A port string: `*`, `443`, `80-90`, or several with commas. Undefined where it is none. */
export function readPorts(text: string): readonly PortItem[] | undefined {
  return remembered(ports, text, () => parseAzure(text, (parser) => parser.ports()));
}

/** An address prefix: `*`, a network, a range, a service tag, or several with commas. Undefined where it is none. */
export function readPrefixes(text: string): readonly PrefixItem[] | undefined {
  return remembered(prefixes, text, () => parseAzure(text, (parser) => parser.prefixes()));
}

function remembered<T>(
  known: Map<string, T | undefined>,
  text: string,
  read: () => T | undefined,
): T | undefined {
  if (known.has(text)) return known.get(text);
  const found = read();
  if (known.size < KEPT) known.set(text, found);
  return found;
}
