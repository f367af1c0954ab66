import { expect, it } from 'vitest';
import { allFindings, anchorOf } from '../../src/report/all-findings.ts';
import { checkCase, readCase } from '../compare/cases.ts';

it('shows a definite finding at the line that closes for sure, not at one before it that may close', async () => {
  const report = await checkCase(readCase('fixtures/compare/rules-that-may-close'));
  const shown = allFindings(report).map(({ finding }) => [
    finding.rule,
    finding.certainty,
    anchorOf(report, finding).text,
  ]);
  expect(shown).toContainEqual(['closed', 'definite', '-A INPUT -j DROP']);
  expect(shown).toContainEqual([
    'masked',
    'definite',
    '-A INPUT -s 10.1.0.0/16 -p tcp -m tcp --dport 22 -j DROP',
  ]);
});

it('shows it at the line that closes, not at one of a later base chain', async () => {
  const report = await checkCase(readCase('fixtures/compare/masked-by-no-rule-that-opens'));
  const anchors = allFindings(report).map(({ finding }) => anchorOf(report, finding).text);
  expect(anchors).toContain('-A PREROUTING -s 10.1.1.0/24 -j DROP');
  expect(anchors).not.toContain(':INPUT DROP [0:0]');
});
