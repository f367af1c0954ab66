import type { Place } from './ast/ast.ts';
import type { Problems } from './problems.ts';

/** What `nft list chain` and the like leave out is not in the file. */
export const WHOLE = 'a part of a ruleset is not enough: give the whole, as `nft list ruleset` prints it';

/** Tells that a command is about something that is not there. */
export function missing(problems: Problems, kind: string, name: string, place: Place): void {
  problems.error(`no-such-${kind}`, place, `there is no ${kind} \`${name}\` before this`, { help: WHOLE });
}

/** Tells that a line is nothing that nft reads. Any two words begin a rule, as `add rule` can be left out. */
export function noCommand(problems: Problems, place: Place): void {
  const shell = /^(?:sudo\s+)?(?:\/usr)?(?:\/sbin\/)?nft\s/.test(problems.textAt(place));
  problems.error('nft-syntax', place, 'this is no command of nft, and no rule of a table before it', {
    expected: '`table`, or a command of nft(8)',
    help: shell ? 'a file for `nft -f` has the commands alone, without `nft`' : WHOLE,
  });
}
