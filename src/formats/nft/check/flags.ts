import type { Element, NamedSet, Place } from '../ast/ast.ts';
import type { Problems } from '../problems.ts';

/** Flags that no set of the kernel's has together (net/netfilter/nf_tables_api.c, nf_tables_newset; nft_select_set_ops). */
export function checkFlags(
  { flags, objects }: { readonly flags: ReadonlySet<string>; readonly objects?: string },
  place: Place,
  { problems }: { readonly problems: Problems },
): boolean {
  const pair = [
    ['constant', 'timeout'],
    ['interval', 'dynamic'],
  ].find((flagsOf) => flagsOf.every((flag) => flags.has(flag)));
  const wrong = pair ?? (objects !== undefined && flags.has('dynamic') ? ['dynamic'] : undefined);
  if (wrong === undefined || problems.free) return true;
  problems.error('wrong-flags', place, `the kernel has no such set: \`flags ${wrong.join(',')}\``, {
    expected: pair === undefined ? 'a map of objects that rules do not add to' : 'one of them',
  });
  return false;
}

/** As many things a set counts of each element (include/net/netfilter/nf_tables.h, NFT_SET_EXPR_MAX). */
const MOST_COUNTS = 2;

/** What the kernel refuses of a set's times, and of what its elements count (net/netfilter/nf_tables_api.c, nf_tables_newset). */
export function checkOfElements(
  {
    flags,
    counts,
    collected = false,
  }: {
    readonly flags: ReadonlySet<string>;
    readonly counts: readonly string[];
    readonly collected?: boolean;
  },
  place: Place,
  { problems }: { readonly problems: Problems },
): boolean {
  if (problems.free) return true;
  const wrong = (message: string, help: string): false => {
    problems.error('wrong-flags', place, message, { help });
    return false;
  };
  if (collected && !flags.has('timeout'))
    return wrong('nothing is to be collected of a set whose elements do not run out', 'add `flags timeout`');
  if (counts.length > MOST_COUNTS)
    return wrong(`the kernel counts at most ${MOST_COUNTS} things of each element`, 'take one away');
  if (counts.includes('ct') && flags.has('timeout'))
    return wrong(
      'elements that count connections do not run out by a time',
      'take `timeout` or `ct count` away',
    );
  return true;
}

/**
 * Elements count and limit what their set says (src/evaluate.c of nftables, expr_evaluate_set_elem);
 * where it says nothing, only those of sets for rules may.
 */
export function checkCounts(set: NamedSet, elements: readonly Element[], problems: Problems): boolean {
  const { counts = [], flags, name } = set;
  if (problems.free || (counts.length === 0 && flags.has('dynamic'))) return true;
  const wrong = elements.find((one) => one.counts !== undefined && one.counts.join() !== counts.join());
  if (wrong === undefined) return true;
  problems.error('wrong-counts', wrong, `the elements of \`${name}\` do not count or limit this`, {
    expected:
      counts.length === 0 ? 'no `counter` or `limit`' : counts.map((word) => `\`${word}\``).join(', '),
    help: `declare \`${wrong.counts?.[0]}\` in \`${name}\``,
  });
  return false;
}
