import type { Atom } from '../../../../grammars/nft/atoms.ts';
import type { Place } from '../ast/ast.ts';
import { isName } from './keywords.ts';
import { helpForWord } from './mistakes.ts';
import type { Problems } from '../problems.ts';

/** Names are ASCII. */
const LONGEST_NAME = 255;

/** Reads the atoms of one statement from left to right. A wrong one is reported once; after that all is wrong. */
export class Cursor {
  private at = 0;
  failed = false;

  constructor(
    readonly atoms: readonly Atom[],
    readonly problems: Problems,
    private readonly whole: Place,
    /** How many unnamed chains are around. */
    readonly depth = 0,
  ) {}

  /** The atom that comes next, or one further on. */
  peek(ahead = 0): Atom | undefined {
    return this.failed ? undefined : this.atoms[this.at + ahead];
  }

  get done(): boolean {
    return this.failed || this.at >= this.atoms.length;
  }

  next(): Atom | undefined {
    const atom = this.peek();
    if (atom !== undefined) this.at++;
    return atom;
  }

  /** Goes back by one atom, so that it is the one that is reported. */
  back(): void {
    this.at--;
  }

  /** Goes back to a mark, so that what stands there is reported. */
  backTo(mark: number): void {
    this.at = mark;
  }

  /** The next word where it is written so: what a variable holds is a value (src/parser_bison.y of nftables, variable_expr). */
  keyword(ahead = 0): string | undefined {
    const atom = this.peek(ahead);
    return atom?.kind === 'word' && atom.variable !== true ? atom.text : undefined;
  }

  /** The text of the next word; undefined where something else comes. */
  word(ahead = 0): string | undefined {
    const atom = this.peek(ahead);
    return atom?.kind === 'word' ? atom.text : undefined;
  }

  sign(ahead = 0): string | undefined {
    const atom = this.peek(ahead);
    return atom?.kind === 'sign' ? atom.text : undefined;
  }

  /** Takes the next word if it is one of these. */
  take(...words: readonly string[]): string | undefined {
    const word = this.keyword();
    if (word === undefined || !words.includes(word)) return undefined;
    this.at++;
    return word;
  }

  takeSign(...signs: readonly string[]): string | undefined {
    const sign = this.sign();
    if (sign === undefined || !signs.includes(sign)) return undefined;
    this.at++;
    return sign;
  }

  /** A word or a quoted text. */
  name(expected: string): string | undefined {
    const atom = this.peek();
    if (atom?.kind === 'word' || atom?.kind === 'quoted') {
      this.at++;
      return atom.text;
    }
    this.fail(expected);
    return undefined;
  }

  /**
   * The name of a table, a chain, a set or an object: a word that the language does not keep for itself, of at most so
   * many bytes (include/uapi/linux/netfilter/nf_tables.h, NFT_NAME_MAXLEN).
   * @param given a variable may hold it
   * @param isAnyName words of the language are names too
   */
  identifier(expected: string, given = false, isAnyName = this.problems.free): string | undefined {
    // `@name` may be what a variable holds as a whole.
    const [before, atom] = [this.atoms[this.at - 1], this.peek()];
    const whole = before?.kind === 'sign' && before.variable === true && before.start === atom?.start;
    const text = given && atom?.kind === 'quoted' && atom.variable === true ? atom.text : undefined;
    const word = text ?? (given || whole ? this.word() : this.keyword());
    if (word === undefined || !(isAnyName || isName(word))) return this.fail(expected);
    if (word.length > LONGEST_NAME) return this.fail(`a name of at most ${LONGEST_NAME} characters`);
    this.at++;
    return word;
  }

  /** The name of a chain; those of iptables are called as their users like (`dynamic`, `reject` and `~log0` of Shorewall). */
  chainName(given = false): string | undefined {
    return this.identifier('the name of a chain', given, this.problems.free || this.problems.ofIptables);
  }

  /** A number of which only the shape matters. */
  count(): void {
    this.number('a number');
  }

  /** A number; one that 64 bits have no room for is a text to nft's scanner. 0 behind an error. */
  number(expected: string): bigint {
    const number = numberOf(this.keyword());
    if (number === undefined) this.fail(expected);
    else this.at++;
    return number ?? 0n;
  }

  /** Reports what comes next as wrong. */
  fail(expected: string): undefined {
    if (this.failed) return undefined;
    const atom = this.atoms[this.at];
    const end = this.atoms[this.at - 1]?.end ?? this.whole.start;
    const place = atom ?? { start: end, end };
    const found = atom === undefined ? 'the statement ends' : `unexpected \`${shorten(textOf([atom]))}\``;
    const help = helpForWord(this.atoms, this.at, expected);
    const shown = expected.startsWith('a field of ')
      ? expected.replaceAll(/, option [^,]+|option [^,]+, /g, '')
      : expected;
    this.problems.error('nft-syntax', place, `${found} here`, {
      expected: shown,
      ...(help !== undefined && { help }),
    });
    this.failed = true;
    return undefined;
  }

  /** Whether an atom stands in the statement itself, and is not what a variable holds. */
  holds({ start, end }: Place): boolean {
    return start >= this.whole.start && end <= this.whole.end;
  }

  /** Where the next atom begins. */
  get start(): number {
    return this.atoms[this.at]?.start ?? this.whole.end;
  }

  /** Where the last atom that was taken ends. */
  get end(): number {
    return this.atoms[this.at - 1]?.end ?? this.whole.start;
  }

  /** A cursor over atoms in this one's braces. */
  within(atoms: readonly Atom[], place: Place): Cursor {
    return new Cursor(atoms, this.problems, { start: place.start, end: place.end - 1 }, this.depth);
  }

  /** A mark for {@link textSince}. */
  get mark(): number {
    return this.at;
  }

  /** What was taken since the mark, in one spelling. */
  textSince(mark: number): string {
    return textOf(this.atoms.slice(mark, this.at));
  }

  /** Takes everything that is left. */
  rest(): string {
    const from = this.at;
    this.at = this.atoms.length;
    return textOf(this.atoms.slice(from));
  }
}

/** A word as a number, as strtoull(3) has it: what begins with 0 is octal. Undefined where it is none. */
export function numberOf(word: string | undefined): bigint | undefined {
  if (word === undefined || !/^(?:\d+|0[xX][0-9a-fA-F]+)$/.test(word)) return undefined;
  const octal = /^0[0-7]*/.exec(word)?.[0];
  const number = word.startsWith('0') && !/^0[xX]/.test(word) ? BigInt(`0o${octal}`) : BigInt(word);
  return number < 2n ** 64n ? number : undefined;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}

/** Numbers are decimal: what nft's text has as `0x10` its JSON has as 16. */
function spelled(word: string): string {
  return word.startsWith('0x') && /^0x[0-9a-fA-F]+$/.test(word) ? BigInt(word).toString() : word;
}

/** Whether no blank stands before an atom: `@ports`, `@nh,96,32`, `10.0.0.0/8`, `80-90`, `syn, ack`. */
function isTight(atoms: readonly Atom[], at: number): boolean {
  const [sign, before] = [signOf(atoms[at]), signOf(atoms[at - 1])];
  if (sign === ',' || sign === '-' || before === '-' || before === '@') return true;
  if (sign === '/') return isLength(atoms[at + 1]);
  if (before === '/') return isLength(atoms[at]);
  if (before !== ',') return false;
  // The offset and the length of raw bits.
  const base = signOf(atoms[at - 3]);
  return base === '@' || (base === ',' && signOf(atoms[at - 5]) === '@');
}

const signOf = (atom: Atom | undefined): string | undefined =>
  atom?.kind === 'sign' ? atom.text : undefined;

const isLength = (atom: Atom | undefined): boolean => atom?.kind === 'word' && /^\d+$/.test(atom.text);

/** Atoms in one spelling, as nft lists them: a blank between any two, but for the parts of a value. */
export function textOf(atoms: readonly Atom[]): string {
  let text = '';
  for (const [at, atom] of atoms.entries()) {
    if (text !== '' && !isTight(atoms, at)) text += ' ';
    if (atom.kind === 'word') text += spelled(atom.text);
    else if (atom.kind === 'quoted') text += `"${atom.text}"`;
    else if (atom.kind === 'group') text += `{ ${atom.body.map(textOf).join('; ')} }`;
    else text += atom.text;
  }
  return text;
}
