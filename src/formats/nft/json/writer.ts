import type { Atom, TokenAtom } from '../../../../grammars/nft/atoms.ts';
import { parseScript } from '../../../../grammars/nft/parser.ts';
import type { Place } from '../ast/ast.ts';

/** An object of JSON, of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is an object and no list. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a list: itself where it is one, nothing for null, else alone. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Words that can stand without quotation marks in nft's language, as values. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.:/+-]*$|^[0-9a-fA-F:.]*::[0-9a-fA-F:.]*$/;

/**
 * Writes the statements of nft's text that say what an object of libnftables-json(5) says, as atoms: from there on text
 * and JSON are read by the same code. No text is put together and read again, so that a string stays one word,
 * whatever is in it. All atoms stand at the place of the command that they come from.
 */
export class Writer {
  readonly atoms: Atom[] = [];

  constructor(readonly place: Place) {}

  private push(kind: TokenAtom['kind'], text: string): this {
    this.atoms.push({ kind, text, start: this.place.start, end: this.place.end });
    return this;
  }

  /** Words, blanks between them. */
  words(...texts: readonly string[]): this {
    for (const text of texts) for (const word of text.split(' ')) this.push('word', word);
    return this;
  }

  /** One word that the file has, such as a name. */
  name(text: string): this {
    return this.push('word', text);
  }

  sign(text: string): this {
    return this.push('sign', text);
  }

  quoted(text: string): this {
    return this.push('quoted', text);
  }

  number(value: number): this {
    return value < 0 ? this.sign('-').name(String(-value)) : this.name(String(value));
  }

  /** A value of a string: quoted where it could be taken for something else. */
  value(text: string, quoted = false): this {
    const quote = (quoted && !/^\d+$/.test(text)) || !PLAIN.test(text);
    return quote ? this.quoted(text) : this.name(text);
  }

  /** What JSON has no words for; see readOpaque. */
  opaque(kind: 'match' | 'statement', json: unknown): this {
    const text = JSON.stringify(json) ?? '';
    return this.push(kind === 'match' ? 'opaque-match' : 'opaque', text);
  }

  /** The rule's handle, as `nft -a` has it in a comment. */
  handle(handle: number): this {
    return this.push('handle', String(handle));
  }

  /**
   * A text in nft's own language, as nft puts one where it has no JSON for a statement.
   * @param offsets where each character of the text stands in the file
   */
  raw(text: string, offsets: readonly number[] | undefined): boolean {
    const { statements, problem } = parseScript(text);
    if (problem !== undefined || statements.length !== 1) return false;
    const placeOf = ({ start, end }: Place): Place => ({
      start: offsets?.[start] ?? this.place.start,
      end: offsets?.[end] ?? this.place.end,
    });
    for (const atom of moved(statements[0] as readonly Atom[], placeOf)) this.atoms.push(atom);
    return true;
  }

  /** `{ … }`: one statement, or several. */
  group(write: (inner: Writer) => void): this {
    const inner = new Writer(this.place);
    write(inner);
    return this.block([inner.atoms]);
  }

  block(body: readonly (readonly Atom[])[]): this {
    this.atoms.push({ kind: 'group', body: body.filter(({ length }) => length > 0), ...this.place });
    return this;
  }

  /** Another writer at the same place. */
  fresh(): Writer {
    return new Writer(this.place);
  }
}

function moved(atoms: readonly Atom[], placeOf: (place: Place) => Place): Atom[] {
  return atoms.map((atom): Atom => {
    const place = placeOf(atom);
    if (atom.kind !== 'group') return { ...atom, ...place };
    const { body, unended } = atom;
    const ended = unended === undefined ? {} : { unended };
    return { kind: 'group', body: body.map((inner) => moved(inner, placeOf)), ...ended, ...place };
  });
}
