import { nearest } from '../../text/nearest.ts';
import type { OptionUse, Place, Word } from './ast.ts';
import { BASE_OPTIONS, shortOption } from './base-options.ts';
import { argumentsOf, type Draft, longName, part } from './drafts.ts';
import { type FoundOption, type OptionOwner, type OptionSpec, OptionTable } from './getopt.ts';
import { protocolMatch } from './matches/registry.ts';
import { ownersOf } from './option-owners.ts';
import type { Problems } from './problems.ts';
import { noProtocol, readProtocol } from './protocols.ts';

const BASE_TABLE = OptionTable.of(BASE_OPTIONS);

/** Splits a line's words into options with their arguments and negations, as getopt_long(3) and iptables do. */
export abstract class OptionScanner {
  protected at = 0;
  /** The options in force; matches and targets add theirs. */
  protected table = BASE_TABLE;
  /** The module that takes the words which nobody else explains. */
  protected unknown: Draft | undefined;
  protected failed = false;
  private bang: Word | undefined;
  /** The option that was read last, and what it took for its arguments. */
  private last:
    | { readonly option: Word; readonly spec: OptionSpec; readonly values: readonly Word[] }
    | undefined;

  constructor(
    protected readonly words: readonly Word[],
    protected readonly family: 4 | 6,
    protected readonly problems: Problems,
  ) {}

  /** Takes an option of iptables itself, or of a module. */
  protected abstract file(owner: OptionOwner, option: OptionUse, word: Word): void;

  /** The argument of `-p`, if it was there. */
  protected abstract protocolWord(): Word | undefined;

  /** A match that `-p` brings in because of one of its options. */
  protected abstract bringIn(owner: OptionOwner, word: Word): void;

  /** Reads every word; false after an error. */
  protected scan(): boolean {
    while (this.at < this.words.length && !this.failed) this.step(this.words[this.at++] as Word);
    if (this.bang !== undefined)
      this.fail('misplaced-negation', this.bang, 'nothing follows this `!`', 'an option');
    return !this.failed;
  }

  /** One word that is not an argument of the option before it. */
  private step(word: Word): void {
    const { text } = word;
    if (text === '--' && this.at === this.words.length) return;
    if (text.length > 1 && text.charCodeAt(0) === 45) {
      if (text.charCodeAt(1) === 45) this.longOption(word);
      else this.shortOptions(word);
    } else if (text === '!' && !this.belongsToUnknown(this.words[this.at])) {
      if (this.bang !== undefined) this.fail('misplaced-negation', word, '`!` stands twice', 'one `!`');
      this.bang = word;
    } else if (this.unknown !== undefined) this.toUnknown(word);
    else this.surplus(word);
  }

  /** A word that nothing asks for: perhaps the option before it took the next one for its argument. */
  private surplus(word: Word): void {
    const { option, spec, values } = this.last ?? {};
    const taken = values?.at(-1);
    if (option === undefined || spec === undefined || taken === undefined || !/^-[a-z-]/i.test(taken.text))
      this.fail('bad-argument', word, `\`${word.text}\` is not an option`, 'an option that begins with `-`');
    else this.lacking(option, taken, argumentsOf(spec));
  }

  /** An option stands where another one's argument should. */
  protected lacking(option: Place & { readonly text: string }, taken: Word, expected: string): void {
    const message = `\`${option.text}\` needs an argument, and \`${taken.text}\` stands in its place`;
    this.fail('missing-argument', option, message, expected);
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
    const word = this.protocolWord();
    const owner = word && protocolMatch(word.text, this.family);
    if (word === undefined || owner === undefined || this.table.has(owner)) return undefined;
    const before = this.table;
    this.table = before.with(owner);
    const found = this.lookUp(name);
    if (found === undefined || found === 'ambiguous') this.table = before;
    else this.bringIn(owner, word);
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
    // Extensions have options; what stands before the first one is nobody's argument.
    const isOption = word.text.startsWith('-') || word.text === '!';
    if (!isOption && unknown.rest.every(({ text }) => text === '!')) this.surplus(word);
    unknown.rest.push(word);
    unknown.end = word.end;
  }

  /** Takes an option's arguments and files it under whose it is. */
  private use(owner: OptionOwner, spec: OptionSpec, word: Word, inline: Word | undefined): void {
    const { bang } = this;
    this.bang = undefined;
    if (bang !== undefined && !spec.negatable)
      this.fail('misplaced-negation', bang, `\`${word.text}\` cannot be negated`, 'no `!` before it');
    const old = bang === undefined && inline === undefined && spec.values > 0 && spec.negatable;
    const oldBang = old && this.takesOldNegation();
    const values = this.valuesOf(spec, inline);
    if (values === undefined) {
      this.fail('missing-argument', word, `\`${word.text}\` needs an argument`, argumentsOf(spec));
      return;
    }
    const end = values.length > 0 ? (values[values.length - 1] as Word).end : word.end;
    this.last = { option: word, spec, values };
    const negated = (bang !== undefined) !== oldBang;
    this.file(owner, { name: spec.name, negated, values, start: (bang ?? word).start, end }, word);
  }

  /** An option's arguments; undefined where the line ends before them. Most have one: a list of it takes little room. */
  private valuesOf(spec: OptionSpec, inline: Word | undefined): Word[] | undefined {
    if (spec.values === 0 || (spec.optional && inline === undefined && this.endsHere())) return [];
    const first = inline ?? this.words[this.at++];
    if (first === undefined) return undefined;
    const values = [first];
    while (values.length < spec.values && !hasBothCounters(spec, values)) {
      const next = this.words[this.at++];
      if (next === undefined) return undefined;
      values.push(next);
    }
    return values;
  }

  /** Whether no argument follows: `--rateest-bps` looks at what stands there (libxt_rateest.c, rateest_parse). */
  private endsHere(): boolean {
    return /^(?:[-!]|$)/.test(this.words[this.at]?.text ?? '');
  }

  /**
   * `-s ! 10.0.0.1`, as old versions of iptables print it; 1.8.9 no longer takes it. In `-i ! -j DROP` the `!` is the argument: an
   * interface may be called so.
   */
  private takesOldNegation(): boolean {
    const value = this.words[this.at + 1];
    if (this.words[this.at]?.text !== '!' || value === undefined || /^-./.test(value.text)) return false;
    this.at++;
    return true;
  }

  private unknownOption(word: Word, name: string, ambiguous: boolean): void {
    const protocol = this.protocolWord();
    if (protocol !== undefined && readProtocol(protocol.text) === undefined) {
      noProtocol(protocol, this.problems);
      this.failed = true;
      return;
    }
    const owners = ambiguous ? [] : ownersOf(name, this.family);
    const near = ambiguous ? undefined : nearest(name, this.names());
    const message = ambiguous
      ? `\`${word.text}\` abbreviates several options`
      : `no module of this rule has an option \`${word.text}\``;
    const known =
      owners.length > 0 ? `${owners.map((one) => `\`${one}\``).join(' or ')} before it` : undefined;
    const like = near === undefined ? undefined : `\`--${near}\``;
    this.problems.error('unknown-option', word, message, {
      expected: known ?? like ?? 'an option of iptables(8) or of a module named by `-m`',
      help:
        known === undefined
          ? 'name the module with `-m` before its options; an unknown module is a condition that may hold or not'
          : 'an option stands behind the protocol, the module or the target that it belongs to',
    });
    this.failed = true;
  }

  /** Every option that could stand here. */
  private names(): Iterable<string> {
    const word = this.protocolWord();
    const owner = word && protocolMatch(word.text, this.family);
    return (owner === undefined ? this.table : this.table.with(owner)).names();
  }

  /** Reports the first error of the line and ends its reading. */
  protected fail(code: string, place: Place, message: string, expected: string): void {
    if (!this.failed) this.problems.error(code, place, message, { expected });
    this.failed = true;
  }
}

/** `-c 10,20`: both counters in one word (iptables/xshared.c, do_parse). */
function hasBothCounters({ name }: OptionSpec, [first]: readonly Word[]): boolean {
  return name === 'set-counters' && first !== undefined && first.text.indexOf(',', 1) > 0;
}
