import type { Place } from '../ast/ast.ts';
import type { TableContext } from '../lower/context.ts';

/**
 * Packets are taken as having no options of IPv4, as nothing describes them, and hardly any packet has some (RFC 7126). Rules
 * about them are about what is dropped besides.
 */
export function tellWithoutOptions(place: Place, { problems }: TableContext): void {
  problems.cover(
    'approximated',
    place,
    'packets are taken as without options of IPv4: of those with options nothing is said',
  );
}
