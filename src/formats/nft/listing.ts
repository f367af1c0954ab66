import { type Atom, isWord } from '../../../grammars/nft/atoms.ts';
import type { SourceFile } from '../../text/source.ts';

/*
 * What nft lists is not always all that the kernel has. So it matters whether a file is such a listing, or a script that
 * somebody wrote, which means what it says.
 */

/** The first object of a listing in JSON (libnftables-json(5), METAINFO OBJECT); scripts for `nft -j -f` seldom have it. */
const JSON_LISTING = /^\s*\{\s*"nftables"\s*:\s*\[\s*\{\s*"metainfo"\s*:\s*\{[^{}]*"version"/;

/** What nft writes behind `#`: handles, whose a table is, extensions of iptables, warnings, how many elements a set has. */
const COMMENTS_OF_NFT = /^# ?(?:handle \d+|progname |xt_|Warning: |count \d+)/;

/** The line that makes a base chain, which nft writes by itself (src/rule.c of nftables, chain_print_declaration). */
const HOOK = /\btype[ \t]+\w+[ \t]+hook\b/g;
const LISTED_HOOK = /\n\t\ttype \w+ hook \w+ [^;\n]*; policy (?:accept|drop);/y;

/** Whether a file is what `nft list ruleset` prints: nothing but blocks of tables, without a word of anybody else. */
export function isListing(
  { text }: SourceFile,
  isJson: boolean,
  statements: readonly (readonly Atom[])[],
): boolean {
  if (isJson) return JSON_LISTING.test(text.slice(0, 4096));
  const tables = statements.every(([first]) => isWord(first, 'table'));
  if (!tables || hasOtherComments(text)) return false;
  for (const { index } of text.matchAll(HOOK)) {
    LISTED_HOOK.lastIndex = index - '\n\t\t'.length;
    if (!LISTED_HOOK.test(text)) return false;
  }
  return true;
}

/** Quoted texts, which may have the sign in them, and comments. */
const TEXT_OR_COMMENT = /"[^"\n]*"|#[^\n]*/g;

function hasOtherComments(text: string): boolean {
  if (!text.includes('#')) return false;
  for (const [found] of text.matchAll(TEXT_OR_COMMENT))
    if (found.startsWith('#') && !COMMENTS_OF_NFT.test(found)) return true;
  return false;
}
