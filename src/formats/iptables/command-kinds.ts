import type { Command, OptionUse, RuleSpec, Word } from './ast.ts';
import { parseNumber } from './numbers.ts';
import type { Problems } from './problems.ts';

/** The command that an option such as `-A` with its arguments is, or undefined after an error was reported. */
export function toCommand(option: OptionUse, rule: RuleSpec, problems: Problems): Command | undefined {
  const { name, values } = option;
  const chain = values[0] as Word;
  switch (name) {
    case 'append':
    case 'check':
      return { kind: name, chain, rule };
    case 'insert':
    case 'replace':
      return numbered(name, values, rule, problems);
    case 'delete':
      if (values.length === 1) return { kind: 'delete', chain, rule };
      return deleteNumber(chain, values[1] as Word, problems);
    case 'new-chain':
      return { kind: name, chain };
    case 'flush':
    case 'zero':
    case 'delete-chain':
      return { kind: name, chain: values[0], place: { start: option.start, end: option.end } };
    case 'rename-chain':
    case 'policy':
      return paired(name, values, problems);
    default:
      return { kind: 'nothing', chain: values[0] };
  }
}

function numbered(
  kind: 'insert' | 'replace',
  values: readonly Word[],
  rule: RuleSpec,
  problems: Problems,
): Command | undefined {
  const [chain, number] = values as [Word, Word?];
  const at = number === undefined ? 1 : position(number, problems);
  if (at === undefined) return undefined;
  if (number !== undefined) return { kind, chain, position: at, rule };
  if (kind === 'insert') return { kind, chain, position: 1, rule };
  problems.error('missing-argument', chain, '`-R` needs the number of a rule', {
    expected: '`-R chain number rule`',
  });
  return undefined;
}

function deleteNumber(chain: Word, number: Word, problems: Problems): Command | undefined {
  const at = position(number, problems);
  return at === undefined ? undefined : { kind: 'delete-number', chain, position: at };
}

function paired(
  kind: 'rename-chain' | 'policy',
  values: readonly Word[],
  problems: Problems,
): Command | undefined {
  const [chain, second] = values as [Word, Word?];
  if (second === undefined) {
    const expected = kind === 'policy' ? '`-P chain ACCEPT` or `DROP`' : '`-E old new`';
    problems.error('missing-argument', chain, 'an argument is missing', { expected });
    return undefined;
  }
  return kind === 'policy' ? { kind, chain, policy: second } : { kind, chain, name: second };
}

/** A rule's number, from 1 to INT_MAX (iptables/xshared.c, parse_rulenumber); undefined (and an error reported) where it is none. */
function position(word: Word, problems: Problems): number | undefined {
  const value = parseNumber(word.text, 0x7fffffff);
  if (value !== undefined && value > 0) return value;
  problems.error('bad-rule-number', word, `\`${word.text}\` is not the number of a rule`, {
    expected: 'a number from 1 up',
  });
  return undefined;
}
