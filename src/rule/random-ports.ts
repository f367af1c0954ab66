import type { TranslateAction } from './action.ts';

/**
 * Whether the kernel looks for a port by chance where a rule asks for that: a destination without ports keeps its own, and one port is
 * no choice (net/netfilter/nf_nat_core.c, get_unique_tuple and nf_nat_l4proto_unique_tuple). Of destinations nobody needs to know it.
 */
export function takesRandomPort(what: TranslateAction['what'], port: TranslateAction['port']): boolean {
  return what === 'snat' && (port === undefined || port.lo < port.hi);
}
