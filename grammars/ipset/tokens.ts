import { createToken, Lexer, type TokenType } from 'chevrotain';

/** `add NAME ENTRY` without options, quotes or anything else: what a set of addresses saves a million times. */
const SAVED_ELEMENT = /add [!$-,.-~][!#-~]* [!$-,.-~][!#-~]*\r?\n/y;

function matchSavedElement(text: string, offset: number): RegExpExecArray | null {
  if (offset > 0 && text.charCodeAt(offset - 1) !== 0x0a) return null;
  SAVED_ELEMENT.lastIndex = offset;
  return SAVED_ELEMENT.exec(text);
}

/** One whole line `add NAME ENTRY` as `ipset save` prints it; its three words are apart by one blank each. */
export const SavedElement: TokenType = createToken({
  name: 'SavedElement',
  pattern: { exec: matchSavedElement },
  start_chars_hint: ['a'],
  line_breaks: true,
});

/** A comment: the line's first character that is not blank is `#`. */
export const Comment: TokenType = createToken({ name: 'Comment', pattern: /#[^\n]*/ });

/** Characters up to the next blank; between quotation marks blanks belong to the word, and nothing is an escape. */
export const Word: TokenType = createToken({
  name: 'Word',
  pattern: /(?:[!#-~\u0080-\uffff]|"[^"\n]*")+/,
  line_breaks: false,
});

export const Newline: TokenType = createToken({ name: 'Newline', pattern: /\n+/, line_breaks: true });

export const Blank: TokenType = createToken({
  name: 'Blank',
  pattern: /[ \t\r\f\v]+/,
  group: Lexer.SKIPPED,
});

/** Order matters: a line that is a saved element is taken whole before its words are looked at. */
export const ipsetTokens: TokenType[] = [SavedElement, Blank, Newline, Comment, Word];

/** The lexer of `ipset save`; it knows offsets only, lines are counted when somebody asks. */
export const ipsetLexer = new Lexer(ipsetTokens, {
  positionTracking: 'onlyOffset',
  ensureOptimizations: true,
});
