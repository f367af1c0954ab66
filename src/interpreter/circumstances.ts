import type { FieldCondition } from '../rule/condition.ts';
import type { Domain } from './domain.ts';

/**
 * What the packet alone does not say. Everything is optional; without it every field of the packet counts as known
 * and an established connection's translation as unknown.
 */
export interface Circumstances {
  /** Fields that the packet's description left open, with the values that they can have; the packet's are ignored. */
  readonly open?: Readonly<Partial<Record<OpenField, Domain>>>;
  /** Names that the interfaces can have, either none or all of the loopback; without it those of the packet. */
  readonly inNames?: readonly string[];
  readonly outNames?: readonly string[];
  /** The connection of an established packet, where it is known. */
  readonly connection?: Connection;
}

/** Numeric fields that may be left open. */
export type OpenField = Extract<
  FieldCondition['field'],
  'sport' | 'dport' | 'icmpType' | 'icmpCode' | 'mark' | 'ctmark' | 'mac' | 'length' | 'ttl' | 'tos'
>;

/** Addresses and ports of one direction of a connection. */
export interface Tuple {
  readonly src: bigint;
  readonly dst: bigint;
  readonly sport: number;
  readonly dport: number;
}

/**
 * What connection tracking knows of a connection (`conntrack -L` prints the same two tuples): its first packet as it
 * arrived, and what its replies look like when they arrive. Where no address is translated the second is the first
 * turned round.
 */
export interface Connection {
  readonly original: Tuple;
  readonly reply: Tuple;
  /** The direction of the packet at hand. */
  readonly direction: 'original' | 'reply';
  readonly mark: number;
}
