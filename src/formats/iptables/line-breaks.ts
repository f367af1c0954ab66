import type { IToken } from 'chevrotain';
import { type LineNode, parseLines } from '../../../grammars/iptables/parser.ts';
import { QuotedWord } from '../../../grammars/iptables/tokens.ts';

/** Comments have at most 255 bytes (XT_MAX_COMMENT_LEN), each perhaps behind a backslash; a rule may have a few. */
const LONGEST = 4096;
/**
 * What can begin a line that iptables-save prints, perhaps behind lines that iptables-restore passes over, so that a quote which is open
 * before it was left open.
 */
const OF_A_DUMP =
  /^(?:[ \t]*(?:#(?! (?:Generated|Completed|Table|Warning)\b)[^\n]*?)?\r?\n)*[ \t]*(?:-[A-Z][ \t]|--|\[\d+:\d+\] -|[:*]|COMMIT\s|# (?:Generated|Completed|Table|Warning)\b)/;

/** A rule that goes on behind line breaks in its quotes. Offsets of its words are from `start`. */
interface LongLine {
  readonly line: LineNode;
  readonly start: number;
  readonly end: number;
}

/** The lines that end in an open quote, by their index. */
export function openQuotes(lines: readonly LineNode[]): readonly number[] {
  return lines.flatMap(({ kind, words }, i) =>
    kind === 'command' && isOpen(words[words.length - 1]) ? [i] : [],
  );
}

function isOpen(token: IToken | undefined): boolean {
  return token?.tokenType === QuotedWord && !/"(?:[^"\\]|\\[\s\S])*"$/.test(token.image);
}

/**
 * iptables-save prints the line breaks of a comment as they are (extensions/libxt_comment.c, comment_save; seen with 1.8.9), and
 * iptables-restore then cannot read what it prints. Reads on to the quote's end; undefined where that is not what the text looks like.
 *
 * @param at where the lines' text begins
 * @param anything also through lines that look like those of a dump
 */
export function throughLineBreaks(
  text: string,
  at: number,
  first: LineNode,
  anything = false,
): LongLine | undefined {
  const head = first.counters ?? (first.words[0] as IToken);
  const start = at + head.startOffset;
  for (let line = first; ; ) {
    const last = line.words[line.words.length - 1] as IToken;
    const base = line === first ? at : start;
    const from = base + last.startOffset + last.image.length;
    const close = closingQuote(text, from, anything);
    if (close === undefined || close - start > LONGEST) return undefined;
    const lineEnd = text.indexOf('\n', close);
    const end = lineEnd < 0 ? text.length : lineEnd + 1;
    // Of the same length, so that offsets stay what they are; U+2028 ends no line of a dump.
    const joined = text.slice(start, close).replaceAll('\n', '\u2028') + text.slice(close, end);
    const [again, ...more] = parseLines(joined).lines;
    if (again === undefined || more.length > 0) return undefined;
    if (!isOpen(again.words[again.words.length - 1])) return { line: again, start, end };
    line = again;
  }
}

/** Where the quote that is open at the end of a line is closed in a later one. */
function closingQuote(text: string, from: number, anything: boolean): number | undefined {
  if (text[from] !== '\n') return undefined;
  const [rest] = /^(?:[^"\\]|\\[\s\S])*"(?=\s|$)/.exec(text.slice(from, from + LONGEST)) ?? [];
  if (rest === undefined || (!anything && OF_A_DUMP.test(rest.slice(1)))) return undefined;
  return from + rest.length;
}
