import type { Packet } from '../../src/packet/packet.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { caseOf } from '../kernel/compare/case.ts';
import { readHost } from '../kernel/compare/read.ts';
import { render } from '../kernel/generate/spec.ts';

/** A random nftables rule set as postern reads it, with packets near its edges. */
export interface NftCase {
  readonly text: string;
  readonly ruleset: Ruleset;
  readonly packets: readonly Packet[];
}

/**
 * The n-th case of a seed, from the generator of the kernel campaign; undefined where postern refuses the text, as nft
 * does of some that the generator makes.
 */
export function nftCase(seed: number, number: number, packets: number): NftCase | undefined {
  const { host, packets: made } = caseOf(seed, number, packets, 'nft');
  const text = render(host).nft ?? '';
  const ruleset = readHost({ nft: text });
  return typeof ruleset === 'string' ? undefined : { text, ruleset, packets: made };
}
