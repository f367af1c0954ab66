import type { Place, Value } from '../ast/ast.ts';
import type { Part } from '../selector/part.ts';
import { readNumber, readRanges } from '../types/read-number.ts';
import type { TableContext } from './context.ts';

/**
 * `ip saddr 10.0.0.1/8` in a listing: so nft lists `ip saddr & 255.0.0.0 == 10.0.0.1`, which no packet is and programs load that do not clear the
 * host's bits (src/netlink_delinearize.c of nftables, relational_binop_postprocess). It reads the same words as the network, and lists
 * that as 10.0.0.0/8.
 *
 * @returns whether the comparison is one that may never hold; the coverage says so
 */
export function isListedWithHostBits(
  { leaf }: Part,
  right: Value,
  place: Place,
  context: TableContext,
): boolean {
  if (!context.listing || right.kind !== 'prefix') return false;
  const [base, range] = [readNumber(right.base, leaf.type), readRanges([right], leaf.type)];
  if (typeof base !== 'bigint' || 'expected' in range || range[0] === base) return false;
  context.problems.cover('approximated', place, REASON);
  return true;
}

const REASON =
  'nft lists so what compares a network with an address of it, which never holds; it reads it as the network: reported as possible. If a person wrote it, write the network’s first address';
