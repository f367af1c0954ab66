import { type CstNode, CstParser, EOF, type IToken } from 'chevrotain';
import { Comment, ipsetTokens, Newline, SavedElement, Word } from './tokens.ts';

/** Children of the `lines` rule, each list in the order of the text. */
export interface LinesChildren {
  readonly SavedElement?: readonly IToken[];
  readonly statement?: readonly StatementNode[];
}

/** A `statement`: the words of one line. */
export interface StatementNode extends CstNode {
  readonly children: { readonly Word: IToken[]; readonly Newline?: IToken[] };
}

/**
 * The grammar of `ipset save` and of what `ipset restore` reads: lines of words. What the words mean depends on the
 * set's type, so it is decided where the syntax tree is built.
 *
 *     lines     = { SavedElement | statement | [ Comment ] Newline }
 *     statement = Word { Word } ( Newline | EOF )
 */
export class IpsetParser extends CstParser {
  constructor() {
    super(ipsetTokens, { maxLookahead: 1 });
    this.performSelfAnalysis();
  }

  readonly lines = this.RULE('lines', () => {
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(SavedElement) },
        { ALT: () => this.SUBRULE(this.statement) },
        { ALT: () => this.CONSUME(Newline) },
        { ALT: () => this.CONSUME(Comment) },
      ]);
    });
  });

  readonly statement = this.RULE('statement', () => {
    this.AT_LEAST_ONE(() => this.CONSUME(Word));
    this.OR([{ ALT: () => this.CONSUME(Newline) }, { ALT: () => this.CONSUME(EOF) }]);
  });
}
