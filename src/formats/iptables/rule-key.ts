import { parseLines } from '../../../grammars/iptables/parser.ts';
import type { Rule } from '../../rule/ruleset.ts';
import type { RuleSpec } from './ast.ts';
import { toWords } from './build.ts';
import { parseCommand } from './command.ts';
import { Problems } from './problems.ts';

/**
 * A text that two rules share exactly when `-D` takes them for the same: the same conditions by the same modules in
 * the same order (a comment is one of them), and the same target.
 */
export function ruleKey(rule: Rule, spec: RuleSpec): string {
  const modules = spec.matches.map((use) =>
    use.name === 'comment' ? [use.name, use.options[0]?.values[0]?.text] : use.name,
  );
  return JSON.stringify([rule.match, rule.actions, modules], withoutPlaces);
}

function withoutPlaces(key: string, value: unknown): unknown {
  if (key === 'span') return undefined;
  return typeof value === 'bigint' ? `${value}n` : value;
}

const keys = new WeakMap<Rule, string>();

/** {@link ruleKey} of a rule read earlier, from its text; deleting is rare, so that nothing is kept for it. */
export function storedRuleKey(
  rule: Rule,
  family: 4 | 6,
  isChain: (name: string) => boolean,
): string | undefined {
  let key = keys.get(rule);
  if (key === undefined) {
    const { file, start, end } = rule.origin;
    const silent = new Problems(file);
    const line = parseLines(file.text.slice(start, end)).lines[0];
    const words = line === undefined ? [] : toWords(line, start, silent);
    const command = parseCommand(words, family, silent, isChain);
    if (command === undefined || !('rule' in command)) return undefined;
    key = ruleKey(rule, command.rule);
    keys.set(rule, key);
  }
  return key;
}
