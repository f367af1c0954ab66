import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RULES, ruleRecord } from '../../src/finding/rules.ts';

const SECTIONS = ['## What it means', '## Example', '## How to mend it', '## How certain it is'];

describe('the rules of findings', () => {
  it('are those that interfaces name, each once', () => {
    const byCode = (code: string) => RULES.filter((rule) => rule.code === code).map((rule) => rule.id);
    expect(byCode('conflicting').sort()).toEqual([
      'documents-disagree',
      'families-disagree',
      'half-open',
      'layers-disagree',
      'masked',
      'prohibited-open',
      'waiver-expired',
    ]);
    expect(byCode('missing').sort()).toEqual(['closed', 'partly-closed']);
    expect(byCode('excessive').sort()).toEqual([
      'loopback-service-exposed',
      'undocumented-opening',
      'wider-than-documented',
    ]);
  });

  it('each have a page, and no page is without a rule', () => {
    const pages = readdirSync('docs/findings').filter((name) => name !== 'README.md');
    expect(pages.sort()).toEqual(RULES.map((rule) => `${rule.id}.md`).sort());
  });

  it.each(RULES)('$id: the page says what the record says', (rule) => {
    const page = readFileSync(rule.page, 'utf8');
    expect(page.split('\n')[0]).toBe(`# ${rule.title}`);
    const severity =
      rule.severityNote === undefined ? rule.severity : `${rule.severity}; ${rule.severityNote}`;
    expect(page).toContain(`Code \`${rule.code}\`, rule \`${rule.id}\`. Severity: ${severity}.`);
    for (const section of SECTIONS) expect(page).toContain(`\n${section}\n`);
    const table = readFileSync('docs/findings/README.md', 'utf8');
    expect(table).toContain(`| [${rule.id}](${rule.id}.md) | ${rule.code} | ${severity} |`);
  });

  it('are found by id', () => {
    expect(ruleRecord('masked')?.title).toContain('masked');
    expect(ruleRecord('no-such-rule')).toBeUndefined();
  });
});
