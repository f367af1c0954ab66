import type { GroupAtom } from '../../../../grammars/nft/atoms.ts';
import type { Problems } from '../problems.ts';

/** A block's last statement needs an end of its own, as every other (src/parser_bison.y of nftables). */
export function checkEnd(block: GroupAtom, problems: Problems): void {
  if (block.unended !== true) return;
  const place = { start: block.end - 1, end: block.end };
  problems.error('nft-syntax', place, 'the last statement of this block is not ended', {
    expected: 'a line break or `;` before `}`',
  });
}
