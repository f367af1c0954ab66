import { sha256 } from '../input.ts';

/** One part of a run: the `index`-th of `count`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * The places of the hosts that are the shard's. A host's name alone says whose it is: another host that comes or goes
 * moves none. Shards are of about the same size, and may be empty.
 */
export function shardIndices(names: readonly string[], shard: Shard | undefined): number[] {
  const all = [...names.keys()];
  return shard === undefined
    ? all
    : all.filter((i) => shardOf(names[i] as string, shard.count) === shard.index);
}

/** The shard of a host: the first 48 bits of its name's SHA-256 modulo the number of shards, counted from 1. */
export function shardOf(name: string, count: number): number {
  return (Number.parseInt(sha256(name).slice(0, 12), 16) % count) + 1;
}
