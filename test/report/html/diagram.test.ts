import { expect, it } from 'vitest';
import { diagram } from '../../../src/report/html/diagram.ts';
import { html } from '../../../src/report/html/template.ts';

it('draws what passes between machines of one role as a loop from its box to itself', () => {
  const none = {
    documented: 0,
    open: 0,
    missing: 0,
    undetermined: 0,
    waived: 0,
    prohibited: 0,
    excessive: 1,
  };
  const traffic = { open: [], missing: [], excessive: ['tcp 443', 'tcp 80'], prohibited: [] };
  const ends = [
    ['elsewhere', 'elsewhere'],
    ['elsewhere', 'server'],
  ] as const;
  const svg = html`${diagram(ends.map(([from, to]) => ({ from, to, ...none, traffic })))}`.text;
  const numbers = (of: RegExp): number[] =>
    [...(of.exec(svg)?.[0] ?? '').matchAll(/[\d.]+/g)].map(([n]) => Number(n));
  const [left, bottom, , control, , , right, end] = numbers(/(?<=class="edge excessive" d=")[^"]*/);
  const [x = 0, y = 0, width = 0, height = 0] = numbers(/<rect x=.*? height="[\d.]+"/);
  expect([bottom, end]).toEqual([y + height, y + height]);
  expect([left, right]).toEqual([x + 6, expect.closeTo(x + width - 6, 1)]);
  expect(control).toBeGreaterThan(y + height);
});
