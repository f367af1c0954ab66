import type { FormatReader } from '../reader.ts';
import { detectRuleset } from './detect.ts';
import { readRuleset } from './read.ts';

/** Reads what `nft list ruleset` and `nft -j list ruleset` print, and scripts for `nft -f` and `nft -j -f`. */
export const nftReader: FormatReader = {
  formats: ['nft', 'nft-json'],
  detect: detectRuleset,
  read: readRuleset,
};
