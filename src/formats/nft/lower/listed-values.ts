import type { Element, Place, Value } from '../ast/ast.ts';
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

/**
 * `tcp dport . ip ttl { 179 . 0 }` in a listing: so nft 1.0.6 lists `{ 179 . 255 }`, and whatever else the numbers of fields are that have no type of
 * their own (`ip ttl`, `meta length`), where the set or the map has no name. What stands behind such a field may be wrong too.
 *
 * @returns whether the values may be others than those that are listed; the coverage says so
 */
export function isListedWithoutNumbers(
  read: readonly Part[],
  elements: readonly Element[],
  right: Value,
  context: TableContext,
): boolean {
  if (!context.listing || right.kind !== 'set' || read.length < 2) return false;
  const keys = elements.filter(({ key }) => key.kind === 'concat');
  const isLost =
    keys.length > 0 && read.some((part, at) => isNumber(part) && keys.every(({ key }) => isZero(key, at)));
  if (isLost) context.problems.cover('approximated', right, LOST);
  return isLost;
}

const isNumber = ({ leaf }: Part): boolean => leaf.type.name === 'integer' && leaf.interface === undefined;

function isZero(key: Value, at: number): boolean {
  const part = key.kind === 'concat' ? key.of[at] : undefined;
  return part?.kind === 'symbol' && /^(?:0x)?0+$/.test(part.text);
}

const LOST =
  'nft 1.0.6 lists 0 for the numbers of such a field among others, whatever they are: reported as possible. Give the script that was loaded';
