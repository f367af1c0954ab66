import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import type { Statement, Word } from './ast.ts';

/** The words of one line, at least one. */
export interface Line {
  readonly file: SourceFile;
  readonly words: readonly (Word & { readonly quoted: boolean })[];
}

type Name = 'create' | 'add' | 'del' | 'flush' | 'destroy' | 'swap' | 'rename';

/**
 * Commands in the order in which ipset looks for the shortest match (`ipset(8)`, COMMANDS), with their other names:
 * one letter, and the forms of ipset 4 (`-N`). `undefined` marks those that a file may not hold: `ipset restore` refuses
 * them, ends there, or (`test`, `quit`) leaves out the rest of the file without an error.
 */
const COMMANDS: readonly {
  readonly full: readonly string[];
  readonly exact: readonly string[];
  readonly name: Name | undefined;
}[] = [
  { full: ['create', 'new'], exact: ['n', '-N'], name: 'create' },
  { full: ['add'], exact: ['-A'], name: 'add' },
  { full: ['del'], exact: ['-D'], name: 'del' },
  { full: ['test'], exact: ['-T'], name: undefined },
  { full: ['destroy'], exact: ['x', '-X'], name: 'destroy' },
  { full: ['list'], exact: ['-L'], name: undefined },
  { full: ['save'], exact: ['-S'], name: undefined },
  { full: ['restore'], exact: ['-R'], name: undefined },
  { full: ['flush'], exact: ['-F'], name: 'flush' },
  { full: ['rename'], exact: ['e', '-E'], name: 'rename' },
  { full: ['swap'], exact: ['w', '-W'], name: 'swap' },
  { full: ['help'], exact: ['-H'], name: undefined },
  { full: ['version'], exact: ['-V'], name: undefined },
  { full: ['quit'], exact: [], name: undefined },
];

/** Options of the program that may stand on any line and change nothing but `-exist`. */
const EXIST = new Set(['-exist', '-!', '--exist']);
const NO_EFFECT = new Set([
  '-quiet',
  '-q',
  '--quiet',
  '-sorted',
  '-s',
  '--sorted',
  '-resolve',
  '-r',
  '--resolve',
]);

/** What the words of a line ask for, or why they ask for nothing. */
export function readCommand(line: Line): Result<Statement> {
  const { file, words } = line;
  const exist = words.some((word) => !word.quoted && EXIST.has(word.text));
  const rest = words.filter((word) => word.quoted || !(EXIST.has(word.text) || NO_EFFECT.has(word.text)));
  const first = rest[0];
  const start = (words[0] as Word).start;
  const end = (words[words.length - 1] as Word).end;
  if (first === undefined)
    return failure(syntax(line, words[0] as Word, 'the line has options and no command'));
  if (first.text === 'COMMIT' && rest.length === 1) return success({ kind: 'commit', start, end });
  const found = COMMANDS.find((command) => matches(command, first.text));
  if (found === undefined) return failure(unknownCommand(file, first));
  if (found.name === undefined) return failure(forbiddenCommand(file, first));
  return readArguments(line, found.name, first, rest.slice(1), { exist, start, end });
}

function matches(command: (typeof COMMANDS)[number], text: string): boolean {
  if (command.exact.includes(text)) return true;
  const name = text.startsWith('--') ? text.slice(2) : text;
  return name.length > 0 && command.full.some((full) => full.startsWith(name));
}

function readArguments(
  line: Line,
  name: Name,
  command: Word,
  args: readonly Word[],
  base: { exist: boolean; start: number; end: number },
): Result<Statement> {
  const { start, end } = base;
  const [first, second] = args;
  if (name === 'flush' || name === 'destroy') {
    const extra = args[1];
    if (extra !== undefined) return failure(syntax(line, extra, `unknown argument \`${extra.text}\``));
    return success({ kind: name, set: first, start, end });
  }
  if (first === undefined || second === undefined) return failure(missing(line, name, args[0] ?? command));
  if (name === 'swap' || name === 'rename') {
    const extra = args[2];
    if (extra !== undefined) return failure(syntax(line, extra, `unknown argument \`${extra.text}\``));
    return success({ kind: name, from: first, to: second, start, end });
  }
  const options = args.slice(2);
  if (name === 'create') return success({ kind: name, ...base, set: first, type: second, options });
  return success({ kind: name, ...base, set: first, entry: second, options });
}

const USAGE: Record<Exclude<Name, 'flush' | 'destroy'>, string> = {
  create: 'create SETNAME TYPENAME [options]',
  add: 'add SETNAME ENTRY [options]',
  del: 'del SETNAME ENTRY [options]',
  swap: 'swap SETNAME-FROM SETNAME-TO',
  rename: 'rename SETNAME-FROM SETNAME-TO',
};

function missing(line: Line, name: keyof typeof USAGE, after: Word): Diagnostic {
  return {
    ...syntax(line, { ...after, start: after.end, end: after.end + 1 }, `\`${name}\` lacks an argument`),
    code: 'ipset-missing-argument',
    expected: `\`${USAGE[name]}\``,
  };
}

function syntax(line: Line, word: Word, message: string): Diagnostic {
  const span = { file: line.file, start: word.start, end: word.end };
  return { severity: 'error', code: 'ipset-syntax', message, span, expected: 'a command of `ipset restore`' };
}

function unknownCommand(file: SourceFile, word: Word): Diagnostic {
  return {
    severity: 'error',
    code: 'ipset-unknown-command',
    message: `unknown command \`${word.text.slice(0, 80)}\``,
    span: { file, start: word.start, end: word.end },
    expected: '`create`, `add`, `del`, `flush`, `destroy`, `swap`, `rename` or `COMMIT`',
  };
}

function forbiddenCommand(file: SourceFile, word: Word): Diagnostic {
  return {
    severity: 'error',
    code: 'ipset-unknown-command',
    message: `command \`${word.text}\` has no place in a file for \`ipset restore\``,
    span: { file, start: word.start, end: word.end },
    expected: '`create`, `add`, `del`, `flush`, `destroy`, `swap`, `rename` or `COMMIT`',
  };
}
