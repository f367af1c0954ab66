import type { Rule, Statement } from './ast.ts';

interface Rules {
  readonly rules: readonly Rule[];
}

/** The rules of a chain, and those of the unnamed chains in them. */
export function* rulesOf({ rules }: Rules): Generator<Rule> {
  for (const rule of rules) {
    yield rule;
    for (const statement of rule.statements) if (statement.kind === 'block') yield* rulesOf(statement);
  }
}

/** The statements of a chain, and those of the unnamed chains in it. */
export function* statementsOf(chain: Rules): Generator<Statement> {
  for (const { statements } of rulesOf(chain)) yield* statements;
}
