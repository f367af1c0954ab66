import type { Atom, GroupAtom } from '../../../../grammars/nft/atoms.ts';
import type { Cursor } from './cursor.ts';
import type { Problems } from '../problems.ts';

/*
 * The lines between the elements of a set: one line may end before and behind a comma and at the braces, and no `;` stands
 * there (src/parser_bison.y of nftables, set_list_member_expr). A line that is only a comment is none, as it goes with its
 * end (src/scanner.l, comment_line).
 */

/** Tells a blank line in a list that has nothing but words, signs and blanks. */
export function checkFlat(group: GroupAtom, problems: Problems): void {
  const blank = /\n[ \t\r\f]*\n/.exec(group.flat ?? '');
  if (blank !== null) tellBlank(group.start + 1 + blank.index + 1, problems);
}

/** Tells a line's end or a `;` that stands where none may. */
export function checkLines(group: GroupAtom, { problems, failed }: Cursor): void {
  if (problems.free || failed) return;
  let from = group.start + 1;
  let before: Atom | undefined;
  for (const statement of [...group.body, undefined]) {
    const first = statement?.[0];
    const end = first?.start ?? group.end - 1;
    const between = end > from ? withoutComments(problems.textAt({ start: from, end })) : '';
    const lines = between.split('\n').length - 1;
    const inside = before !== undefined && first !== undefined && !isComma(before) && !isComma(first);
    if (between.includes(';') || (inside && lines > 0)) {
      problems.error(
        'nft-syntax',
        { start: from, end: from + 1 },
        'a statement cannot end inside of braces',
        { expected: '`,` or `}`' },
      );
      return;
    }
    if (lines > 1) {
      tellBlank(from, problems);
      return;
    }
    before = statement?.[statement.length - 1];
    from = Math.max(from, before?.end ?? from);
  }
}

const isComma = (atom: Atom | undefined): boolean => atom?.kind === 'sign' && atom.text === ',';

/** A line that goes on behind a backslash does not end there. */
function withoutComments(text: string): string {
  return text
    .replaceAll(/\\[ \t]*\r?\n/g, '')
    .replaceAll(/(?<=\n)(?:[ \t]*#[^\n]*\n)+/g, '')
    .replaceAll(/#[^\n]*/g, '');
}

function tellBlank(start: number, problems: Problems): void {
  problems.error('nft-syntax', { start, end: start }, 'nft takes no blank line between elements', {
    expected: 'an element or `}`',
    help: 'take the blank line away',
  });
}
