import { createToken, Lexer, type TokenType } from 'chevrotain';

/*
 * Words are split as iptables-restore splits them: blank space separates, a double quote may open anywhere in a
 * word and its closing quote ends the word, and a backslash quotes the next character inside quotes only. An open
 * quote ends with its line. (Observed with iptables-restore 1.8.9; iptables-save prints comments that way.)
 *
 * Every token's first characters are written out, never as a complement, so that Chevrotain can choose by them.
 */

const HEAD = '\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f!#-\\uffff';
const PLAIN = `[${HEAD}][^ \\t\\r\\n"]*(?![^ \\t\\r\\n])`;
const QUOTED = `(?:[${HEAD}][^ \\t\\r\\n"]*)?"(?:[^"\\\\\\n]|\\\\[^\\n])*(?:"|\\\\)?`;

/** Any word of a line; the four kinds below belong to it. */
export const Word = createToken({ name: 'Word', pattern: Lexer.NA });

/** A word without quotes. */
export const PlainWord = createToken({ name: 'PlainWord', pattern: new RegExp(PLAIN), categories: Word });

/** A word with a quoted part, which ends it. */
export const QuotedWord = createToken({ name: 'QuotedWord', pattern: new RegExp(QUOTED), categories: Word });

/** A plain word that begins a line. */
export const FirstPlainWord = createToken({
  name: 'FirstPlainWord',
  pattern: new RegExp(PLAIN),
  categories: Word,
  push_mode: 'line',
});

/** A quoted word that begins a line. */
export const FirstQuotedWord = createToken({
  name: 'FirstQuotedWord',
  pattern: new RegExp(QUOTED),
  categories: Word,
  push_mode: 'line',
});

/** The end of a line that has something on it; the carriage return of CR LF is blank space before it. */
export const LineEnd = createToken({ name: 'LineEnd', pattern: '\n', line_breaks: true, pop_mode: true });

/** `# …`: a comment where `#` is a line's first character. */
export const Comment = createToken({ name: 'Comment', pattern: /#[^\n]*/ });

/** `*` at the beginning of a line: `*filter`. */
export const Star = createToken({ name: 'Star', pattern: '*', push_mode: 'line' });

/** `:` at the beginning of a line: `:INPUT DROP [0:0]`. */
export const Colon = createToken({ name: 'Colon', pattern: ':', push_mode: 'line' });

/** `[packets:bytes]` before a rule, as `iptables-save -c` prints it. What stands there is no matter to iptables-restore without `-c`. */
export const Counters = createToken({
  name: 'Counters',
  pattern: /\[[^:\]\r\n]+:[^\]\r\n]*\]/,
  push_mode: 'line',
});

/** `COMMIT`, alone on its line. */
export const Commit = createToken({
  name: 'Commit',
  pattern: /COMMIT(?![ \t\r]*[^ \t\r\n])/,
  push_mode: 'line',
});

/** Blank space between words. */
export const Blank = createToken({ name: 'Blank', pattern: /[ \t\r]+/, group: Lexer.SKIPPED });

/** Blank space that begins a line: what follows is a command even if it looks like a header. */
export const Indent = createToken({
  name: 'Indent',
  pattern: /[ \t\r]+/,
  group: Lexer.SKIPPED,
  push_mode: 'line',
});

/** An empty line. */
export const EmptyLine = createToken({
  name: 'EmptyLine',
  pattern: '\n',
  line_breaks: true,
  group: Lexer.SKIPPED,
});

const lineStart: TokenType[] = [
  EmptyLine,
  Indent,
  Comment,
  Star,
  Colon,
  Counters,
  Commit,
  FirstPlainWord,
  FirstQuotedWord,
];
const line: TokenType[] = [Blank, LineEnd, PlainWord, QuotedWord];

/** Every token type, for the parser. */
export const TOKENS: TokenType[] = [Word, ...lineStart, ...line];

/**
 * A lexer of dumps. Each text it gets must begin at the beginning of a line.
 *
 * @param validate checks that the tokens make sense: the tests do, and a run that need not is faster for it
 */
export function makeLexer(validate = false): Lexer {
  return new Lexer(
    { modes: { lineStart, line }, defaultMode: 'lineStart' },
    { positionTracking: 'onlyOffset', ensureOptimizations: true, skipValidations: !validate },
  );
}

/** The lexer. */
export const iptablesLexer = makeLexer();
