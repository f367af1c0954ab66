import type { Element, Place, Statement, Value } from '../ast/ast.ts';
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
 * `meta mark . ip ttl { 0x3 . 0 }` in a listing: so nft 1.0.6 lists `{ 3 . 5-7 }`, and whatever else the numbers of fields are that have no type of their
 * own (`ip ttl`, `meta length`), where the set or the map has no name and is one of values, or has ranges and parts that are of no header (marks,
 * states, devices). Keys may then be the same, which none are that are loaded. What stands behind such a field may be wrong as well.
 *
 * @returns whether the values may be others than those that are listed; the coverage says so
 */
export function isListedWithoutNumbers(
  read: readonly Part[],
  elements: readonly Element[],
  right: Value,
  { listing, problems }: TableContext,
): boolean {
  if (!listing || right.kind !== 'set' || read.length < 2) return false;
  const keys = elements.filter(({ key }) => key.kind === 'concat');
  const zeros =
    keys.length > 0 && read.some((part, at) => isNumber(part) && keys.every(({ key }) => isZero(key, at)));
  const isLost = zeros || keys.some(({ start }) => problems.lost.has(start));
  if (isLost) problems.cover('approximated', right, LOST);
  return isLost;
}

const isNumber = ({ leaf }: Part): boolean => leaf.type.name === 'integer' && leaf.interface === undefined;

function isZero(key: Value, at: number): boolean {
  const part = key.kind === 'concat' ? key.of[at] : undefined;
  return part?.kind === 'symbol' && /^(?:0x)?0+$/.test(part.text);
}

const LOST =
  'nft 1.0.6 may list 0 for the numbers of such a field among others, whatever they are: reported as possible. Give the script that was loaded';

/**
 * `tcp flags { syn }` in a listing: the kernel looks the flags up in a set, and has just these; nft takes the braces away of what it reads, and then
 * asks for one of the bits (src/evaluate.c of nftables, optimize_singleton_set). It keeps them where a value was written twice, and programs load
 * such sets.
 *
 * @returns whether the two are not the same; the coverage says so
 */
export function isListedLookup(
  { op, right: set }: Extract<Statement, { kind: 'match' }>,
  only: Value,
  part: Part | undefined,
  context: TableContext,
): boolean {
  if (!context.listing || op !== 'implicit' || set.kind !== 'set' || only === set) return false;
  if (part?.leaf.type.bitmask !== true || part.bits !== undefined) return false;
  // A connection has one state: to have one of one is to have it.
  const bits = readNumber(only, part.leaf.type);
  if (typeof bits !== 'bigint' || bits === 0n || (part.leaf.key === 'state' && isPower(bits))) return false;
  context.problems.cover('approximated', set, LOOKUP);
  return true;
}

const isPower = (bits: bigint): boolean => (bits & (bits - 1n)) === 0n;

const LOOKUP =
  'nft lists so what the kernel looks up as it is, all bits of it; it reads the same words as a question for one of the bits: reported as possible. If a person wrote it, take the braces away';
