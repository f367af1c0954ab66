import { describe, expect, it } from 'vitest';
import { mendOf } from '../../src/finding/mend.ts';
import { RULES } from '../../src/finding/rules.ts';

const line = (note: string) => ({ file: 'rules.v4', line: 1, column: 1, text: '', note });
const excess = (rule: string, ...notes: readonly string[]) =>
  mendOf({ rule, code: 'excessive', certainty: 'definite', evidence: notes.map(line) }) ?? '';

describe('what to do about a finding', () => {
  it.each(['undocumented-opening', 'wider-than-documented', 'prohibited-open'])(
    '%s: depends on who opens it',
    (rule) => {
      expect(excess(rule, 'opens')).not.toContain('policy');
      expect(excess(rule, 'policy opens')).toContain('the policy of the chain does');
      expect(excess(rule, 'opens', 'policy opens')).toMatch(/accepting rule.*policy/);
      expect(excess(rule)).toContain('Nothing that was given filters these packets');
    },
  );

  it('is no other rule beside one that already accepts in some cases', () => {
    const missing = { rule: 'closed', code: 'missing', evidence: [line('may open')] } as const;
    expect(mendOf({ ...missing, certainty: 'possible' })).toContain('without asking for what it depends on');
    expect(mendOf({ ...missing, certainty: 'definite' })).toContain('Add a rule that accepts these packets');
  });

  it('is known for every rule, and for no other', () => {
    for (const { id, code } of RULES)
      expect(mendOf({ rule: id, code, certainty: 'definite', evidence: [] })).toMatch(/\.$/);
    expect(mendOf({ rule: 'of-another-tool', code: 'excessive', certainty: 'definite', evidence: [] })).toBe(
      undefined,
    );
  });
});
