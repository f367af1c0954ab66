import type { FormatReader } from '../reader.ts';
import { detectRuleset } from './detect.ts';
import { readRuleset } from './lower.ts';

/** Reads what `nft list ruleset` prints and scripts for `nft -f`. */
export const nftReader: FormatReader = {
  formats: ['nft'],
  detect: detectRuleset,
  read: readRuleset,
};
