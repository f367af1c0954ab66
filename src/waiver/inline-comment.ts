/** What a comment in a config asks of postern (docs/inline-comments.md). */
export type InlineRequest =
  | { readonly kind: 'waive'; readonly rule: string; readonly reason: string }
  | { readonly kind: 'expect'; readonly connection: string };

/** Words before a quoted text that make it a comment: those of iptables and nft, and keys of nft's JSON and of clouds' exports. */
const COMMENT_WORDS = new Set(['--comment', 'comment', '"comment":', '"Description":', '"description":']);
/** A rule's text is one line or one object of an export; what is longer was not written for this. */
const LONGEST = 100_000;

/**
 * The comments of a rule, as its own text has them: `--comment "…"` of iptables, `comment "…"` of nft, `"Description": "…"` of
 * a cloud's export. Other quoted texts, such as a log prefix, are none.
 */
export function commentsOf(ruleText: string): string[] {
  const found: string[] = [];
  const text = ruleText.slice(0, LONGEST);
  let before = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[^\s"]+/gs)) {
    const isQuoted = token.startsWith('"') && token.endsWith('"') && token.length > 1;
    // Only iptables writes a comment of one word without quotation marks.
    if (COMMENT_WORDS.has(before) && (isQuoted || before === '--comment'))
      found.push(isQuoted ? unquoted(token, before.endsWith(':')) : token);
    before = token.replace(/\s+:$/, ':');
  }
  return found;
}

/** The text in quotation marks: JSON's escapes are JSON's (RFC 8259, section 7), iptables-save escapes `"` and `\` (xtables_save_string). */
function unquoted(token: string, isJson: boolean): string {
  if (!isJson) return token.slice(1, -1).replace(/\\(.)/gs, '$1');
  try {
    return String(JSON.parse(token));
  } catch {
    return '';
  }
}

/**
 * What a comment asks: `postern:waive <rule> <reason>` or `postern:expect <connection-id>`, at its beginning or after other
 * words. Undefined where it does not speak to postern; a text where it does, and cannot be followed.
 */
export function readComment(comment: string): InlineRequest | string | undefined {
  const found = /(?:^|\s)postern:(\S*)(?:\s+([\s\S]*))?$/.exec(comment.trim());
  if (found === null) return undefined;
  const [, kind = '', rest = ''] = found;
  const words = rest
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const [first] = words;
  if (kind === 'expect') {
    if (first === undefined) return 'names no connection';
    return words.length === 1 ? { kind, connection: first } : 'has more words than the id of one connection';
  }
  if (kind !== 'waive') return 'says neither `postern:waive` nor `postern:expect`';
  if (first === undefined) return 'names no kind of finding';
  const reason = words.slice(1).join(' ');
  return reason === '' ? 'gives no reason' : { kind, rule: first, reason };
}
