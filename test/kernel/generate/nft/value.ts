import { formatAddress } from '../../wire/address.ts';
import { address, edges } from '../addresses.ts';
import { type Chance, happens, pick, some } from '../chance.ts';
import type { Aim } from '../spec.ts';

/** A stretch of numbers as nft writes it, with the numbers at its edges. */
export interface Piece {
  readonly text: string;
  readonly lo: bigint;
  readonly hi: bigint;
}

/** What an expression reads: how it is written, and packets that have a value there. */
export interface Readable {
  readonly words: string;
  readonly construct: string;
  /** The type as a set declares it. */
  readonly type: string;
  /** Stretches that do not overlap, in order; `single` where none is longer than one value. */
  readonly pieces: (chance: Chance, count: number, single: boolean) => Piece[];
  readonly aims: (value: bigint) => Aim[];
  /** The type has no order, so neither ranges nor `<`. */
  readonly discrete?: true;
  /** One value only: no set has the type, or nft 1.0.6 reads the wrong bits of it for sets (`ip6 dscp`). */
  readonly alone?: true;
  /** A part of a byte: nft 1.0.6 loads interval sets of such a type with wrong bounds. */
  readonly narrow?: true;
}

/** Stretches one behind the other. */
function disjoint(pieces: readonly Piece[]): Piece[] {
  const sorted = [...pieces].sort((a, b) => (a.lo < b.lo ? -1 : 1));
  const kept: Piece[] = [];
  for (const piece of sorted) if (piece.lo > (kept.at(-1)?.hi ?? -1n)) kept.push(piece);
  return kept;
}

/** Addresses, ranges and prefixes. */
export function addressPieces(family: 4 | 6): Readable['pieces'] {
  const width = family === 4 ? 32 : 128;
  return (chance, count, single) => {
    const found = Array.from({ length: count }, (): Piece => {
      const base = address(chance, family);
      if (single || happens(chance, 40)) return { text: formatAddress(family, base), lo: base, hi: base };
      if (happens(chance, 30)) {
        const hi = base + BigInt(chance.integer(1, 2000));
        return { text: `${formatAddress(family, base)}-${formatAddress(family, hi)}`, lo: base, hi };
      }
      const prefix = pick(chance, family === 4 ? [8, 16, 24, 25, 31] : [32, 48, 64, 96, 127]);
      const host = BigInt(width - prefix);
      const lo = (base >> host) << host;
      return { text: `${formatAddress(family, lo)}/${prefix}`, lo, hi: lo + (1n << host) - 1n };
    });
    return disjoint(found);
  };
}

/** Numbers up to `most`, of which some are usual. */
export function numberPieces(
  most: number,
  usual: readonly number[],
  show: (value: number) => string = String,
): Readable['pieces'] {
  return (chance, count, single) => {
    const found = Array.from({ length: count }, (): Piece => {
      const lo = happens(chance, 75) ? pick(chance, usual) : chance.integer(0, most);
      const hi =
        single || lo >= most || happens(chance, 60) ? lo : chance.integer(lo + 1, Math.min(most, lo + 3000));
      return { text: lo === hi ? show(lo) : `${show(lo)}-${show(hi)}`, lo: BigInt(lo), hi: BigInt(hi) };
    });
    return disjoint(found);
  };
}

/** Values that have names, and no order. */
export function namedPieces(values: readonly (readonly [string, number])[]): Readable['pieces'] {
  return (chance, count) =>
    some(chance, values, Math.min(count, values.length), count).map(([text, value]) => ({
      text,
      lo: BigInt(value),
      hi: BigInt(value),
    }));
}

/** Packets at the edges of the stretches. */
export function aimsAt({ aims }: Readable, pieces: readonly Piece[]): Aim[] {
  return pieces.flatMap(({ lo, hi }) => edges(lo, hi)).flatMap((value) => aims(value));
}
