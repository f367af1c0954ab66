/** How a value is written (`nft(8)`, DATA TYPES; the names are those that `nft describe` prints). */
export interface DataType {
  readonly name: string;
  readonly bits: number;
  /** A bit mask: without an operator, a comparison asks whether one of the bits is set. */
  readonly bitmask?: boolean;
  readonly names?: Readonly<Record<string, number>>;
  /** Reads what is neither a name nor a number. */
  readonly parse?: (text: string) => bigint | undefined;
}

/** A type; texts have a greatest length in place of a number of bits. */
export interface ValueType extends DataType {
  readonly longest?: number;
  /** Values may be names that only a running system knows (users, devices): they are taken as they are. */
  readonly open?: boolean;
  /** Bits of a packet without a meaning: nft lists fields so that it cannot name (`@nh,8,6`). */
  readonly raw?: boolean;
  /** A range may go over the end: from 22:00 to 6:00. */
  readonly circular?: boolean;
  /** The greatest value, where it is less than the bits have room for (`numgen … mod 2`). */
  readonly most?: bigint;
}
