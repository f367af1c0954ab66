import { EmbeddedActionsParser, type IToken } from 'chevrotain';
import { type Atom, FlatGroup, type TokenAtom } from './atoms.ts';
import {
  Close,
  FlatBraces,
  HandleComment,
  LinesInText,
  nftLexer,
  Open,
  Piece,
  Quoted,
  QuotesInText,
  Separator,
  Sign,
  TOKENS,
  UntypedNumber,
  Word,
  XtComment,
} from './tokens.ts';

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
  /** Where the text stands that is being parsed. */
  base = 0;

  /** Chevrotain's own step to the next token, which its types leave out (its LexerAdapter has it). */
  declare protected consumeToken: () => void;

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

  /** statement := (piece+ | flat braces | group)+ */
  private readonly statement = this.RULE('statement', (): Atom[] => {
    const atoms: Atom[] = [];
    this.AT_LEAST_ONE(() => {
      this.OR([
        { ALT: () => this.pieces(this.CONSUME(Piece), atoms) },
        { ALT: () => this.flatGroup(this.CONSUME(FlatBraces), atoms) },
        { ALT: () => atoms.push(this.SUBRULE(this.group)) },
      ]);
    });
    return atoms;
  });

  /** group := "{" body "}" */
  private readonly group = this.RULE('group', (): Atom => {
    const open = this.CONSUME(Open);
    const body = this.SUBRULE(this.body);
    const unended = this.LA(0).tokenType !== Separator && this.LA(0).tokenType !== Open;
    const close = this.CONSUME(Close);
    const start = this.base + open.startOffset;
    return { kind: 'group', body, unended, start, end: this.base + close.startOffset + 1 };
  });

  /** The pieces that follow the first are taken here: asking the grammar at each of them costs ten times as much. */
  private pieces(first: IToken, atoms: Atom[]): void {
    this.ACTION(() => {
      atoms.push(tokenAtom(first, this.base));
      for (let next = this.LA(1); isPiece(next); next = this.LA(1)) {
        atoms.push(tokenAtom(next, this.base));
        this.consumeToken();
      }
    });
  }

  private flatGroup({ image, startOffset }: IToken, atoms: Atom[]): void {
    this.ACTION(() => {
      const start = this.base + startOffset;
      atoms.push(new FlatGroup(image.slice(1, -1), start, start + image.length, readFlat));
    });
  }
}

const PIECES = new Set(
  TOKENS.filter(({ CATEGORIES }) => CATEGORIES?.some((one) => one === Piece || one === Word)),
);

function isPiece({ tokenType }: IToken): boolean {
  return PIECES.has(tokenType);
}

function tokenAtom({ image, startOffset, tokenType }: IToken, base: number): TokenAtom {
  const start = base + startOffset;
  const end = start + image.length;
  if (tokenType === Sign) return { kind: 'sign', text: image, start, end };
  if (tokenType === Quoted || tokenType === QuotesInText || tokenType === LinesInText)
    return { kind: 'quoted', text: image.slice(1, -1), start, end };
  if (tokenType === HandleComment)
    return { kind: 'handle', text: image.slice(image.lastIndexOf(' ') + 1), start, end };
  if (tokenType === UntypedNumber)
    return { kind: 'word', text: image.slice(0, image.indexOf(' ')), start, end };
  return { kind: tokenType === XtComment ? 'xt' : 'word', text: image, start, end };
}

const parser = new NftParser();
const NO_TOKENS: IToken[] = [];

/**
 * Lexes and parses a whole ruleset or script. Never throws.
 * @param base what is added to every offset of the atoms; the problem's offset is the text's own
 */
export function parseScript(text: string, base = 0): ParsedScript {
  const { tokens, errors } = nftLexer.tokenize(text);
  const lexical = errors[0];
  if (lexical !== undefined) return problemAt(text, lexical.offset, 1, 'a word, a sign or a quoted text');
  const deep = tooDeep(tokens);
  if (deep !== undefined) return problemAt(text, deep.startOffset, 1, `at most ${DEEPEST} open braces`);
  parser.input = tokens;
  parser.base = base;
  const statements = parser.body();
  const error = parser.errors[0];
  // The parser lives on, and its tokens need not.
  parser.input = NO_TOKENS;
  if (error === undefined) return { statements, problem: undefined };
  const { startOffset, image } = error.token;
  if (Number.isNaN(startOffset)) return problemAt(text, text.length, 0, '`}`');
  return problemAt(text, startOffset, image.length, 'a statement');
}

/** What stands between flat braces has been lexed as a whole: every character of it is in some token. */
function readFlat(text: string, offset: number): readonly (readonly Atom[])[] {
  return parseScript(text, offset).statements;
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
