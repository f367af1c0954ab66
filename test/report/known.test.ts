import { expect, it } from 'vitest';
import { renderReport } from '../../src/api/reports.ts';
import { many } from './samples.ts';

it.each([
  ['csv', /"what to do","known"\r\n.*?"yes"\r\n.*?""\r\n$/],
  ['sarif', /"known":true[^\n]*\n[^\n]*(?<!"known":true)$/m],
  ['ocsf', /"known":true[^\n]*\n/],
  ['oscal', /known: yes/],
  ['markdown', /known: `yes`/],
] as const)('%s marks a known finding, and no other', async (format, marked) => {
  const text = await renderReport(
    many(2, (n) => (n === 0 ? { known: true } : {})),
    format,
  );
  expect(text).toMatch(marked);
  expect(await renderReport(many(2), format)).not.toMatch(/"known":|known: .?yes|"yes"/);
});
