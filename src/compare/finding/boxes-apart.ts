import type { Box } from '../../finding/report.ts';
import { parseAddressRange } from '../../packet/address.ts';
import { onceOf } from '../../text/kept.ts';
import { numberPair } from './box-set.ts';

type Ranges = readonly (readonly [lo: number | bigint, hi: number | bigint])[];

/** What of a box is looked at; undefined: all values. */
interface Outline {
  readonly family: Box['family'];
  readonly fields: readonly (Ranges | undefined)[];
}

/**
 * Whether no packet can be in boxes of both lists, as far as one field tells: quickly, for lists that are held against many
 * others. What it does not tell apart may be apart all the same.
 */
export function boxesApart(some: readonly Box[], others: readonly Box[]): boolean {
  const there = outlinesOf(others);
  return outlinesOf(some).every((one) => there.every((other) => apart(one, other)));
}

const outlinesOf = onceOf((boxes: readonly Box[]): readonly Outline[] => boxes.map(outlineOf));

function outlineOf({ family, destinationPorts, protocols, sources, destinations }: Box): Outline {
  return {
    family,
    fields: [
      destinationPorts?.map(numberPair),
      protocols?.map(numberPair),
      addressesOf(sources),
      addressesOf(destinations),
    ],
  };
}

const addressesOf = (texts: readonly string[] | undefined): Ranges | undefined =>
  texts?.flatMap((text) => {
    const found = parseAddressRange(text);
    return found === undefined ? [] : [[found.lo, found.hi] as const];
  });

function apart(one: Outline, other: Outline): boolean {
  if (one.family !== other.family) return true;
  return one.fields.some((ranges, i) => {
    const there = other.fields[i];
    return (
      ranges !== undefined &&
      there !== undefined &&
      ranges.every(([lo, hi]) => there.every(([low, high]) => hi < low || high < lo))
    );
  });
}
