import type { Atom } from '../../../../grammars/nft/atoms.ts';
import { parseScript } from '../../../../grammars/nft/parser.ts';
import type { SourceFile } from '../../../text/source.ts';
import type { IncludeFiles } from '../../reader.ts';
import type { Place } from '../ast/ast.ts';
import type { Problems } from '../problems.ts';
import type { Scope } from '../build/variables.ts';

/** Includes in includes, as nft has it (include/parser.h of nftables, MAX_INCLUDE_DEPTH). */
const DEEPEST = 16;
/** Files that may be included in all, and their characters: files that include each other twice ask for any number. */
const MOST_FILES = 4096;
const MOST_TEXT = 2 ** 28;

/** A statement of a body, with definitions and includes already done. */
type Visit = (statement: readonly Atom[]) => void;

/** Walks over the statements of a body and of the files that it includes (`nft(8)`, INCLUDE FILES). */
export class Includes {
  private readonly open: SourceFile[] = [];
  private files = 0;
  private characters = 0;

  constructor(
    private readonly problems: Problems,
    private readonly include: IncludeFiles | undefined,
  ) {}

  /** Calls `visit` for every statement that neither defines a variable nor includes a file. */
  walk(body: readonly (readonly Atom[])[], scope: Scope, visit: Visit): void {
    for (const statement of body) {
      if (this.problems.enough) return;
      const [first, name] = statement;
      if (first?.kind === 'handle' && statement.length === 1) continue;
      if (scope.statement(statement)) continue;
      if (first?.kind !== 'word' || first.text !== 'include') visit(statement);
      else if (name?.kind !== 'quoted' || statement.length > 2)
        this.problems.error('nft-syntax', name ?? first, 'this includes no file', {
          expected: '`include` and one path in quotation marks',
        });
      else this.openAll(name, scope, visit);
    }
  }

  private openAll(name: Extract<Atom, { text: string }>, scope: Scope, visit: Visit): void {
    const from = this.problems.span(name).file;
    if (this.include === undefined) {
      this.wrong('include-not-read', name, 'no other files can be read here', {
        help: 'give the path of the script, or the output of `nft list ruleset`',
      });
      return;
    }
    const found = this.include(name.text, from);
    if (found.ok) {
      for (const file of found.value) this.one(file, name, scope, visit);
      return;
    }
    for (const { code, message, ...hints } of found.errors) this.wrong(code, name, message, hints);
  }

  private wrong(
    code: string,
    place: Place,
    message: string,
    hints: { help?: string; expected?: string },
  ): void {
    const { help, expected } = hints;
    this.problems.error(code, place, message, {
      ...(help === undefined ? {} : { help }),
      ...(expected === undefined ? {} : { expected }),
    });
  }

  private one(file: SourceFile, place: Place, scope: Scope, visit: Visit): void {
    const { problems } = this;
    if (file.path === problems.file.path || this.open.some(({ path }) => path === file.path)) {
      this.wrong('include-loop', place, `\`${file.path}\` includes itself`, {});
      return;
    }
    this.files++;
    this.characters += file.text.length;
    if (this.open.length >= DEEPEST || this.files > MOST_FILES || this.characters > MOST_TEXT) {
      const expected = `at most ${DEEPEST} files in each other, ${MOST_FILES} in all, and ${MOST_TEXT} characters`;
      this.wrong('too-many-includes', place, 'too many files are included', { expected });
      return;
    }
    const base = problems.addFile(file);
    const { statements, problem } = parseScript(file.text, base);
    if (problem !== undefined) {
      const start = base + problem.offset;
      const { expected } = problem;
      problems.error('nft-syntax', { start, end: start + problem.length }, 'this is no part of a script', {
        expected,
      });
      return;
    }
    this.open.push(file);
    this.walk(statements, scope, visit);
    this.open.pop();
  }
}
