import type { IToken } from 'chevrotain';
import { type LineNode, parseLines } from '../../../grammars/iptables/parser.ts';
import { FirstQuotedWord, QuotedWord } from '../../../grammars/iptables/tokens.ts';
import type { Statement, Word } from './ast.ts';
import { isSaved } from './backend.ts';
import { openQuotes, throughLineBreaks } from './line-breaks.ts';
import type { Problems } from './problems.ts';

/** Characters of whole lines that are lexed and parsed at a time, so that memory does not grow with the file. */
const BLOCK = 8 * 1024;
/** Regular expressions fail on words of many million characters; iptables-restore takes no word of more than 1,023. */
const LONGEST_LINE = 1 << 22;

/**
 * Reads a text block of lines by block of lines and hands every statement on. Stops at the first syntax error or
 * when there are enough problems.
 *
 * @returns whether the whole text was read
 */
export function forEachStatement(problems: Problems, take: (statement: Statement) => void): boolean {
  const { text } = problems.file;
  const saved = isSaved(problems.file);
  for (let at = text.startsWith('\ufeff') ? 1 : 0; at < text.length; ) {
    const lineEnd = text.indexOf('\n', Math.min(at + BLOCK, text.length));
    const end = lineEnd < 0 ? text.length : lineEnd + 1;
    if (end - at > LONGEST_LINE) return tooLong(problems, text.lastIndexOf('\n', end - 2) + 1);
    const { lines, problem } = parseLines(text.slice(at, end));
    const opens = saved ? openQuotes(lines) : [];
    const open = opens.find((i) => throughLineBreaks(text, at, lines[i] as LineNode, true)) ?? -1;
    const long = open < 0 ? undefined : throughLineBreaks(text, at, lines[open] as LineNode);
    if (open >= 0 && long === undefined) return twoReadings(problems, at, lines[open] as LineNode);
    const whole = long === undefined ? lines : lines.slice(0, open);
    for (const line of whole) {
      take(toStatement(line, at, problems));
      if (problems.enough) return false;
    }
    if (long !== undefined) {
      take(toStatement(long.line, long.start, problems));
      at = long.end;
      continue;
    }
    if (problem !== undefined) {
      const start = at + problem.offset;
      problems.error('syntax', { start, end: start + problem.length }, 'this line cannot be read', {
        expected: problem.expected,
      });
      return false;
    }
    at = end;
  }
  return true;
}

/** A comment whose lines look like rules is as good as rules behind a quote that was left open. */
function twoReadings(problems: Problems, at: number, { words }: LineNode): false {
  const { startOffset, image } = words[words.length - 1] as IToken;
  const start = at + startOffset;
  problems.error(
    'open-quote',
    { start, end: start + image.length },
    'the quote is not closed in this line, and in a later one it may be: what stands between them is rules or text',
    {
      expected: 'a comment whose line breaks nobody can take for the end of its rule',
      help: 'iptables-save prints the line breaks of a comment as they are; give the rule another comment, or close the quote',
    },
  );
  return false;
}

/** The last line of a block is the only one that can be long. */
function tooLong(problems: Problems, start: number): false {
  problems.error(
    'syntax',
    { start, end: start + 1 },
    `this line has more than ${LONGEST_LINE - BLOCK} characters`,
    {
      expected: 'a table, a chain or a rule, as iptables-save prints them, one a line',
    },
  );
  return false;
}

function toStatement(line: LineNode, base: number, problems: Problems): Statement {
  const first = line.words[0] as IToken;
  const start = base + first.startOffset;
  const place = { start, end: start + first.image.length };
  if (line.kind === 'comment') return { kind: 'comment', text: first.image, place };
  if (line.kind === 'commit') return { kind: 'commit', place };
  if (line.kind === 'table') return { kind: 'table', name: asTheyAre(first, base)[0] as Word };
  if (line.kind === 'chain')
    return { kind: 'chain', words: line.words.flatMap((token) => asTheyAre(token, base)) };
  return { kind: line.kind, words: toWords(line, base, problems) };
}

/** A line's words. Offsets in the file are the tokens' plus `base`. */
export function toWords(line: LineNode, base: number, problems: Problems): readonly Word[] {
  return line.words.map((token) => toWord(token, base, problems));
}

/** Quotes mean nothing behind `*` and `:` (iptables/iptables-restore.c splits these lines with strtok(3)). */
function asTheyAre({ image, startOffset, tokenType }: IToken, base: number): Word[] {
  const at = base + startOffset;
  if (tokenType !== QuotedWord) return [{ text: image, start: at, end: at + image.length }];
  return [...image.matchAll(/[^ \t\r]+/g)].map(({ 0: text, index }) => {
    return { text, start: at + index, end: at + index + text.length };
  });
}

function toWord(token: IToken, base: number, problems: Problems): Word {
  const start = base + token.startOffset;
  const end = start + token.image.length;
  if (token.tokenType !== QuotedWord && token.tokenType !== FirstQuotedWord)
    return { text: token.image, start, end };
  const open = token.image.indexOf('"');
  let text = token.image.slice(0, open);
  let at = open + 1;
  for (; at < token.image.length && token.image[at] !== '"'; at++) {
    if (token.image[at] === '\\') at++;
    text += token.image[at] ?? '';
  }
  if (at >= token.image.length)
    problems.warn('open-quote', { start, end }, 'the quote is not closed; it ends with the line', {
      help: 'iptables-restore takes the rest of the line as the quoted text, options included',
    });
  return { text, start, end };
}
