import { type Cursor, numberOf } from './cursor.ts';

/** Rates, amounts and counts (`nft(8)`, LIMIT, QUOTA, COUNTER), which decide nothing that postern models. */

const TIMES = ['second', 'minute', 'hour', 'day', 'week'];

/** The kernel adds a rate and its burst in 64 bits (net/netfilter/nft_limit.c, nft_limit_init). */
const ROOM = 2n ** 64n;

/**
 * `5/minute burst 5 packets`, `10 mbytes/second burst 5 kbytes`.
 * @param leastBurst a limit that is an object takes a burst of no packets
 */
export function readLimit(cursor: Cursor, leastBurst = 1n): void {
  const first = cursor.mark;
  let rate = cursor.number('a rate of at least 1');
  const unit = /^([a-z]+)(?:\/([a-z]+))?$/.exec(cursor.word() ?? '');
  if (unit !== null) {
    rate *= unitOf(unit[1] as string) ?? 0n;
    if (unitOf(unit[1] as string) === undefined) cursor.fail('`/`, or `bytes`, `kbytes` or `mbytes`');
    cursor.next();
  }
  const time = unit?.[2] ?? (cursor.takeSign('/') === undefined ? undefined : cursor.take(...TIMES));
  if (time === undefined || !TIMES.includes(time)) cursor.fail(`\`/\` and one of ${TIMES.join(', ')}`);
  const burst = readBurst(cursor, unit !== null, leastBurst);
  if (cursor.failed || (rate % ROOM > 0n && (rate % ROOM) + burst < ROOM)) return;
  cursor.backTo(first);
  cursor.fail('a rate of at least 1 that 64 bits have room for');
}

/** `burst 5 packets`, `burst 5 mbytes`; 5 of the rate's where it is not said. */
function readBurst(cursor: Cursor, bytes: boolean, least: bigint): bigint {
  if (cursor.take('burst') === undefined) return 5n;
  if (!bytes && (numberOf(cursor.word()) ?? least) < least) cursor.fail('a burst of at least 1');
  if (bytes) return readAmount(cursor);
  const burst = cursor.number('a number');
  if (cursor.take('packets') === undefined) cursor.fail('`packets`');
  return burst;
}

/** How many bytes a unit has; nft looks at its first letters only (src/datatype.c of nftables, data_unit_parse). */
function unitOf(text: string): bigint | undefined {
  const found = /^([km]?)bytes/.exec(text);
  if (found === null) return undefined;
  return found[1] === 'k' ? 1024n : found[1] === 'm' ? 1_048_576n : 1n;
}

/** `25 mbytes`, as a number of bytes. */
export function readAmount(cursor: Cursor): bigint {
  const count = cursor.number('a number');
  const unit = unitOf(cursor.word() ?? '');
  if (unit === undefined) cursor.fail('`bytes`, `kbytes` or `mbytes`');
  else cursor.next();
  return (count * (unit ?? 0n)) % ROOM;
}

/** A quota is less than 2^63 bytes for the kernel (net/netfilter/nft_quota.c, nft_quota_do_init). */
export function readQuota(cursor: Cursor): void {
  const first = cursor.mark;
  const quota = readAmount(cursor);
  if (quota >= ROOM / 2n) {
    cursor.backTo(first);
    cursor.fail('less than 2^63 bytes');
  }
  if (cursor.take('used') === undefined || readAmount(cursor) <= quota || cursor.failed) return;
  cursor.back();
  cursor.fail('no more used than the quota has');
}

/** `count over 10` behind `ct` */
export function connectionAmount(cursor: Cursor): void {
  if (cursor.take('count') === undefined) cursor.fail('`count`');
  cursor.take('over');
  cursor.count();
}

/** `packets 0 bytes 0`, each or none, in any order (src/parser_bison.y of nftables, counter_args). */
export function readCounts(cursor: Cursor): void {
  while (cursor.take('packets', 'bytes') !== undefined) cursor.count();
}
