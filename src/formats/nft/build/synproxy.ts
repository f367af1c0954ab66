import type { Cursor } from './cursor.ts';

/**
 * `mss 1460 wscale 7 timestamp sack-perm`, in any order and any number of times (src/parser_bison.y of nftables,
 * synproxy_arg), of a statement. What an object has is in a fixed order.
 */
export function readSynproxy(cursor: Cursor): void {
  for (;;) {
    const option = cursor.take('mss', 'wscale', 'timestamp', 'sack-perm');
    if (option === undefined) return;
    if (option === 'mss' || option === 'wscale') cursor.count();
  }
}
