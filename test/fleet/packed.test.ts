import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../src/api/diagnostic-text.ts';
import { packDiagnostic, unpackDiagnostic } from '../../src/api/fleet/packed.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import { SourceFile } from '../../src/text/source.ts';

const OPTIONS = { colour: false, width: 80 } as const;
const file = new SourceFile('a.json', `\n{"secret": "x", "port": 70000}\n${'y'.repeat(200_000)}\n`);
const at = (start: number, more: object = {}): Diagnostic => ({
  severity: 'error',
  code: 'wrong',
  message: 'wrong',
  expected: 'right',
  span: { file, start, end: start + 5, ...more },
});

describe('a diagnostic that comes from another thread', () => {
  it.each([
    ['of a line', at(26)],
    ['of a line that may have secrets', at(26, { withheld: true })],
    ['far on in a long line', at(150_000, { withheld: true })],
    ['at the beginning', at(0)],
    ['without a place', { severity: 'error', code: 'wrong', message: 'wrong' } as const],
  ])('%s prints as the one that was packed', (_what, diagnostic) => {
    const sent = structuredClone(packDiagnostic(diagnostic));
    const printed = formatDiagnostic(unpackDiagnostic(sent), OPTIONS);
    expect(printed).toBe(formatDiagnostic(diagnostic, OPTIONS));
  });

  it('says the column where its line is withheld', () => {
    const sent = packDiagnostic(at(26, { withheld: true }));
    expect(formatDiagnostic(unpackDiagnostic(sent), OPTIONS)).toMatch(/^a\.json:2:26: error: wrong\n/);
    expect(JSON.stringify(sent)).not.toContain('secret');
  });
});
