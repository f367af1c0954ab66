import type { Result } from '../../../text/diagnostic.ts';
import { jsonSpan, parseJson } from '../../../text/json.ts';
import type { Atom } from '../../../../grammars/nft/atoms.ts';
import type { Place } from '../ast/ast.ts';
import type { CommandPlace, JsonCommand } from './command.ts';
import { commandAtoms, unsaidDevices } from './commands.ts';
import { withExactValues } from './integers.ts';
import { isObject } from './writer.ts';
import type { Problems } from '../problems.ts';

/**
 * What `nft -j list ruleset` prints, and lists of commands for `nft -j -f` (libnftables-json(5)), as the statements of
 * a script. Every statement stands at the place of its command.
 */
export function jsonStatements(problems: Problems): readonly (readonly Atom[])[] | undefined {
  const { file } = problems;
  const json: Result<unknown> = parseJson(file, withExactValues(file.text));
  if (!json.ok) {
    for (const error of json.errors) problems.errors.push(error);
    return undefined;
  }
  const list = isObject(json.value) ? json.value.nftables : undefined;
  if (!Array.isArray(list)) {
    problems.error(
      'nft-json-shape',
      { start: 0, end: Math.min(file.text.length, 1) },
      'this is no ruleset of nft',
      {
        expected: 'an object with a list named `nftables`',
        help: 'capture it with `nft -j list ruleset`',
      },
    );
    return undefined;
  }
  const scanner = new PlaceScanner(file.text);
  const places = scanner.scan();
  if (scanner.deepest > DEEPEST) {
    problems.error('nft-json-shape', { start: 0, end: 1 }, 'brackets in brackets are too deep here', {
      expected: `at most ${DEEPEST} of them open at once`,
    });
    return undefined;
  }
  const statements: (readonly Atom[])[] = [];
  let objects = 0;
  for (const [at, value] of list.entries()) {
    const place = isObject(value) ? places[objects++] : undefined;
    const { start, end } = place ?? jsonSpan(file, `/nftables/${at}`);
    const command: JsonCommand = { value, start, end, statements: place?.statements ?? [] };
    const atoms = commandAtoms(command, problems);
    if (atoms !== undefined && atoms.length > 0) statements.push(atoms);
    const more = unsaidDevices(command, problems);
    if (more !== undefined) statements.push(more);
  }
  return statements;
}

/** No expression of nft needs a tenth of it. */
const DEEPEST = 128;

const STRUCTURE = /["[\]{}]/g;

/** Follows the brackets of a JSON text to the objects of the list `nftables` and the statements of their rules. */
class PlaceScanner {
  commands: CommandPlace[] = [];
  deepest = 0;
  private depth = 0;
  private key = '';
  private start = 0;
  private statements: Place[] = [];
  private inner = 0;
  /** The depth of the list `expr` of the command that is open; 0 where it has none so far. */
  private list = 0;

  constructor(private readonly text: string) {}

  scan(): readonly CommandPlace[] {
    STRUCTURE.lastIndex = 0;
    for (let found = STRUCTURE.exec(this.text); found !== null; found = STRUCTURE.exec(this.text)) {
      const sign = found[0];
      if (sign === '"') STRUCTURE.lastIndex = this.string(found.index);
      else if (sign === '{' || sign === '[') this.open(sign, found.index);
      else this.close(found.index + 1);
    }
    return this.commands;
  }

  private string(at: number): number {
    const end = stringEnd(this.text, at);
    if (this.depth === 1 || this.depth === 4 || this.depth === 5) this.key = this.text.slice(at, end);
    if (this.depth === this.list) this.statements.push({ start: at, end });
    return end;
  }

  private open(sign: string, at: number): void {
    this.depth++;
    this.deepest = Math.max(this.deepest, this.depth);
    // A name that stands twice: the last one counts, as for JSON.parse.
    if (this.depth === 2 && this.key === '"nftables"') this.commands = [];
    if (this.depth === 3) [this.start, this.statements, this.list] = [at, [], 0];
    const isList = sign === '[' && this.key === '"expr"' && (this.depth === 5 || this.depth === 6);
    if (isList && this.list === 0) this.list = this.depth;
    else if (this.depth === this.list + 1) this.inner = at;
  }

  private close(end: number): void {
    if (this.depth === this.list + 1) this.statements.push({ start: this.inner, end });
    if (this.depth === this.list) this.list = -1;
    if (this.depth === 3) this.commands.push({ start: this.start, end, statements: this.statements });
    this.depth--;
  }
}

/** The offset behind a string; a loop, as strings may be very long. */
function stringEnd(text: string, quote: number): number {
  for (let at = text.indexOf('"', quote + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}
