import type { Atom } from '../../../grammars/nft/atoms.ts';
import { parseScript } from '../../../grammars/nft/parser.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import type { ConfigPart, IncludeFiles, InputFormat } from '../reader.ts';
import { checkTables } from './check-tables.ts';
import { Includes } from './includes.ts';
import { jsonStatements } from './json.ts';
import { lowerSets } from './lower-sets.ts';
import { lowerTables } from './lower.ts';
import { Problems } from './problems.ts';
import { ScriptReader } from './script.ts';

/**
 * Reads what `nft list ruleset` prints, or a script for `nft -f`, or either as JSON, into the rule model.
 * @param include opens the files that the script includes; without it, `include` is an error
 */
export function readRuleset(
  source: SourceFile,
  format: InputFormat,
  layer: string,
  include?: IncludeFiles,
): Result<ConfigPart> {
  const problems = new Problems(source, format === 'nft-json');
  const script = readScript(format, problems, include);
  const tables = script === undefined ? [] : [...script.tables.values()];
  if (script?.ran) checkTables(tables, problems, (rule) => script.isChecked(rule));
  const chains = problems.errors.length > 0 ? [] : lowerTables(tables, layer, problems);
  if (problems.errors.length > 0) return { ok: false, errors: inOrder(problems.errors) };
  return success({
    format,
    source,
    chains,
    sets: lowerSets(tables, problems),
    families: [4, 6],
    coverage: problems.coverage,
  });
}

/** Errors of one file in the order of its text: rules are checked before sets. */
function inOrder(errors: readonly Diagnostic[]): readonly Diagnostic[] {
  const [first] = errors;
  if (errors.some(({ span }) => span === undefined || span.file !== first?.span?.file)) return errors;
  return [...errors].sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
}

/** Runs all commands; undefined where they could not be read. */
function readScript(
  format: InputFormat,
  problems: Problems,
  include?: IncludeFiles,
): ScriptReader | undefined {
  const statements = format === 'nft-json' ? jsonStatements(problems) : textStatements(problems);
  if (statements === undefined) return undefined;
  const script = new ScriptReader(problems, new Includes(problems, include));
  script.run(statements);
  return script;
}

function textStatements(problems: Problems): readonly (readonly Atom[])[] | undefined {
  const { file } = problems;
  const { statements, problem } = parseScript(file.text);
  if (problem === undefined) return statements;
  const place = { start: problem.offset, end: problem.offset + problem.length };
  const found = file.text.slice(place.start, place.start + Math.min(problem.length, 40));
  const message =
    found.trim() === '' ? 'the file ends or the line breaks off here' : `unexpected \`${found}\` here`;
  problems.error('nft-syntax', place, message, { expected: problem.expected });
  return undefined;
}
