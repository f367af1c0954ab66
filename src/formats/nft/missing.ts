import type { Place } from './ast.ts';
import type { Problems } from './problems.ts';

/** Tells that a command is about something that is not there. */
export function missing(problems: Problems, kind: string, name: string, place: Place): void {
  problems.error(`no-such-${kind}`, place, `there is no ${kind} \`${name}\` before this`, {
    help: 'give the whole ruleset, as `nft list ruleset` prints it',
  });
}
