import type { Chain, Place, Rule } from '../ast/ast.ts';
import type { BlockContext } from '../build/block.ts';
import { readRule } from '../build/statement.ts';
import { appendRule, insertRule, removeRule, replaceRule } from './chain-rules.ts';
import type { CommandChecks } from '../check/commands.ts';
import { missing } from '../missing.ts';
import { type RulePlace, rulePlace } from './rule-place.ts';
import type { TableCommand } from './table-command.ts';

/** Executes commands about rules (`nft(8)`, RULES). */
export class RuleCommands {
  /** Where a rule was replaced that the script had made itself. */
  private replaced: Place | undefined;

  constructor(
    private readonly context: BlockContext,
    private readonly checks: CommandChecks,
  ) {}

  /** Does what the command says; its cursor stands behind the table's name. */
  run({ verb, table, cursor, place }: TableCommand): void {
    const { handles, problems } = this.context;
    const name = cursor.identifier('the name of a chain');
    if (name === undefined) return;
    const chain = table.chains.get(name);
    if (chain === undefined) {
      missing(problems, 'chain', name, place);
      return;
    }
    const numberOf = (one: Rule): number | undefined => handles.numberOf(table, one);
    const at = rulePlace({ verb, chain, numberOf }, cursor, place);
    if (at === undefined) return;
    if (at.how === 'beside') this.refuseReplaced();
    if (at.how === 'delete') {
      const gone = removeRule(chain, at.at);
      this.checks.rulesGone(table, gone === undefined ? [] : [gone]);
      if (!cursor.done) cursor.fail('the end of the statement');
      return;
    }
    const read = readRule(cursor);
    if (read === undefined) return;
    const rule = { ...read, start: place.start };
    const gone = this.put(rule, chain, at, place);
    if (gone !== undefined) this.checks.rulesGone(table, [gone]);
    handles.made(table, 'rule', rule);
  }

  private put(rule: Rule, chain: Chain, { how, at }: RulePlace, place: Place): Rule | undefined {
    if (how === 'end') appendRule(chain, rule);
    else if (how !== 'replace') insertRule(chain, at, rule);
    else {
      const gone = replaceRule(chain, at, rule);
      if (gone?.handle === undefined) this.replaced ??= place;
      return gone;
    }
    return undefined;
  }

  /**
   * Where a later command puts a rule beside another, nft looks in its own list for all that are replaced before, and
   * those of the same script have no numbers in it (src/evaluate.c of nftables, rule_cache_update).
   */
  private refuseReplaced(): void {
    if (this.replaced === undefined || this.context.problems.free) return;
    this.context.problems.error(
      'no-such-rule',
      this.replaced,
      'nft does not find the rule to replace: this script makes it, and puts another rule beside one later',
      { help: 'write the rule as it is to be' },
    );
  }
}
