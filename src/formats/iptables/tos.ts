import { parseMasked, parseNumber } from './numbers.ts';

/** DSCP class names (RFC 2474, 2597, 3246), as `--dscp-class` and `--set-dscp-class` take them, in any case. */
export function parseDscpClass(text: string): number | undefined {
  const name = text.toUpperCase();
  if (name === 'BE') return 0;
  if (name === 'EF') return 46;
  const selector = /^CS([0-7])$/.exec(name);
  if (selector !== null) return 8 * Number(selector[1]);
  const forwarding = /^AF([1-4])([1-3])$/.exec(name);
  return forwarding === null ? undefined : 8 * Number(forwarding[1]) + 2 * Number(forwarding[2]);
}

/** A DSCP by number. */
export function parseDscp(text: string): number | undefined {
  return parseNumber(text, 63);
}

const NAMES: Readonly<Record<string, number>> = {
  'minimize-delay': 0x10,
  'maximize-throughput': 0x08,
  'maximize-reliability': 0x04,
  'minimize-cost': 0x02,
  'normal-service': 0,
};

/** `value[/mask]` or one of RFC 1349's names, which concern the lower six bits (iptables-extensions(8), tos). */
export function parseTos(text: string): { readonly value: number; readonly mask: number } | undefined {
  const name = text.toLowerCase();
  if (Object.hasOwn(NAMES, name)) return { value: NAMES[name] as number, mask: 0x3f };
  return parseMasked(text, 255);
}
