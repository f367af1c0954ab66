import type { Family, Place } from '../ast/ast.ts';
import type { Problems } from '../problems.ts';

const IP: readonly Family[] = ['ip', 'ip6'];

/**
 * Whether the kernel takes an object of connection tracking in a table of the family (net/netfilter/nft_ct.c:
 * nft_ct_expect_obj_init, nft_ct_helper_obj_init, nft_ct_timeout_obj_init; net/netfilter/nf_conntrack_proto.c:
 * nf_ct_netns_get). In tables of bridge, kernels with their tracking take helpers and timeouts.
 *
 * @param layer what stands behind `l3proto`; without it, it is the table's family
 */
export function checkTracking(
  kind: string,
  layer: string | undefined,
  family: Family,
  place: Place,
  problems: Problems,
): void {
  const refuse = (message: string, expected: string): void =>
    problems.error('object-family', place, message, { expected });
  const expectation = kind === 'ct expectation';
  if (family === 'arp' || family === 'netdev' || (expectation && family === 'bridge')) {
    refuse(
      `a table of ${family} has no connections to track: no ${kind}`,
      'a table of `ip`, `ip6` or `inet`',
    );
    return;
  }
  const other = layer !== undefined && layer !== family && (expectation || IP.includes(layer as Family));
  if (kind !== 'ct timeout' && IP.includes(family) && other)
    refuse(`a table of ${family} has no ${layer} connections`, `\`l3proto ${family}\``);
  else if (expectation && family === 'inet' && !IP.includes((layer ?? family) as Family))
    refuse('an expectation is of one family', '`l3proto ip` or `l3proto ip6`');
}
