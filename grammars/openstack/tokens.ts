import { createToken, Lexer, type TokenType } from 'chevrotain';

/*
 * What the columns of the `openstack` command hold where it prints no JSON inside of its JSON: ports as `22:80`, ICMP as
 * `type=8:code=0`, and objects as `direction='ingress', ethertype='IPv4'`. Every token's first characters are written out, so
 * that Chevrotain can choose by them.
 */

export const Blank = createToken({ name: 'Blank', pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED });
export const Comma = createToken({ name: 'Comma', pattern: /,/ });
export const Colon = createToken({ name: 'Colon', pattern: /:/ });
export const Equals = createToken({ name: 'Equals', pattern: /=/ });
export const Digits = createToken({ name: 'Digits', pattern: /\d+/ });
export const Word = createToken({ name: 'Word', pattern: /[A-Za-z_][A-Za-z0-9_]*/ });
/** A value in quotation marks; Python writes double ones where the value has a single one in it. */
export const Quoted = createToken({
  name: 'Quoted',
  pattern: /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/,
  start_chars_hint: ["'", '"'],
});

export const TOKENS: TokenType[] = [Blank, Comma, Colon, Equals, Digits, Word, Quoted];

/** The lexer of columns. */
export const openstackLexer = new Lexer(TOKENS, {
  ensureOptimizations: true,
  positionTracking: 'onlyOffset',
});
