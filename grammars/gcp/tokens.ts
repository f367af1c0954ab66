import { createToken, Lexer, type TokenType } from 'chevrotain';

/*
 * What firewall rules of Google Cloud write for protocols and ports. Every token's first characters are written out, so that
 * Chevrotain can choose by them.
 */

export const Blank = createToken({ name: 'Blank', pattern: /[ \t]+/, group: Lexer.SKIPPED });
export const Comma = createToken({ name: 'Comma', pattern: /,/ });
export const Colon = createToken({ name: 'Colon', pattern: /:/ });
export const Dash = createToken({ name: 'Dash', pattern: /-/ });
export const Digits = createToken({ name: 'Digits', pattern: /\d+/ });
export const Word = createToken({ name: 'Word', pattern: /[A-Za-z][A-Za-z0-9]*/ });

export const TOKENS: TokenType[] = [Blank, Comma, Colon, Dash, Digits, Word];

/** The lexer of protocols and ports. */
export const gcpLexer = new Lexer(TOKENS, { ensureOptimizations: true, positionTracking: 'onlyOffset' });
