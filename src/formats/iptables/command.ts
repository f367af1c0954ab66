import type { Command, MatchUse, OptionUse, RuleSpec, TargetUse, Word } from './ast.ts';
import { COMMANDS, extraWords, isMatching } from './base-options.ts';
import { toCommand } from './command-kinds.ts';
import { type Draft, type MatchDraft, matchDraft, type TargetDraft } from './drafts.ts';
import type { OptionOwner } from './getopt.ts';
import { matchModule } from './matches/registry.ts';
import { OptionScanner } from './option-scanner.ts';
import type { Problems } from './problems.ts';
import { targetModule } from './targets/registry.ts';

/** How a list is printed; the tools refuse these with other commands (iptables/xshared.c, generic_opt_check). */
const LISTING: ReadonlySet<string> = new Set(['numeric', 'exact', 'line-numbers']);
/** The commands that counters go with (the same place). */
const COUNTED: ReadonlySet<Command['kind']> = new Set(['append', 'insert', 'replace', 'policy']);

/** `-L -Z`: what it changes, in the chain that stands last; undefined where the two do not stand together (iptables/xshared.c, add_command). */
function alsoZeroing(first: OptionUse, second: OptionUse): OptionUse | undefined {
  const [zero, other] = first.name === 'zero' ? [first, second] : [second, first];
  if (zero.name !== 'zero' || (other.name !== 'list' && other.name !== 'list-rules')) return undefined;
  const values = second.values.length > 0 ? second.values : first.values;
  return { name: zero.name, negated: false, values, start: zero.start, end: zero.end };
}

/** Reads one command's words as getopt_long(3) and iptables' `do_command` do. */
class CommandReader extends OptionScanner {
  private readonly base: OptionUse[] = [];
  private readonly matches: MatchDraft[] = [];
  private target: TargetDraft | undefined;
  private command: OptionUse | undefined;
  private onlyFamily: 4 | 6 | undefined;
  /** The first option that only says how a list is printed. */
  private listing: Word | undefined;
  /** Whether `-Z` stands beside a command that prints. */
  private printed = false;
  /** `-c` and its counters. */
  private counted: OptionUse | undefined;

  constructor(
    words: readonly Word[],
    family: 4 | 6,
    problems: Problems,
    private readonly isChain: (name: string) => boolean,
  ) {
    super(words, family, problems);
  }

  read(): Command | undefined {
    if (!this.scan()) return undefined;
    if (this.listing !== undefined && this.command?.name !== 'list' && !this.printed) {
      this.fail(
        'option-not-here',
        this.listing,
        `\`${this.listing.text}\` is for \`--list\` alone`,
        'no such option',
      );
      return undefined;
    }
    const start = this.words[0]?.start ?? 0;
    const rule = this.rule(start, this.words[this.words.length - 1]?.end ?? start);
    if (this.command !== undefined) return this.fitting(toCommand(this.command, rule, this.problems), rule);
    if (this.onlyFamily !== undefined && this.onlyFamily !== this.family) {
      // `-6 -A INPUT …`: the tool stopped before the command (iptables/xshared.c, do_parse).
      this.problems.cover('ignored', rule, skippedLine(this.onlyFamily));
      return { kind: 'nothing', chain: undefined };
    }
    this.fail('no-command', rule, 'the line has no command', 'a command such as `-A INPUT`');
    return undefined;
  }

  /** Conditions, a target and counters go with some commands alone. */
  private fitting(command: Command | undefined, { base, target }: RuleSpec): Command | undefined {
    if (command === undefined) return undefined;
    const wrong =
      ('rule' in command ? undefined : (base[0] ?? target)) ??
      (COUNTED.has(command.kind) ? undefined : this.counted);
    if (wrong === undefined) return command;
    this.fail('option-not-here', wrong, 'the tools refuse this with such a command', 'no such option');
    return undefined;
  }

  protected override protocolWord(): Word | undefined {
    return this.base.find((option) => option.name === 'protocol')?.values[0];
  }

  protected override bringIn(owner: OptionOwner, word: Word): void {
    this.matches.push(matchDraft(word, owner, true));
  }

  protected override file(owner: OptionOwner, option: OptionUse, word: Word): void {
    if (owner.kind === 'base') {
      this.useBase(option, word);
      return;
    }
    const whose = owner.kind === 'target' ? this.target : this.lastMatch(owner);
    if (whose === undefined) return;
    whose.options.push(option);
    whose.end = Math.max(whose.end, option.end);
  }

  private lastMatch(owner: OptionOwner): Draft | undefined {
    for (let i = this.matches.length - 1; i >= 0; i--)
      if (this.matches[i]?.owner === owner) return this.matches[i];
    return undefined;
  }

  private useBase(option: OptionUse, word: Word): void {
    const { name } = option;
    if (isMatching(name)) this.addBase(option, word);
    else if (name === 'match') this.startMatch(option.values[0] as Word, word);
    else if (name === 'jump' || name === 'goto') this.startTarget(option, word);
    else if (COMMANDS.has(name)) this.useCommand(option, word);
    else if (name === 'ipv4' || name === 'ipv6') this.restrict(name === 'ipv4' ? 4 : 6);
    else if (name === 'table' || name === 'wait' || name === 'wait-interval')
      this.fail('option-not-here', word, `\`${word.text}\` has no place in a dump`, 'rules and commands');
    else if (LISTING.has(name)) this.listing ??= word;
    else if (name === 'set-counters') this.counters(option);
    else if (name === 'help' || name === 'version')
      this.fail(
        'ends-here',
        word,
        `\`${word.text}\` ends iptables-restore: nothing from its table on is loaded`,
        'rules and commands',
      );
  }

  private counters(option: OptionUse): void {
    this.counted = option;
    const wrong = option.values.find(({ text }) => !/^\s*[-+]?\d[^,]*(?:,\s*[-+]?\d.*)?$/.test(text));
    if (wrong !== undefined)
      this.fail('bad-argument', wrong, `\`${wrong.text}\` is no counter`, 'two numbers');
  }

  /** The other family's tool reads no further, and skips the line. */
  private restrict(family: 4 | 6): void {
    this.onlyFamily = family;
    if (family !== this.family) this.at = this.words.length;
  }

  private addBase(option: OptionUse, word: Word): void {
    if (this.base.some((other) => other.name === option.name))
      this.fail('repeated-option', word, `\`${word.text}\` stands twice`, 'one of each kind');
    this.base.push(option);
  }

  private useCommand(option: OptionUse, word: Word): void {
    this.takeFurther(option);
    const before = this.command;
    this.command = before === undefined ? option : this.printed ? undefined : alsoZeroing(before, option);
    this.printed ||= before !== undefined;
    if (this.command !== undefined) return;
    this.command = option;
    this.fail('two-commands', word, `a second command, \`${word.text}\`, stands on the line`, 'one command');
  }

  private takeFurther(option: OptionUse): void {
    for (let more = extraWords(option.name); more > 0; more--) {
      const next = this.words[this.at];
      if (next === undefined || /^[-!]/.test(next.text)) return;
      (option.values as Word[]).push(next);
      this.at++;
    }
  }

  private startMatch(word: Word, option: Word): void {
    if (word.text.startsWith('-')) {
      this.lacking(option, word, 'the name of a module');
      return;
    }
    const module = matchModule(word.text, this.family, word, this.problems);
    if (module === 'refused') {
      this.failed = true;
      return;
    }
    const use = matchDraft(word, module, false);
    this.matches.push(use);
    if (module === undefined) this.unknown = use;
    else this.table = this.table.with(module);
  }

  private startTarget(option: OptionUse, word: Word): void {
    const name = option.values[0] as Word;
    const goto = option.name === 'goto';
    // A chain that `:LOG` declared hides the target of that name (libiptc.c, iptcc_map_target).
    const isJump = goto || this.isChain(name.text);
    // No module is called so; a chain is that iptables-legacy has.
    if (!isJump && name.text.startsWith('-')) {
      this.lacking(word, name, 'a target or a chain');
      return;
    }
    const module = isJump ? undefined : targetModule(name.text, this.family, name, this.problems);
    if (this.target !== undefined)
      this.fail('two-targets', word, 'a second target stands on the line', 'one target');
    if (module === 'refused') {
      this.failed = true;
      return;
    }
    const { start, end } = name;
    this.target = { name, goto, owner: module, options: [], rest: [], start, end };
    if (module !== undefined) this.table = this.table.with(module);
    else if (!isJump) this.unknown = this.target;
  }

  private rule(start: number, end: number): RuleSpec {
    const matches: readonly MatchUse[] = this.matches;
    const target: TargetUse | undefined = this.target;
    return { base: this.base, matches, target, onlyFamily: this.onlyFamily, start, end };
  }
}

/** Why a line for the other family's tool counts for nothing. */
export function skippedLine(onlyFamily: 4 | 6): string {
  return `\`-${onlyFamily}\`: ${onlyFamily === 6 ? 'iptables-restore' : 'ip6tables-restore'} skips the line`;
}

/**
 * Reads the words of a command; undefined where there is an error, which is among the problems then.
 *
 * @param isChain whether a name is that of a user-defined chain, which takes no options, or of a target that
 *   postern does not know, which may take any
 */
export function parseCommand(
  words: readonly Word[],
  family: 4 | 6,
  problems: Problems,
  isChain: (name: string) => boolean,
): Command | undefined {
  return new CommandReader(words, family, problems, isChain).read();
}
