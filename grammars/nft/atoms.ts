/** A token, or a group in braces with its statements. Offsets are UTF-16 offsets in the text, `[start, end)`. */
export type Atom = TokenAtom | GroupAtom;

/**
 * A word, a quoted text, a sign, what stands for an extension of iptables, a handle in a comment, or what a JSON listing
 * has and the language has no words for.
 */
export interface TokenAtom {
  readonly kind: 'word' | 'quoted' | 'sign' | 'xt' | 'handle' | 'opaque' | 'opaque-match';
  /** The text; of a quoted one what stands between the quotes. */
  readonly text: string;
  /** It stands for a variable: a value, and none of the language's own words. */
  readonly variable?: true;
  readonly start: number;
  readonly end: number;
}

/** `{ … }` */
export interface GroupAtom {
  readonly kind: 'group';
  readonly body: readonly (readonly Atom[])[];
  /** Nothing ends the last statement: no line break and no `;` stands before the closing brace. */
  readonly unended?: boolean;
  /** The text between the braces, where nothing is in it but words, signs and blank space. */
  readonly flat?: string;
  readonly start: number;
  readonly end: number;
}

/** A group of words and signs; its atoms are made when somebody asks for them. */
export class FlatGroup implements GroupAtom {
  readonly kind = 'group';
  private made: readonly (readonly Atom[])[] | undefined;

  /**
   * @param flat the text between the braces
   * @param start the offset of the opening brace
   * @param read makes the atoms of a text that stands at an offset
   */
  constructor(
    readonly flat: string,
    readonly start: number,
    readonly end: number,
    private readonly read: (text: string, offset: number) => readonly (readonly Atom[])[],
  ) {}

  get unended(): boolean {
    return !/[\n;][ \t\r\f]*$/.test(this.flat) && this.body.length > 0;
  }

  get body(): readonly (readonly Atom[])[] {
    this.made ??= this.read(this.flat, this.start + 1);
    return this.made;
  }
}

/** Whether there is an atom, and it is this word. */
export const isWord = (atom: Atom | undefined, text: string): boolean =>
  atom?.kind === 'word' && atom.text === text;
