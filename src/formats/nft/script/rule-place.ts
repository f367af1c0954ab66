import type { Chain, Place, Rule } from '../ast/ast.ts';
import { indexed } from './chain-rules.ts';
import type { Cursor } from '../build/cursor.ts';
import type { Problems } from '../problems.ts';

/** A command about a rule. */
interface Command {
  readonly verb: string;
  readonly chain: Chain;
  /** The number by which commands name a rule. */
  readonly numberOf: (rule: Rule) => number | undefined;
}

/** What a command does with a rule, and where. */
export interface RulePlace {
  /** `beside` another rule, at the `start` or the `end` of the chain; or what becomes of the rule there. */
  readonly how: 'beside' | 'start' | 'end' | 'delete' | 'replace';
  /** For `delete` and `replace` a place in the chain, else one among the rules that an index counts. */
  readonly at: number;
}

/**
 * Where a command puts its rule in a chain, or which rule it takes away or replaces (`nft(8)`, RULES): an index counts
 * from 0, a handle is the kernel's and known where a listing has it.
 */
export function rulePlace(command: Command, cursor: Cursor, place: Place): RulePlace | undefined {
  const { verb, chain, numberOf } = command;
  const one = verb === 'delete' || verb === 'destroy' || verb === 'replace';
  const word = cursor.take(...(one ? ['handle'] : ['index', 'handle', 'position']));
  const outside: RulePlace =
    verb === 'insert' ? { how: 'start', at: 0 } : { how: 'end', at: chain.rules.length };
  if (word === undefined) return one ? cursor.fail('`handle` and the number of a rule') : outside;
  const number = Number(cursor.word() ?? '');
  cursor.count();
  if (cursor.failed) return undefined;
  // No rule has the handle 0, and nft takes it for none.
  if (number === 0 && word !== 'index' && !one) return outside;
  const rules = one ? chain.rules : indexed(chain);
  const at = word === 'index' ? number : rules.findIndex((rule) => numberOf(rule) === number);
  const found = rules[at];
  if (found === undefined) return unknownRule(word, number, command, place, cursor.problems);
  if (one) return { how: verb === 'replace' ? 'replace' : 'delete', at };
  if (word !== 'index' && found.handle === undefined) return notYet(number, place, cursor.problems);
  return { how: 'beside', at: verb === 'insert' ? at : at + 1 };
}

/** What the same script makes has no number in nft's own list (src/evaluate.c of nftables, rule_cache_update). */
function notYet(number: number, place: Place, problems: Problems): undefined {
  problems.error(
    'no-such-rule',
    place,
    `nft does not find the rule ${number} yet: the same script makes it`,
    { expected: '`index` and the place of the rule in its chain' },
  );
  return undefined;
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
