import type { Element, Value } from '../ast/ast.ts';
import { type DataTypes, isVerdict } from './value.ts';
import { TYPES } from '../types/datatypes.ts';
import { interfaceOf } from '../selector/lookup.ts';
import { plainPair, readRanges } from '../types/read-number.ts';
import type { Problems } from '../problems.ts';
import type { ValueType } from '../types/types.ts';
import { valueKey } from '../types/value-key.ts';

type Pair = readonly [number | bigint, number | bigint, Element];

/**
 * Tells intervals that share values without being the same, and in a map a key that stands twice with different values
 * (src/intervals.c of nftables, set_overlap).
 * @returns whether there are none
 */
export function checkOverlap(
  elements: readonly Element[],
  type: ValueType | undefined,
  data: DataTypes,
  problems: Problems,
): boolean {
  if (type === undefined) return true;
  const isMap = data !== 'none';
  const pairs: Pair[] = [];
  for (const element of elements) {
    const pair = pairOf(element.key, type);
    if (pair !== undefined) pairs.push([pair[0], pair[1], element]);
  }
  pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[2].start - b[2].start));
  for (let at = 1; at < pairs.length; at++) {
    const [before, here] = [pairs[at - 1] as Pair, pairs[at] as Pair];
    if (here[0] > before[1]) continue;
    const same = here[0] === before[0] && here[1] === before[1];
    if (same && (!isMap || dataKey(here[2], data) === dataKey(before[2], data))) continue;
    const later = here[2].start > before[2].start ? here[2] : before[2];
    problems.error(
      'overlap',
      later,
      `this ${same ? 'key stands twice, with another value' : 'interval overlaps another one'}`,
      {
        help: isMap ? 'take one of them away' : 'take one of them away, or add `auto-merge` to the set',
      },
    );
    return false;
  }
  return true;
}

/** Whether what a map gives for every other key (`*`) is one answer (net/netfilter/nf_tables_api.c, nft_setelem_catchall_insert). */
export function checkCatchAll(elements: readonly Element[], data: DataTypes, problems: Problems): boolean {
  const [first, ...more] = elements.filter(({ key }) => key.kind === 'any');
  const other = more.find((one) => first !== undefined && dataKey(one, data) !== dataKey(first, data));
  if (other === undefined) return true;
  problems.error('overlap', other, '`*` stands twice, with another value', {
    help: 'take one of them away',
  });
  return false;
}

/** What an element gives, as a text that is the same however it is written (`ssh`, 22, 0x16); nothing for a set's. */
export function dataKey({ data }: Element, types: DataTypes = 'none'): string {
  if (data === undefined) return '';
  if (isVerdict(data)) return 'chain' in data ? `${data.kind} ${data.chain}` : data.kind;
  const parts = data.kind === 'concat' ? data.of : [data];
  return parts
    .map((part, at) => partKey(part, typeof types === 'string' ? undefined : types[at]))
    .join(' . ');
}

function partKey(part: Value, type: ValueType | undefined): string {
  const pair = type === undefined ? undefined : pairOf(part, type);
  return pair === undefined ? valueKey(part) : pair.join('-');
}

/** The least and the greatest value of a value, a range or a prefix; undefined for texts. */
export function pairOf(
  value: Value,
  type: ValueType,
): readonly [number | bigint, number | bigint] | undefined {
  if (type.name === TYPES.ipv4.name) {
    const plain = plainPair(value);
    if (plain !== undefined) return plain;
  }
  if (type.name === 'ifname') return namePair(value);
  if (type.longest !== undefined || value.kind === 'any') return undefined;
  const read = readRanges([value], type);
  return 'expected' in read || read.length < 2 ? undefined : [read[0] as bigint, read[1] as bigint];
}

/** Names of devices are 16 bytes, and `ppp*` is a range of them (src/datatype.c of nftables, constant_expr_splice; IFNAMSIZ). */
function namePair(value: Value): readonly [bigint, bigint] | undefined {
  if (value.kind !== 'symbol') return undefined;
  const { name, prefix } = interfaceOf(value.text);
  const bytes = Buffer.from(name);
  if (bytes.length > 16) return undefined;
  const rest = BigInt(8 * (16 - bytes.length));
  const first = BigInt(`0x0${bytes.toString('hex')}`) << rest;
  return [first, prefix ? first + (1n << rest) - 1n : first];
}
