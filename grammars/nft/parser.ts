import { EmbeddedActionsParser, type IToken } from 'chevrotain';
import { Close, nftLexer, Open, Quoted, Separator, Sign, TOKENS, Word, XtComment } from './tokens.ts';

/** A token, or a group in braces with its statements. Offsets are UTF-16 offsets in the text, `[start, end)`. */
export type Atom = TokenAtom | GroupAtom;

export interface TokenAtom {
  readonly kind: 'word' | 'quoted' | 'sign' | 'xt';
  /** The text; of a quoted one what stands between the quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface GroupAtom {
  readonly kind: 'group';
  readonly body: readonly (readonly Atom[])[];
  readonly start: number;
  readonly end: number;
}

/** The statements of a text, or the first place that is wrong. */
export interface ParsedScript {
  readonly statements: readonly (readonly Atom[])[];
  readonly problem:
    | { readonly offset: number; readonly length: number; readonly expected: string }
    | undefined;
}

/** Braces in braces: nft's own grammar needs five (table, chain, anonymous chain, set, element). */
const DEEPEST = 24;

class NftParser extends EmbeddedActionsParser {
  constructor() {
    super(TOKENS, { recoveryEnabled: false, maxLookahead: 1, skipValidations: false });
    this.performSelfAnalysis();
  }

  /** body := (separator | statement)* */
  readonly body = this.RULE('body', (): Atom[][] => {
    const statements: Atom[][] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(Separator) },
        { ALT: () => statements.push(this.SUBRULE(this.statement)) },
      ]);
    });
    return statements;
  });

  /** statement := atom+ */
  private readonly statement = this.RULE('statement', (): Atom[] => {
    const atoms: Atom[] = [];
    this.AT_LEAST_ONE(() => {
      const atom = this.OR([
        { ALT: () => tokenAtom('word', this.CONSUME(Word)) },
        { ALT: () => tokenAtom('sign', this.CONSUME(Sign)) },
        { ALT: () => tokenAtom('quoted', this.CONSUME(Quoted)) },
        { ALT: () => tokenAtom('xt', this.CONSUME(XtComment)) },
        { ALT: () => this.SUBRULE(this.group) },
      ]);
      atoms.push(atom);
    });
    return atoms;
  });

  /** group := "{" body "}" */
  private readonly group = this.RULE('group', (): Atom => {
    const open = this.CONSUME(Open);
    const body = this.SUBRULE(this.body);
    const close = this.CONSUME(Close);
    return { kind: 'group', body, start: open.startOffset, end: close.startOffset + 1 };
  });
}

function tokenAtom(kind: TokenAtom['kind'], token: IToken): Atom {
  const { image, startOffset } = token;
  const text = kind === 'quoted' ? image?.slice(1, -1) : image;
  return { kind, text, start: startOffset, end: startOffset + (image?.length ?? 0) };
}

const parser = new NftParser();

/** Lexes and parses a whole ruleset or script. Never throws. */
export function parseScript(text: string): ParsedScript {
  const { tokens, errors } = nftLexer.tokenize(text);
  const lexical = errors[0];
  if (lexical !== undefined) return problemAt(text, lexical.offset, 1, 'a word, a sign or a quoted text');
  const deep = tooDeep(tokens);
  if (deep !== undefined) return problemAt(text, deep.startOffset, 1, `at most ${DEEPEST} open braces`);
  parser.input = tokens;
  const statements = parser.body();
  const error = parser.errors[0];
  if (error === undefined) return { statements, problem: undefined };
  const { startOffset, image } = error.token;
  if (Number.isNaN(startOffset)) return problemAt(text, text.length, 0, '`}`');
  return problemAt(text, startOffset, image.length, 'a statement');
}

function tooDeep(tokens: readonly IToken[]): IToken | undefined {
  let depth = 0;
  for (const token of tokens) {
    if (token.tokenType === Open) {
      depth++;
      if (depth > DEEPEST) return token;
    } else if (token.tokenType === Close) depth--;
  }
  return undefined;
}

function problemAt(text: string, start: number, length: number, expected: string): ParsedScript {
  const offset = Math.min(start, text.length);
  return {
    statements: [],
    problem: { offset, length: Math.min(length, text.length - offset), expected },
  };
}
