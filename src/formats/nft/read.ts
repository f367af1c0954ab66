import type { Atom } from '../../../grammars/nft/atoms.ts';
import { parseScript } from '../../../grammars/nft/parser.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import type { ConfigPart, IncludeFiles, InputFormat } from '../reader.ts';
import { tellPlaces } from './check/statement-places.ts';
import { checkTables } from './check/tables.ts';
import { Includes } from './script/includes.ts';
import { jsonStatements } from './json/json.ts';
import { isListing } from './listing.ts';
import { lowerSets } from './lower/sets.ts';
import { lowerTables } from './lower/lower.ts';
import { characterAt } from './build/mistakes.ts';
import { Problems } from './problems.ts';
import { ScriptReader } from './script/script.ts';
import { unlistedSets } from './terse.ts';
import { tellWithoutRules } from './without-rules.ts';

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
  const statements = format === 'nft-json' ? jsonStatements(problems) : textStatements(problems);
  const listing = isListing(source, problems.free, statements ?? []);
  problems.listing = listing;
  const script = statements && runScript(statements, problems, include);
  const tables = script === undefined ? [] : [...script.tables.values()];
  if (script?.ran) checkTables(tables, problems, (rule) => script.isChecked(rule));
  const refused = (): Result<ConfigPart> => ({ ok: false, errors: withoutPrompt(inOrder(problems.errors)) });
  if (problems.errors.length > 0) return refused();
  tellWithoutRules(tables, listing, problems);
  // What is listed has been loaded.
  if (!listing) tellPlaces(tables, problems);
  const unlisted = unlistedSets(tables, listing, problems);
  const chains = lowerTables(tables, layer, problems, { listing, unlisted });
  if (problems.errors.length > 0) return refused();
  return success({
    format,
    source,
    chains,
    sets: lowerSets(tables, problems, unlisted),
    families: [4, 6],
    coverage: problems.coverage,
    ...(listing ? {} : { registersInOrder: true }),
  });
}

/** Errors of one file in the order of its text: rules are checked before sets. */
function inOrder(errors: readonly Diagnostic[]): readonly Diagnostic[] {
  const [first] = errors;
  if (errors.some(({ span }) => span === undefined || span.file !== first?.span?.file)) return errors;
  return [...errors].sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
}

/** `root@fw:~# nft list ruleset`, `[root@fw ~]# exit`, `$ sudo nft list ruleset`: what a terminal shows around a listing. */
const PROMPT = /^\s*(?:\[?[\w.-]+@[\w.-]+[^\n]*[#$%>](?:\s|$)|[$%>] *(?:sudo +)?nft\b)/;

/** The first error alone where it is in a line of a terminal, which says what to do. */
function withoutPrompt(errors: readonly Diagnostic[]): readonly Diagnostic[] {
  const [first] = errors;
  if (first?.span === undefined) return errors;
  const { text } = first.span.file;
  const start = text.lastIndexOf('\n', first.span.start - 1) + 1;
  const [line] = text.slice(start, start + 200).split('\n', 1);
  if (line === undefined || !PROMPT.test(line)) return errors;
  const message = 'this line is the prompt of a shell, and nothing that nft prints';
  return [{ severity: 'error', code: 'prompt', message, span: first.span, help: 'take it out of the file' }];
}

/** Runs all commands. */
function runScript(
  statements: readonly (readonly Atom[])[],
  problems: Problems,
  include?: IncludeFiles,
): ScriptReader {
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
  const ended = found === '' || found === '\n';
  const {
    message = ended ? 'the file ends or the line breaks off here' : `unexpected \`${found}\` here`,
    help,
  } = (ended ? undefined : characterAt(file.text, place.start)) ?? {};
  problems.error('nft-syntax', place, message, {
    expected: problem.expected,
    ...(help !== undefined && { help }),
  });
  return undefined;
}
