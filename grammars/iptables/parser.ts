import { EmbeddedActionsParser, type IToken } from 'chevrotain';
import { Colon, Comment, Commit, Counters, iptablesLexer, LineEnd, Star, TOKENS, Word } from './tokens.ts';

/** One line of a dump, as the grammar sees it. */
export interface LineNode {
  /** `*table`, `:chain …`, `COMMIT`, `# …`, or a command such as `-A INPUT …`. */
  readonly kind: 'table' | 'chain' | 'commit' | 'comment' | 'command';
  /** The counters before a command. */
  readonly counters: IToken | undefined;
  /** The words; the comment's or COMMIT's own token for those kinds. */
  readonly words: readonly IToken[];
}

/** A place where the text is not what the grammar expects. */
export interface SyntaxProblem {
  readonly offset: number;
  readonly length: number;
  readonly expected: string;
}

/** The lines of a text, or the first place that is wrong. Offsets are relative to the text. */
export interface ParsedLines {
  readonly lines: readonly LineNode[];
  readonly problem: SyntaxProblem | undefined;
}

/** The grammar of dumps. */
export class IptablesParser extends EmbeddedActionsParser {
  /** @param validate checks that the grammar makes sense: the tests do, and a run that need not is faster for it */
  constructor(validate = false) {
    super(TOKENS, { recoveryEnabled: false, maxLookahead: 1, skipValidations: !validate });
    this.performSelfAnalysis();
  }

  /** dump := line* */
  readonly dump = this.RULE('dump', (): LineNode[] => {
    const lines: LineNode[] = [];
    this.MANY(() => {
      const node = this.OR([
        { ALT: () => this.SUBRULE(this.comment) },
        { ALT: () => this.SUBRULE(this.table) },
        { ALT: () => this.SUBRULE(this.chain) },
        { ALT: () => this.SUBRULE(this.commit) },
        { ALT: () => this.SUBRULE(this.command) },
        { ALT: () => this.SUBRULE(this.blank) },
      ]);
      if (node !== undefined) lines.push(node);
    });
    return lines;
  });

  /** A line of blank space only. */
  private readonly blank = this.RULE('blank', (): undefined => {
    this.CONSUME(LineEnd);
  });

  private readonly comment = this.RULE('comment', (): LineNode => {
    return { kind: 'comment', counters: undefined, words: [this.CONSUME(Comment)] };
  });

  /** table := "*" name word*; the tools do not look at what follows the name */
  private readonly table = this.RULE('table', (): LineNode => {
    this.CONSUME(Star);
    const words = this.SUBRULE(this.wordList);
    return { kind: 'table', counters: undefined, words };
  });

  /** chain := ":" name policy counters? */
  private readonly chain = this.RULE('chain', (): LineNode => {
    this.CONSUME(Colon);
    const words = this.SUBRULE(this.wordList);
    return { kind: 'chain', counters: undefined, words };
  });

  private readonly commit = this.RULE('commit', (): LineNode => {
    const words = [this.CONSUME(Commit)];
    this.CONSUME(LineEnd);
    return { kind: 'commit', counters: undefined, words };
  });

  /** command := counters? word+ */
  private readonly command = this.RULE('command', (): LineNode => {
    const counters = this.OPTION(() => this.CONSUME(Counters));
    const words = this.SUBRULE(this.wordList);
    return { kind: 'command', counters, words };
  });

  private readonly wordList = this.RULE('wordList', (): IToken[] => {
    const words: IToken[] = [];
    this.AT_LEAST_ONE(() => {
      words.push(this.CONSUME(Word));
    });
    this.CONSUME(LineEnd);
    return words;
  });
}

const parser = new IptablesParser();

/** Lexes and parses whole lines; the last may lack its line break. Never throws. */
export function parseLines(text: string): ParsedLines {
  const { tokens, errors } = iptablesLexer.tokenize(text.endsWith('\n') ? text : `${text}\n`);
  const lexical = errors[0];
  if (lexical !== undefined) return problemAt(text, lexical.offset, lexical.length);
  parser.input = tokens;
  const lines = parser.dump();
  const error = parser.errors[0];
  if (error === undefined) return { lines, problem: undefined };
  const { startOffset, image } = error.token;
  return problemAt(text, Number.isNaN(startOffset) ? text.length : startOffset, image.length);
}

/** Wherever the grammar stops, a word is what it misses: everything else may be absent. */
function problemAt(text: string, start: number, length: number): ParsedLines {
  const offset = Math.min(start, text.length);
  const problem = { offset, length: Math.min(length, text.length - offset), expected: 'a word' };
  return { lines: [], problem };
}
