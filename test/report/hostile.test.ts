import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/finding/report.ts';
import { excerptLines } from '../../src/report/excerpt.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderText } from '../../src/report/text.ts';
import { jsonLine, visible } from '../../src/report/visible.ts';
import { report } from './sample.ts';

const ACTIVE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\u001b',
      '\u009b',
      '\r',
      '\n',
      '\t',
      '\b',
      '\u0000',
      '\u202e',
      '\u2066',
      '\u200b',
      '\ud800',
      '😀',
    ),
    fc.constantFrom('a', ' ', '"', '\\', '['),
  ),
  maxLength: 300,
});

/** The report with one text in the place of every text that a user's file can bring. */
function planted(text: string): Report {
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((inner) => walk(inner, key));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([k, inner]) => [k, walk(inner, k)]));
    }
    return typeof value === 'string' && !FIXED.has(key) ? text : value;
  };
  return { ...(walk(report, '') as Report), tool: report.tool };
}

/** What postern writes itself: enumerations, digests. */
const FIXED = new Set([
  'schemaVersion',
  'code',
  'certainty',
  'severity',
  'family',
  'hook',
  'status',
  'level',
  'direction',
  'ipv4',
  'ipv6',
  'rule',
]);

describe('text that wants to act on the terminal', () => {
  it('is made visible', () => {
    expect(visible('a\u001b[2Jb\u0007')).toBe('a␛[2Jb␇');
    expect(visible('x\u202ey')).toBe('x\\u{202e}y');
    expect(visible('tab\there, ä 漢 😀 stay')).toBe('tab here, ä 漢 😀 stay');
    expect(visible('\ud83d')).toBe('\\u{d83d}');
    expect(visible('\u009b31m\u007f')).toBe('\\u{9b}31m␡');
  });

  it('is not cut in two behind a file whose name begins with blanks', () => {
    expect(renderText(planted('  😀'), { colour: false, width: 80 })).not.toMatch(/\p{Cs}/u);
  });

  it('never reaches the text report, wherever it stands', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(renderText(planted(text), { colour: false, width: 80 })).not.toMatch(ACTIVE);
      }),
      { numRuns: 200 },
    );
  });

  it('never reaches the JSON report, which still says the same', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const json = renderJson(planted(text));
        expect(json).not.toMatch(ACTIVE);
        expect(JSON.parse(json).inputs[0].path).toBe(text);
        expect(JSON.parse(jsonLine({ text }))).toEqual({ text });
      }),
      { numRuns: 200 },
    );
  });
});

describe('an excerpt', () => {
  const carets = (line: string | undefined): string => line?.replace(/[^^]/g, '') ?? '';

  it('of a line of a million characters is a few lines', () => {
    const text = `${'x'.repeat(500_000)}HERE${'y'.repeat(500_000)}`;
    const lines = excerptLines({ line: 3, column: 500_001, text, length: 4 }, '', 80);
    expect(lines.length).toBeLessThanOrEqual(6);
    expect(lines.join('\n')).toContain('HERE');
    expect(lines.map(carets).join('')).toBe('^^^^');
  });

  it('has a caret even where nothing stands', () => {
    expect(excerptLines({ line: 1, column: 1, text: '' }, '', 80)).toEqual(['1 |', '  | ^']);
    expect(excerptLines({ line: 1, column: 4, text: 'abc', length: 0 }, '', 80)).toEqual([
      '1 | abc',
      '  |    ^',
    ]);
  });

  it('points at the same characters whatever stands before them', () => {
    const lines = excerptLines({ line: 9, column: 3, text: '\u202e\u001bmark', length: 4 }, '', 80);
    const at = (lines[0] as string).indexOf('mark');
    expect(lines[1]?.indexOf('^')).toBe(at);
    expect(carets(lines[1])).toBe('^^^^');
  });
});
