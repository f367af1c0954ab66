import { createToken, Lexer, type TokenType } from 'chevrotain';

/*
 * nft's words depend on where they stand (`nft(8)`, LEXICAL CONVENTIONS and src/scanner.l of nftables): `ip` begins
 * an expression and names a protocol. Tokens are therefore shapes, and what they mean is found by the format.
 * Addresses with colons are told apart from maps (`22:accept`) by their whole shape.
 */

const HEX = '[0-9a-fA-F]{1,4}';

/** Everything that is one atom of a statement. */
export const Piece = createToken({ name: 'Piece', pattern: Lexer.NA });

/** A word, a number, an address: everything that is neither a sign nor quoted. */
export const Word = createToken({ name: 'Word', pattern: Lexer.NA, categories: Piece });

/** `2001:db8::1`, `::ffff:192.0.2.1`, `00:11:22:33:44:55`. */
export const ColonAddress = createToken({
  name: 'ColonAddress',
  pattern: new RegExp(
    [
      `(?:${HEX}:){7}${HEX}(?![0-9a-zA-Z:])`,
      '(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}(?![0-9a-zA-Z:])',
      '::(?:[fF]{4}:)?\\d{1,3}(?:\\.\\d{1,3}){3}',
      `(?:${HEX}(?::${HEX}){0,6})?::(?:${HEX}:){0,6}(?:${HEX})?(?![0-9a-zA-Z_])`,
    ].join('|'),
  ),
  start_chars_hint: [...'0123456789abcdefABCDEF:'],
  categories: Word,
});

/** `1:20`, a traffic class, where a blank or a sign follows: a map of numbers has blanks around its colon. */
export const ClassId = createToken({
  name: 'ClassId',
  pattern: new RegExp(`${HEX}:${HEX}(?=[ \\t\\n:\\-},])`),
  start_chars_hint: [...'0123456789abcdefABCDEF'],
  categories: Word,
});

/** `0x50 [invalid type]`: so nft 1.0 lists a connection's ports in sets without a name (src/datatype.c, invalid_type_print). */
export const UntypedNumber = createToken({
  name: 'UntypedNumber',
  pattern: /0x[0-9a-f]+ \[invalid type\]/,
  start_chars_hint: ['0'],
  categories: Word,
});

/**
 * `22`, `0x1f`, `192.0.2.1`, `1h30m`, `8021q`. What follows is another word, blank or no blank: `22accept` is two, as
 * for nft's scanner, which takes the longest of these.
 */
export const NumberWord = createToken({
  name: 'NumberWord',
  pattern:
    /8021(?:ad|q)|0[xX][0-9a-fA-F]+|\d{1,3}(?:\.\d{1,3}){3}|(?=\d+[dhms])(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?|\d+/,
  start_chars_hint: [...'0123456789'],
  categories: Word,
});

/** `saddr`, `tcp-reset`, `eth*`, `eth0.1`; texts may begin or end with dots, and a lone dot is a sign. */
export const PlainWord = createToken({
  name: 'PlainWord',
  pattern:
    /(?:[A-Za-z_]|\.(?=[A-Za-z0-9_/.*-]))[A-Za-z0-9_/.-]*(?:\\\*(?:[A-Za-z_.][A-Za-z0-9_/.-]*)?|\*)?|\\\*/,
  start_chars_hint: [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.\\'],
  categories: Word,
});

/** Words that can stand directly behind a text. */
const BEHIND_TEXT =
  'accept|add|ah|comment|comp|continue|counter|cpu|ct|dccp|delete|dnat|drop|dst|dup|esp|ether|exthdr|fib|flags|flow|frag|fwd|' +
  'goto|group|hbh|icmp|icmpv6|igmp|iif\\w*|ip|ip6|ipsec|jhash|jump|last|level|limit|log|mark|masquerade|meta|meter|mh|' +
  'notrack|numgen|oif\\w*|osf|pkttype|queue\\S*|quota|redirect|reject|reset|return|rt|sctp|secmark|set|sk[ug]id|snaplen|snat|' +
  'socket|symhash|synproxy|tcp|th|tproxy|udp|udplite|update|vlan|xt';

/** What stands between texts, up to one that has no quotation marks of its own. */
const PLAIN_TEXT = '(?:[^"\\n]{0,999}[ \\t{(,=]"[^"\\n]{0,999}"(?=[ \\t\\n;},:#)]|(?![^])))';

/**
 * A text ends where a blank or a sign follows, and up to the end of the line texts that begin and end so; the last one, a comment,
 * may have quotation marks of its own.
 */
const TEXT_ENDS =
  `(?=[ \\t\\n;},:#)]|(?![^]))(?=${PLAIN_TEXT}{0,8}[^"\\n]{0,999}` +
  '(?:(?<=\\bcomment[ \\t])"[^\\n]{0,999}"[^"\\n]{0,999})?(?:\\n|(?![^])))';

/**
 * `"say "hi" now"`: nft lists a log's prefix and a comment as they are, with the quotation marks that iptables-nft and programs may
 * put into them (src/statement.c of nftables, log_stmt_print). The first mark is one of the text's own where what follows it
 * is no end of a text; where that cannot be told, nothing is guessed.
 */
export const QuotesInText = createToken({
  name: 'QuotesInText',
  pattern: new RegExp(
    `(?<=\\b(?:prefix|comment)[ \\t])"[^"\\n]{0,255}"(?![ \\t\\n;},:#)]|(?![^])|(?:${BEHIND_TEXT})\\b)` +
      `(?:[^"\\n]{0,255}"){1,16}?${TEXT_ENDS}`,
  ),
  start_chars_hint: ['"'],
  line_breaks: false,
  categories: Piece,
});

/**
 * A comment or a prefix of several lines, which nft takes and lists as they are. Where a mark is forgotten at the end of a line, the
 * next text's first one seems to end it, and that text follows directly.
 */
export const LinesInText = createToken({
  name: 'LinesInText',
  pattern: /(?<=\b(?:prefix|comment)[ \t])"[^"\n]{0,255}\n[^"]{0,255}"(?=[ \t\r\n;},:]|(?![\s\S]))/,
  start_chars_hint: ['"'],
  line_breaks: true,
  categories: Piece,
});

/** `"eth0"`; nft knows no escapes in it. */
export const Quoted = createToken({ name: 'Quoted', pattern: /"[^"\n]*"/, categories: Piece });

/** What an nft without libxtables prints where iptables-nft put an extension: the rest of the rule follows it. */
export const XtComment = createToken({ name: 'XtComment', pattern: /#[ ]?xt_[^\n]*/, categories: Piece });

/** `# handle 12` at the end of a line: `nft -a` tells the kernel's number of a rule so. */
export const HandleComment = createToken({
  name: 'HandleComment',
  pattern: /#[ ]handle \d+(?=[ \t\r]*\n)/,
  categories: Piece,
});

/**
 * `~log0`, `@net-fw`, `%limit`: signs that begin the names of iptables' chains (Shorewall's), where nft lists the chains of
 * iptables-nft as they are called. A chain's block or the end of the rule follows.
 */
export const ListedName = createToken({
  name: 'ListedName',
  pattern: /(?<=\b(?:chain|jump|goto) )[~@+^&%\d][\w.~@+^&%-]+(?= \{| ?\n| # handle \d)/,
  start_chars_hint: [...'~@+^&%0123456789'],
  line_breaks: false,
  categories: Word,
});

/** `# …` up to the end of the line. */
export const Comment = createToken({ name: 'Comment', pattern: /#[^\n]*/, group: Lexer.SKIPPED });

/** Blank space, and a line break behind a backslash. */
export const Blank = createToken({
  name: 'Blank',
  pattern: /(?:[ \t\r\f]|\\\r?\n)+/,
  start_chars_hint: [' ', '\t', '\r', '\f', '\\'],
  line_breaks: true,
  group: Lexer.SKIPPED,
});

/** A line break or `;`: the end of a statement. */
export const Separator = createToken({ name: 'Separator', pattern: /[\n;]/, line_breaks: true });

/**
 * A group of at least 64 characters with nothing in it but words, signs and blank space, as the elements of a set are
 * listed. It is one token: sets have tens of thousands of elements, and what is in one is looked at when it is needed.
 */
export const FlatBraces = createToken({
  name: 'FlatBraces',
  pattern: flatBraces,
  start_chars_hint: ['{'],
  line_breaks: true,
});

export const Open = createToken({ name: 'Open', pattern: '{' });
export const Close = createToken({ name: 'Close', pattern: '}' });

/** Operators and punctuation. */
export const Sign = createToken({
  name: 'Sign',
  pattern: /==|!=|<=|>=|<<|>>|[<>&|^!()[\],:./=+*@$-]/,
  start_chars_hint: [...'=!<>&|^()[],:./+*@$-'],
  categories: Piece,
});

const FEWEST = 64;
const NOT_FLAT = /[^\w \t\r\n\f.,:/*+=@&|^<>!()[\]-]/g;

/** Looks for its end alone: a pattern that can go back remembers each character, and runs out of memory after millions. */
function flatBraces(text: string, offset: number): [string] | null {
  NOT_FLAT.lastIndex = offset + 1;
  const end = NOT_FLAT.exec(text)?.index;
  if (end === undefined || text[end] !== '}' || end + 1 - offset < FEWEST) return null;
  return [text.slice(offset, end + 1)];
}

/** Every token type, for the parser; the order is the lexer's. */
export const TOKENS: TokenType[] = [
  Blank,
  XtComment,
  HandleComment,
  Comment,
  Separator,
  QuotesInText,
  LinesInText,
  Quoted,
  ColonAddress,
  ClassId,
  ListedName,
  UntypedNumber,
  NumberWord,
  PlainWord,
  FlatBraces,
  Open,
  Close,
  Sign,
  Word,
  Piece,
];

/** The lexer. */
export const nftLexer = new Lexer(TOKENS, { positionTracking: 'onlyOffset', ensureOptimizations: true });
