import { createToken, Lexer, type TokenType } from 'chevrotain';

/*
 * What firewall rules of Google Cloud write for ports. Every token's first characters are written out, so that
 * Chevrotain can choose by them.
 */

export const Blank = createToken({ name: 'Blank', pattern: /[ \t]+/, group: Lexer.SKIPPED });
export const Comma = createToken({ name: 'Comma', pattern: /,/ });
export const Dash = createToken({ name: 'Dash', pattern: /-/ });
export const Digits = createToken({ name: 'Digits', pattern: /\d+/ });

export const TOKENS: TokenType[] = [Blank, Comma, Dash, Digits];

/** The lexer of ports. */
export const gcpLexer = new Lexer(TOKENS, { ensureOptimizations: true, positionTracking: 'onlyOffset' });
