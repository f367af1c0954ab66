import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suggestion } from '../baseline/suggest.ts';
import { RULES, ruleRecord } from '../finding/rules.ts';
import { packageDirectory } from '../package.ts';
import { failure, type Result, success } from '../text/diagnostic.ts';

/** The page about a kind of finding, as Markdown. An unknown kind is an error that names the nearest. */
export function explain(rule: string): Result<string> {
  const record = ruleRecord(rule);
  if (record !== undefined) return success(readFileSync(join(packageDirectory(), record.page), 'utf8'));
  const ids = ruleIds();
  return failure({
    severity: 'error',
    code: 'unknown-rule',
    message: `there is no kind of finding \`${rule.slice(0, 60)}\``,
    expected: ids.map((id) => `\`${id}\``).join(', '),
    help: suggestion(rule, ids) ?? '`postern explain` lists them all',
  });
}

/** The names of all kinds of findings. */
export function ruleIds(): readonly string[] {
  return RULES.map(({ id }) => id);
}

/** Every kind of finding with its code and title, a line each. */
export function listRules(): string {
  const width = Math.max(...RULES.map(({ id }) => id.length));
  return RULES.map(({ id, code, title }) => `${id.padEnd(width)}  ${code.padEnd(11)}  ${title}\n`).join('');
}
