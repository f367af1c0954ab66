/** A command, or a group of commands, as completion sees it. */
export interface CompletionCommand {
  /** The names that lead to it; empty: `postern` itself. */
  readonly path: readonly string[];
  /** Subcommands and operands with a fixed set of values. */
  readonly words: readonly { readonly word: string; readonly about: string }[];
  readonly options: readonly {
    readonly long: string;
    readonly about: string;
    readonly takesValue: boolean;
    readonly values: readonly string[];
    /** Whether a file will do as well as one of the values. */
    readonly orFile: boolean;
  }[];
}

export type Shell = 'bash' | 'zsh' | 'fish';

/** The completion script of a shell; where nothing fits, files are completed. */
export function completionScript(shell: Shell, commands: readonly CompletionCommand[]): string {
  return shell === 'bash' ? bash(commands) : shell === 'zsh' ? zsh(commands) : fish(commands);
}

/** Single quotes as every POSIX shell reads them. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const key = (path: readonly string[]): string => path.join(' ');

/** A variable's value as one word, in bash and in zsh. */
const value = (expression: string): string => `"\${${expression}}"`;

/** `command option` patterns of a `case` with the option's values. */
function valueCases(
  commands: readonly CompletionCommand[],
  line: (values: string, orFile: boolean) => string,
): string[] {
  return commands.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(
        ({ long, values, orFile }) =>
          `    ${quoted(`${key(path)} ${long}`)}) ${line(values.join(' '), orFile)} ;;`,
      ),
  );
}

/** Follows the words on the line to the command that they name; options' values are no commands. */
function walk(commands: readonly CompletionCommand[], words: string): string[] {
  const known = commands.filter(({ path }) => path.length > 0).map(({ path }) => quoted(key(path)));
  return [
    "  local command='' word next",
    `  for word in ${words}; do`,
    `    next="$command $word"; next=${value('next# ')}`,
    '    case "$next" in',
    `      ${known.join('|')}) command="$next" ;;`,
    '    esac',
    '  done',
  ];
}

function wordLists(commands: readonly CompletionCommand[], line: (words: string) => string): string[] {
  return commands.map(({ path, words, options }) => {
    const all = [...words.map(({ word }) => word), ...options.map(({ long }) => long)].join(' ');
    return `    ${quoted(key(path))}) ${line(all)} ;;`;
  });
}

/** bash(1), "Programmable Completion": candidates go to COMPREPLY, `-o default` completes files where there is none. */
function bash(commands: readonly CompletionCommand[]): string {
  const compgen = (words: string): string => `COMPREPLY=($(compgen -W ${quoted(words)} -- "$current"))`;
  return [
    '# bash completion for postern, made by `postern completion bash`',
    '_postern() {',
    `  local current=${value('COMP_WORDS[COMP_CWORD]')} before=${value('COMP_WORDS[COMP_CWORD-1]')}`,
    ...walk(commands, value('COMP_WORDS[@]:1:COMP_CWORD-1')),
    '  COMPREPLY=()',
    '  case "$command $before" in',
    ...valueCases(commands, (values) => `${values === '' ? ':' : compgen(values)}; return`),
    '  esac',
    '  case "$command" in',
    ...wordLists(commands, compgen),
    '  esac',
    '}',
    'complete -o default -F _postern postern',
    '',
  ].join('\n');
}

/** zshcompwid(1): `compadd` adds candidates, `_files` completes files. */
function zsh(commands: readonly CompletionCommand[]): string {
  const add = (words: string): string => `compadd -- ${words === '' ? '' : words}`;
  return [
    '#compdef postern',
    '# zsh completion for postern, made by `postern completion zsh`',
    '_postern() {',
    `  local before=${value('words[CURRENT-1]')}`,
    ...walk(commands, value('(@)words[2,CURRENT-1]')),
    '  case "$command $before" in',
    ...valueCases(commands, (values, orFile) =>
      [
        ...(values === '' ? [] : [add(values)]),
        ...(values === '' || orFile ? ['_files'] : []),
        'return',
      ].join('; '),
    ),
    '  esac',
    '  case "$command" in',
    ...wordLists(commands, add),
    '  esac',
    '  _files',
    '}',
    'compdef _postern postern',
    '',
  ].join('\n');
}

/** complete(1) of fish: one line for each word and option, under the condition that its command is on the line. */
function fish(commands: readonly CompletionCommand[]): string {
  const lines = commands.flatMap(({ path, words, options }) => {
    const groups = commands.filter(
      (one) => one.path.length === path.length + 1 && key(one.path).startsWith(key(path)),
    );
    const below = groups.map((one) => one.path.at(-1)).join(' ');
    const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
    const conditions = [...seen, ...(below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`])];
    const when = conditions.length === 0 ? '' : ` -n ${quoted(conditions.join('; and '))}`;
    return [
      ...words.map(
        ({ word, about }) =>
          `complete -c postern${when} -a ${quoted(word)}${about === '' ? '' : ` -d ${quoted(about)}`}`,
      ),
      ...options.map(({ long, about, takesValue, values, orFile }) => {
        const takes = takesValue ? ' -r' : '';
        const list = values.length === 0 ? '' : `${orFile ? '' : ' -f'} -a ${quoted(values.join(' '))}`;
        return `complete -c postern${when} -l ${long.replace(/^--/, '')}${takes}${list} -d ${quoted(about)}`;
      }),
    ];
  });
  return ['# fish completion for postern, made by `postern completion fish`', ...lines, ''].join('\n');
}
