import type { Chain, Handled, Place } from './ast.ts';
import type { Cursor } from './cursor.ts';
import type { Problems } from './problems.ts';

/** A command about a rule. */
interface Command {
  readonly verb: string;
  readonly chain: Chain;
  /** The number by which commands name a rule. */
  readonly numberOf: (rule: Handled) => number | undefined;
}

/**
 * Where a command puts its rule in a chain, or which rule it takes away or replaces (`nft(8)`, RULES): an index counts
 * from 0, a handle is the kernel's and known where a listing has it.
 */
export function rulePlace(command: Command, cursor: Cursor, place: Place): number | undefined {
  const { verb, chain, numberOf } = command;
  const one = verb === 'delete' || verb === 'destroy' || verb === 'replace';
  const how = cursor.take(...(one ? ['handle'] : ['index', 'handle', 'position']));
  if (how === undefined) {
    if (one) return cursor.fail('`handle` and the number of a rule');
    return verb === 'insert' ? 0 : chain.rules.length;
  }
  const text = cursor.word() ?? '';
  cursor.count();
  if (cursor.failed) return undefined;
  const at =
    how === 'index' ? Number(text) : chain.rules.findIndex((rule) => numberOf(rule) === Number(text));
  if (at < 0 || at >= chain.rules.length)
    return unknownRule(how, Number(text), command, place, cursor.problems);
  return one || verb === 'insert' ? at : at + 1;
}

function unknownRule(
  how: string,
  number: number,
  { chain, numberOf }: Command,
  place: Place,
  problems: Problems,
): undefined {
  const known = chain.rules.some((rule) => numberOf(rule) !== undefined);
  if (how === 'index' || known)
    problems.error(
      'no-such-rule',
      place,
      `the chain \`${chain.name}\` has no rule with the ${how} ${number}`,
    );
  else
    problems.error('handle-unknown', place, 'this names a rule by a handle, which only the kernel knows', {
      help: 'give the output of `nft -a list ruleset`, or of `nft list ruleset` after the change',
    });
  return undefined;
}
