import type { MatchUse, OptionUse, TargetUse } from './ast.ts';
import { OF_MATCHES } from './match-values.ts';
import type { RuleContext } from './matches/module.ts';
import { relationProblem } from './option-relations.ts';
import { OF_TARGETS } from './target-values.ts';
import type { ValueKind } from './values.ts';

/** Options that do not stand together, and options that need another. */
const NOT_TOGETHER: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  connlimit: [
    ['connlimit-upto', 'connlimit-above'],
    ['connlimit-saddr', 'connlimit-daddr'],
  ],
  hashlimit: [['hashlimit-upto', 'hashlimit-above']],
  recent: [['set', 'rttl']],
  string: [['string', 'hex-string']],
  time: [['utc', 'kerneltz']],
  NFQUEUE: [['queue-num', 'queue-balance']],
};

const NEEDS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  policy: [['next', 'strict']],
  recent: [['reap', 'seconds']],
  HMARK: [['hmark-mod', 'hmark-rnd']],
  NFQUEUE: [['queue-cpu-fanout', 'queue-balance']],
};

/** Options that one value of another needs. `--packet` may be missing: older tools print it only where it is not 0. */
const NEEDS_WITH: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  statistic: [
    ['mode', 'random', 'probability'],
    ['mode', 'nth', 'every'],
  ],
};

/** Reports a value that the tools refuse, or options that they do not take together; true where there is neither. */
export function hasGoodValues(use: MatchUse | TargetUse, flag: '-m' | '-j', context: RuleContext): boolean {
  const name = typeof use.name === 'string' ? use.name : use.name.text;
  const table = flag === '-m' ? OF_MATCHES : OF_TARGETS;
  const kinds = Object.hasOwn(table, name) ? table[name] : undefined;
  if (kinds !== undefined)
    for (const option of use.options) if (!isGood(option, kinds, context)) return false;
  return together(use, name, context) && related(use, name, context);
}

function related(use: MatchUse | TargetUse, name: string, { problems }: RuleContext): boolean {
  const problem = relationProblem(use, name);
  if (problem !== undefined)
    problems.error('bad-match', problem.at, problem.message, { expected: problem.expected });
  return problem === undefined;
}

function isGood(
  option: OptionUse,
  kinds: Readonly<Record<string, ValueKind>>,
  { family, problems }: RuleContext,
): boolean {
  const kind = Object.hasOwn(kinds, option.name) ? kinds[option.name] : undefined;
  const [first, second] = option.values;
  if (kind === undefined || first === undefined) return true;
  const word = kind.accepts(first.text, family) ? second : first;
  if (word === undefined || (word === second && kind.second?.accepts(word.text, family) !== false))
    return true;
  problems.error('bad-argument', word, `\`${word.text}\` is not what \`--${option.name}\` takes`, {
    expected: (word === first ? kind : kind.second)?.expected ?? '',
  });
  return false;
}

/** Uses with options that do not stand together, or not alone. */
const RELATED: ReadonlySet<string> = new Set([NOT_TOGETHER, NEEDS, NEEDS_WITH].flatMap(Object.keys));

function together(use: MatchUse | TargetUse, name: string, { problems }: RuleContext): boolean {
  if (!RELATED.has(name)) return true;
  const given = (option: string): OptionUse | undefined => use.options.find((one) => one.name === option);
  const of = <T>(rules: Readonly<Record<string, readonly T[]>>): readonly T[] =>
    Object.hasOwn(rules, name) ? (rules[name] as readonly T[]) : [];
  const both = of(NOT_TOGETHER).find(([one, other]) => given(one) && given(other));
  if (both !== undefined) {
    problems.error('bad-match', use, `\`--${both[0]}\` and \`--${both[1]}\` do not stand together`, {
      expected: 'one of them',
    });
    return false;
  }
  const withValue = of(NEEDS_WITH).filter(([option, value]) => given(option)?.values[0]?.text === value);
  const needed = [...of(NEEDS), ...withValue.map(([option, , other]) => [option, other] as const)];
  const alone = needed.find(([one, other]) => given(one) && !given(other));
  if (alone === undefined) return true;
  problems.error('missing-option', use, `\`--${alone[0]}\` does not stand here without \`--${alone[1]}\``, {
    expected: `\`--${alone[1]}\``,
  });
  return false;
}
