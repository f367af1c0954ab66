import type { Command, MatchUse, OptionUse, Place, RuleSpec, TargetUse, Word } from './ast.ts';
import { BASE_OPTIONS, COMMANDS, extraWords, isMatching, shortOption } from './base-options.ts';
import { toCommand } from './command-kinds.ts';
import {
  argumentsOf,
  type Draft,
  longName,
  type MatchDraft,
  matchDraft,
  part,
  type TargetDraft,
} from './drafts.ts';
import { type FoundOption, type OptionOwner, type OptionSpec, OptionTable } from './getopt.ts';
import { matchModule, protocolMatch } from './matches/registry.ts';
import { nearest } from './nearest.ts';
import type { Problems } from './problems.ts';
import { targetModule } from './targets/registry.ts';

const BASE_TABLE = OptionTable.of(BASE_OPTIONS);

/** Reads one command's words as getopt_long(3) and iptables' `do_command` do. */
class CommandReader {
  private at = 0;
  private table = BASE_TABLE;
  private readonly base: OptionUse[] = [];
  private readonly matches: MatchDraft[] = [];
  private target: TargetDraft | undefined;
  /** The module that takes the words which nobody else explains. */
  private unknown: Draft | undefined;
  private command: OptionUse | undefined;
  private bang: Word | undefined;
  private onlyFamily: 4 | 6 | undefined;
  private failed = false;

  constructor(
    private readonly words: readonly Word[],
    private readonly family: 4 | 6,
    private readonly problems: Problems,
    private readonly isChain: (name: string) => boolean,
  ) {}

  read(): Command | undefined {
    while (this.at < this.words.length && !this.failed) this.step(this.words[this.at++] as Word);
    if (this.bang !== undefined)
      this.fail('misplaced-negation', this.bang, 'nothing follows this `!`', 'an option');
    if (this.failed) return undefined;
    const start = this.words[0]?.start ?? 0;
    const rule = this.rule(start, this.words[this.words.length - 1]?.end ?? start);
    if (this.command !== undefined) return toCommand(this.command, rule, this.problems);
    this.fail('no-command', rule, 'the line has no command', 'a command such as `-A INPUT`');
    return undefined;
  }

  /** One word that is not an argument of the option before it. */
  private step(word: Word): void {
    const { text } = word;
    if (text.length > 1 && text.charCodeAt(0) === 45) {
      if (text.charCodeAt(1) === 45) this.longOption(word);
      else this.shortOptions(word);
    } else if (text === '!' && !this.belongsToUnknown(this.words[this.at])) {
      if (this.bang !== undefined) this.fail('misplaced-negation', word, '`!` stands twice', 'one `!`');
      this.bang = word;
    } else if (this.unknown !== undefined) this.toUnknown(word);
    else this.fail('bad-argument', word, `\`${text}\` is not an option`, 'an option that begins with `-`');
  }

  /** Whether a word is an option that only a module that postern does not know can explain. */
  private belongsToUnknown(word: Word | undefined): boolean {
    if (this.unknown === undefined || word === undefined) return false;
    if (word.text.startsWith('--')) return this.lookUp(longName(word.text)) === undefined;
    return !/^-[a-zA-Z46]$/.test(word.text) || shortOption(word.text.charAt(1)) === undefined;
  }

  private longOption(word: Word): void {
    const name = longName(word.text);
    const found = this.lookUp(name) ?? this.lookUpProtocol(name);
    if (found === undefined || found === 'ambiguous') {
      if (this.unknown !== undefined) this.toUnknown(word);
      else this.unknownOption(word, name, found === 'ambiguous');
    } else if (word.text.length === name.length + 2) this.use(found.owner, found.spec, word, undefined);
    else if (found.spec.values === 0)
      this.fail('surplus-argument', word, `\`--${found.spec.name}\` takes no argument`, 'the option alone');
    else this.use(found.owner, found.spec, word, part(word, name.length + 3));
  }

  /** Long names: abbreviations count, unless a module that postern does not know could have the option. */
  private lookUp(name: string): FoundOption | 'ambiguous' | undefined {
    return this.unknown === undefined ? this.table.find(name) : this.table.findExact(name);
  }

  /** An option that nobody knows brings in the match of `-p`'s protocol, as libxtables' load_proto does. */
  private lookUpProtocol(name: string): FoundOption | 'ambiguous' | undefined {
    const word = this.base.find((option) => option.name === 'protocol' && !option.negated)?.values[0];
    const owner = word && protocolMatch(word.text, this.family);
    if (word === undefined || owner === undefined || this.matches.some((m) => m.owner === owner))
      return undefined;
    const before = this.table;
    this.table = before.with(owner);
    const found = this.lookUp(name);
    if (found === undefined || found === 'ambiguous') this.table = before;
    else this.matches.push(matchDraft(word, owner, true));
    return found;
  }

  /** `-ptcp`, `-p tcp`, and clusters such as `-fp tcp`. */
  private shortOptions(word: Word): void {
    for (let at = 1; at < word.text.length && !this.failed; at++) {
      const spec = shortOption(word.text.charAt(at));
      if (spec === undefined) {
        if (this.unknown !== undefined && at === 1) this.toUnknown(word);
        else this.unknownOption(word, word.text.charAt(at), false);
        return;
      }
      const inline = spec.values > 0 && at + 1 < word.text.length;
      this.use(BASE_OPTIONS, spec, word, inline ? part(word, at + 1) : undefined);
      if (inline) return;
    }
  }

  private toUnknown(word: Word): void {
    const { unknown } = this;
    if (unknown === undefined) return;
    unknown.rest.push(word);
    unknown.end = word.end;
  }

  /** Takes an option's arguments and files it under whose it is. */
  private use(owner: OptionOwner, spec: OptionSpec, word: Word, inline: Word | undefined): void {
    const { bang } = this;
    this.bang = undefined;
    if (bang !== undefined && !spec.negatable)
      this.fail('misplaced-negation', bang, `\`${word.text}\` cannot be negated`, 'no `!` before it');
    const values: Word[] = inline === undefined ? [] : [inline];
    const oldBang = inline === undefined && spec.values > 0 && spec.negatable && this.takesOldNegation();
    while (values.length < spec.values) {
      const next = this.words[this.at++];
      if (next === undefined) {
        this.fail('missing-argument', word, `\`${word.text}\` needs an argument`, argumentsOf(spec));
        return;
      }
      values.push(next);
    }
    const end = values.length > 0 ? (values[values.length - 1] as Word).end : word.end;
    const negated = (bang !== undefined) !== oldBang;
    this.file(owner, { name: spec.name, negated, values, start: (bang ?? word).start, end }, word);
  }

  /** `-s ! 10.0.0.1`, as iptables up to 1.4.2 printed and 1.6 still took it. */
  private takesOldNegation(): boolean {
    if (this.words[this.at]?.text !== '!' || this.at + 1 >= this.words.length) return false;
    this.at++;
    return true;
  }

  private file(owner: OptionOwner, option: OptionUse, word: Word): void {
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
    else if (name === 'match') this.startMatch(option.values[0] as Word);
    else if (name === 'jump' || name === 'goto') this.startTarget(option, word);
    else if (COMMANDS.has(name)) this.useCommand(option, word);
    else if (name === 'ipv4' || name === 'ipv6') this.onlyFamily = name === 'ipv4' ? 4 : 6;
    else if (name === 'table' || name === 'wait' || name === 'wait-interval')
      this.fail('option-not-here', word, `\`${word.text}\` has no place in a dump`, 'rules and commands');
    else if (name === 'help' || name === 'version') this.command = { ...option, name: 'list' };
  }

  private addBase(option: OptionUse, word: Word): void {
    if (this.base.some((other) => other.name === option.name))
      this.fail('repeated-option', word, `\`${word.text}\` stands twice`, 'one of each kind');
    this.base.push(option);
  }

  private useCommand(option: OptionUse, word: Word): void {
    if (this.command !== undefined)
      this.fail(
        'two-commands',
        word,
        `a second command, \`${word.text}\`, stands on the line`,
        'one command',
      );
    this.command = option;
    for (let more = extraWords(option.name); more > 0; more--) {
      const next = this.words[this.at];
      if (next === undefined || next.text.startsWith('-') || next.text === '!') return;
      (option.values as Word[]).push(next);
      this.at++;
    }
  }

  private startMatch(word: Word): void {
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
    const module = goto ? undefined : targetModule(name.text, this.family, name, this.problems);
    if (this.target !== undefined)
      this.fail('two-targets', word, 'a second target stands on the line', 'one target');
    if (module === 'refused') {
      this.failed = true;
      return;
    }
    const { start, end } = name;
    this.target = { name, goto, owner: module, options: [], rest: [], start, end };
    if (module !== undefined) this.table = this.table.with(module);
    else if (!goto && !this.isChain(name.text)) this.unknown = this.target;
  }

  private unknownOption(word: Word, name: string, ambiguous: boolean): void {
    const near = ambiguous ? undefined : nearest(name, this.names());
    const message = ambiguous
      ? `\`${word.text}\` abbreviates several options`
      : `no module of this rule has an option \`${word.text}\``;
    this.problems.error('unknown-option', word, message, {
      expected:
        near === undefined ? 'an option of iptables(8) or of a module named by `-m`' : `\`--${near}\``,
      help: 'name the module with `-m` before its options; an unknown module is a condition that may hold or not',
    });
    this.failed = true;
  }

  /** Every option that could stand here. */
  private names(): Iterable<string> {
    const word = this.base.find((option) => option.name === 'protocol')?.values[0];
    const owner = word && protocolMatch(word.text, this.family);
    return (owner === undefined ? this.table : this.table.with(owner)).names();
  }

  private fail(code: string, place: Place, message: string, expected: string): void {
    if (!this.failed) this.problems.error(code, place, message, { expected });
    this.failed = true;
  }

  private rule(start: number, end: number): RuleSpec {
    const matches: readonly MatchUse[] = this.matches;
    const target: TargetUse | undefined = this.target;
    return { base: this.base, matches, target, onlyFamily: this.onlyFamily, start, end };
  }
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
