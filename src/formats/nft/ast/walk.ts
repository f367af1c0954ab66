import type { Rule, Statement } from './ast.ts';

interface Rules {
  readonly rules: readonly Rule[];
}

const isBlock = ({ kind }: Statement): boolean => kind === 'block';

/** The rules of a chain, and those of the unnamed chains in them. Lists and no generators: there may be many rules. */
export function rulesOf({ rules }: Rules): readonly Rule[] {
  if (!rules.some(({ statements }) => statements.some(isBlock))) return rules;
  return rules.flatMap((rule) => [
    rule,
    ...rule.statements.flatMap((statement) => (statement.kind === 'block' ? rulesOf(statement) : [])),
  ]);
}

/** The statements of a chain, and those of the unnamed chains in it. */
export function statementsOf(chain: Rules): readonly Statement[] {
  const all: Statement[] = [];
  for (const { statements } of rulesOf(chain)) for (const statement of statements) all.push(statement);
  return all;
}
