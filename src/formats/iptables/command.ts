import type { Command, MatchUse, OptionUse, Place, RuleSpec, TargetUse, Word } from './ast.ts';
import { BASE_OPTIONS, COMMANDS, shortOption } from './base-options.ts';
import { nearest } from './nearest.ts';
import { type FoundOption, type OptionOwner, type OptionSpec, OptionTable } from './getopt.ts';
import { matchModule, protocolMatch } from './matches/registry.ts';
import type { Problems } from './problems.ts';
import { targetModule } from './targets/registry.ts';

const BASE_TABLE = OptionTable.of(BASE_OPTIONS);

/** A match or target under construction. */
interface Draft {
  readonly place: Word;
  readonly name: string;
  readonly owner: OptionOwner | undefined;
  readonly implicit: boolean;
  readonly options: OptionUse[];
  readonly rest: Word[];
}

/** Reads one command's words as getopt_long(3) and iptables' `do_command` do. */
class CommandReader {
  private at = 0;
  private table = BASE_TABLE;
  private readonly base: OptionUse[] = [];
  private readonly matches: Draft[] = [];
  private target: (Draft & { readonly goto: boolean; readonly name: string }) | undefined;
  private unknown: Draft | undefined;
  private command: OptionUse | undefined;
  private negation: Word | undefined;
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
    if (this.failed) return undefined;
    if (this.negation !== undefined) {
      this.fail('misplaced-negation', this.negation, 'nothing follows this `!`', 'an option');
      return undefined;
    }
    return this.finish();
  }

  /** One word that is not an argument of the option before it. */
  private step(word: Word): void {
    const { text } = word;
    if (text.length > 1 && text.charCodeAt(0) === 45) {
      if (text.charCodeAt(1) === 45) this.longOption(word);
      else this.shortOptions(word);
      return;
    }
    if (text === '!' && !this.belongsToUnknown(this.words[this.at])) {
      if (this.negation !== undefined)
        this.fail('misplaced-negation', word, '`!` stands twice', 'an option after one `!`');
      this.negation = word;
    } else if (this.unknown !== undefined) this.unknown.rest.push(word);
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
    if (found === 'ambiguous' || found === undefined) {
      if (this.unknown !== undefined) this.toUnknown(word);
      else this.unknownOption(word, name, found === 'ambiguous');
      return;
    }
    const values: Word[] = [];
    if (word.text.length > name.length + 2) {
      if (found.spec.values === 0) {
        this.fail('surplus-argument', word, `\`--${found.spec.name}\` takes no argument`, undefined);
        return;
      }
      values.push(part(word, name.length + 3));
    }
    this.use(found, word, values);
  }

  /** Long names: abbreviations count, unless a module that postern does not know could have the option. */
  private lookUp(name: string): FoundOption | 'ambiguous' | undefined {
    return this.unknown === undefined ? this.table.find(name) : this.table.findExact(name);
  }

  /** An option that nobody knows brings in the match of `-p`'s protocol, as libxtables' load_proto does. */
  private lookUpProtocol(name: string): FoundOption | 'ambiguous' | undefined {
    const use = this.base.find((option) => option.name === 'protocol' && !option.negated);
    const owner = use && protocolMatch((use.values[0] as Word).text, this.family);
    if (use === undefined || owner === undefined || this.matches.some((m) => m.owner === owner))
      return undefined;
    const before = this.table;
    this.table = before.with(owner);
    const found = this.lookUp(name);
    if (found === undefined || found === 'ambiguous') this.table = before;
    else
      this.matches.push({
        place: use.values[0] as Word,
        name: owner.name,
        owner,
        implicit: true,
        options: [],
        rest: [],
      });
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
      this.use({ owner: BASE_OPTIONS, spec }, word, inline ? [part(word, at + 1)] : []);
      if (inline) return;
    }
  }

  private toUnknown(word: Word): void {
    if (this.negation !== undefined) this.unknown?.rest.push(this.negation);
    this.negation = undefined;
    this.unknown?.rest.push(word);
  }

  /** Takes an option's arguments and files it under whose it is. */
  private use({ owner, spec }: FoundOption, word: Word, values: Word[]): void {
    const first = this.negation ?? word;
    const negated = this.takeNegation(spec, word);
    this.takeOldNegation(spec, values);
    while (values.length < spec.values) {
      const next = this.words[this.at++];
      if (next === undefined) {
        this.fail('missing-argument', word, `\`${word.text}\` needs an argument`, argumentsOf(spec));
        return;
      }
      values.push(next);
    }
    const last = values[values.length - 1] ?? word;
    const option = {
      name: spec.name,
      negated: negated !== this.oldNegation,
      values,
      start: first.start,
      end: Math.max(last.end, word.end),
    };
    this.oldNegation = false;
    if (owner.kind === 'base') this.useBase(option, word);
    else this.useModule(owner, option);
  }

  private oldNegation = false;

  private takeNegation(spec: OptionSpec, word: Word): boolean {
    const bang = this.negation;
    this.negation = undefined;
    if (bang === undefined) return false;
    if (!spec.negatable)
      this.fail('misplaced-negation', bang, `\`${word.text}\` cannot be negated`, undefined);
    return true;
  }

  /** `-s ! 10.0.0.1`, as iptables up to 1.4.2 printed and 1.6 still took it. */
  private takeOldNegation(spec: OptionSpec, values: readonly Word[]): void {
    this.oldNegation = false;
    if (!spec.negatable || spec.values === 0 || values.length > 0) return;
    if (this.words[this.at]?.text !== '!' || this.at + 1 >= this.words.length) return;
    this.oldNegation = true;
    this.at++;
  }

  private useModule(owner: OptionOwner, option: OptionUse): void {
    if (owner.kind === 'target') this.target?.options.push(option);
    else this.lastMatch(owner)?.options.push(option);
  }

  private lastMatch(owner: OptionOwner): Draft | undefined {
    for (let i = this.matches.length - 1; i >= 0; i--)
      if (this.matches[i]?.owner === owner) return this.matches[i];
    return undefined;
  }

  private useBase(option: OptionUse, word: Word): void {
    const { name } = option;
    if (COMMANDS.has(name)) this.useCommand(option, word);
    else if (name === 'match') this.startMatch(option.values[0] as Word);
    else if (name === 'jump' || name === 'goto') this.startTarget(option, word);
    else if (name === 'ipv4' || name === 'ipv6') this.onlyFamily = name === 'ipv4' ? 4 : 6;
    else if (name === 'table' || name === 'wait' || name === 'wait-interval')
      this.fail('option-not-here', word, `\`${word.text}\` has no place in a dump`, undefined);
    else if (MATCHING.has(name)) this.addBase(option, word);
    else if (name === 'help' || name === 'version') this.command ??= { ...option, name: 'list' };
  }

  private addBase(option: OptionUse, word: Word): void {
    if (this.base.some((other) => other.name === option.name))
      this.fail('repeated-option', word, `\`${word.text}\` stands twice`, 'one of each kind');
    this.base.push(option);
  }

  private useCommand(option: OptionUse, word: Word): void {
    if (this.command !== undefined)
      this.fail('two-commands', word, `a second command, \`${word.text}\`, stands on the line`, undefined);
    this.command = option;
    for (let more = EXTRA_WORDS[option.name] ?? 0; more > 0; more--) {
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
    const name = module?.name ?? word.text;
    const draft = { place: word, name, owner: module, implicit: false, options: [], rest: [] };
    this.matches.push(draft);
    if (module === undefined) this.unknown = draft;
    else this.table = this.table.with(module);
  }

  private startTarget(option: OptionUse, word: Word): void {
    const name = option.values[0] as Word;
    if (this.target !== undefined) {
      this.fail('two-targets', word, 'a second target stands on the line', undefined);
      return;
    }
    const goto = option.name === 'goto';
    const module = goto ? undefined : targetModule(name.text, this.family, name, this.problems);
    if (module === 'refused') {
      this.failed = true;
      return;
    }
    const draft = {
      place: name,
      name: name.text,
      owner: module,
      implicit: false,
      options: [],
      rest: [],
      goto,
    };
    this.target = draft;
    if (module !== undefined) this.table = this.table.with(module);
    else if (!goto && !this.isChain(name.text)) this.unknown = draft;
  }

  private unknownOption(word: Word, name: string, ambiguous: boolean): void {
    const near = ambiguous ? undefined : nearest(name, this.table.names());
    const message = ambiguous
      ? `\`${word.text}\` abbreviates several options`
      : `no module of this rule has an option \`${word.text}\``;
    this.problems.error('unknown-option', word, message, {
      expected:
        near === undefined ? 'an option of iptables(8) or of a module named by `-m`' : `\`--${near}\``,
      help: 'name the module with `-m` before its options; an unknown module is taken as a condition that may hold or not',
    });
    this.failed = true;
  }

  private fail(code: string, place: Place, message: string, expected: string | undefined): void {
    if (!this.failed) this.problems.error(code, place, message, expected === undefined ? {} : { expected });
    this.failed = true;
  }

  private finish(): Command | undefined {
    const command = this.command;
    const place = { start: this.words[0]?.start ?? 0, end: this.words[this.words.length - 1]?.end ?? 0 };
    if (command === undefined) {
      this.fail('no-command', place, 'the line has no command', 'a command such as `-A INPUT`');
      return undefined;
    }
    return this.toCommand(command, this.rule(place));
  }

  private rule(place: Place): RuleSpec {
    return {
      base: this.base,
      matches: this.matches.map(toMatchUse),
      target: this.target && { ...toTargetUse(this.target), goto: this.target.goto },
      onlyFamily: this.onlyFamily,
      start: place.start,
      end: place.end,
    };
  }

  private toCommand({ name, values }: OptionUse, rule: RuleSpec): Command | undefined {
    const chain = values[0] as Word;
    switch (name) {
      case 'append':
      case 'check':
        return { kind: name, chain, rule };
      case 'insert':
      case 'replace':
        return this.numbered(name, values, rule);
      case 'delete':
        if (values.length === 1) return { kind: 'delete', chain, rule };
        return { kind: 'delete-number', chain, position: this.position(values[1] as Word) };
      case 'new-chain':
        return { kind: name, chain };
      case 'flush':
      case 'delete-chain':
        return { kind: name, chain: values[0] };
      case 'rename-chain':
      case 'policy':
        return this.paired(name, values);
      default:
        return { kind: 'nothing', chain: values[0] };
    }
  }

  private numbered(kind: 'insert' | 'replace', values: readonly Word[], rule: RuleSpec): Command | undefined {
    const [chain, number] = values as [Word, Word?];
    if (kind === 'replace' && number === undefined) {
      this.fail('missing-argument', chain, '`-R` needs the number of a rule', '`-R chain number rule`');
      return undefined;
    }
    return { kind, chain, position: number === undefined ? 1 : this.position(number), rule };
  }

  private paired(kind: 'rename-chain' | 'policy', values: readonly Word[]): Command | undefined {
    const [chain, second] = values as [Word, Word?];
    if (second === undefined) {
      const wanted = kind === 'policy' ? '`-P chain ACCEPT|DROP`' : '`-E old new`';
      this.fail('missing-argument', chain, 'an argument is missing', wanted);
      return undefined;
    }
    return kind === 'policy' ? { kind, chain, policy: second } : { kind, chain, name: second };
  }

  private position(word: Word): number {
    const value = /^[0-9]{1,9}$/.test(word.text) ? Number(word.text) : 0;
    if (value === 0)
      this.fail(
        'bad-rule-number',
        word,
        `\`${word.text}\` is not the number of a rule`,
        'a number from 1 up',
      );
    return value;
  }
}

/** How many further words a command takes when they are no options. */
const EXTRA_WORDS: Readonly<Record<string, number>> = {
  delete: 1,
  insert: 1,
  replace: 1,
  list: 2,
  'list-rules': 2,
  flush: 1,
  zero: 2,
  'delete-chain': 1,
  'rename-chain': 1,
  policy: 1,
};

const MATCHING = new Set(['source', 'destination', 'protocol', 'in-interface', 'out-interface', 'fragments']);

/** The option's name of `--name` or `--name=value`. */
function longName(text: string): string {
  const equals = text.indexOf('=');
  return equals < 0 ? text.slice(2) : text.slice(2, equals);
}

/** The end of a word, from its `from`-th character. */
function part(word: Word, from: number): Word {
  return { text: word.text.slice(from), start: word.start, end: word.end };
}

function argumentsOf(spec: OptionSpec): string {
  return spec.values === 1 ? 'an argument' : `${spec.values} arguments`;
}

function toMatchUse(draft: Draft): MatchUse {
  const last = draft.rest.at(-1) ?? draft.options.at(-1) ?? draft.place;
  const { name, implicit, options, rest } = draft;
  return {
    name,
    implicit,
    options,
    rest,
    start: draft.place.start,
    end: Math.max(last.end, draft.place.end),
  };
}

function toTargetUse(draft: Draft): Omit<TargetUse, 'goto'> {
  const last = draft.rest.at(-1) ?? draft.options.at(-1) ?? draft.place;
  return {
    name: draft.place,
    options: draft.options,
    rest: draft.rest,
    start: draft.place.start,
    end: last.end,
  };
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
