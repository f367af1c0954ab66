import { createToken, Lexer, type TokenType } from 'chevrotain';

/*
 * What rules of a network security group write for ports and addresses. Every token's first characters are written out,
 * so that Chevrotain can choose by them.
 */

export const Blank = createToken({ name: 'Blank', pattern: /[ \t]+/, group: Lexer.SKIPPED });
/** "Clients like the Azure portal, Azure CLI, or PowerShell can use * or Any." (network-security-groups-overview) */
export const Star = createToken({ name: 'Star', pattern: /\*|[Aa][Nn][Yy](?![A-Za-z0-9_.-])/ });
export const Comma = createToken({ name: 'Comma', pattern: /,/ });
export const Dash = createToken({ name: 'Dash', pattern: /-/ });

/** An expression of an ARM template, which only its deployment knows: `[parameters('prefix')]`. */
export const Expression = createToken({ name: 'Expression', pattern: /\[[^\n]*\]/ });

/** An IPv4 or IPv6 address, or a network. */
export const Address = createToken({
  name: 'Address',
  pattern:
    /(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}){0,3})(?:\/\d{1,3})?/,
  start_chars_hint: [...'0123456789abcdefABCDEF:'],
});

export const Port = createToken({ name: 'Port', pattern: /\d+/ });

/** A service tag, with its region where it has one: `Storage.WestEurope`. */
export const Tag = createToken({ name: 'Tag', pattern: /[A-Za-z][A-Za-z0-9_.-]*/ });

export const TOKENS: TokenType[] = [Blank, Star, Comma, Dash, Expression, Address, Port, Tag];

/** The lexer of ports and prefixes. */
export const azureLexer = new Lexer(TOKENS, { ensureOptimizations: true, positionTracking: 'onlyOffset' });
