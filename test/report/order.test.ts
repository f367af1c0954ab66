import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/finding/report.ts';
import { compareFindings, sortFindings } from '../../src/report/order.ts';

const some = <T>(...values: T[]) => fc.constantFrom(...values);
const finding = fc.record(
  {
    severity: some('critical', 'high', 'low'),
    certainty: some('definite', 'possible'),
    code: some('missing', 'excessive', 'conflicting'),
    rule: some('closed', 'masked'),
    baseline: some('', 'a', 'b'),
    connection: some('', 'a', 'b'),
    family: some('ipv4', 'ipv6'),
    hook: some('input', 'output'),
    fingerprint: some('0', '1', '2', '3'),
    message: fc.string(),
  },
  { requiredKeys: ['severity', 'certainty', 'code', 'rule', 'family', 'hook', 'fingerprint', 'message'] },
) as fc.Arbitrary<Finding>;

describe('the order of findings', () => {
  it('is that of comparing them one by one, and equal ones stay as they are', () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 60 }), (findings) => {
        expect(sortFindings(findings)).toEqual([...findings].sort(compareFindings));
      }),
      { numRuns: 300 },
    );
  });
});
