import { describe, expect, it } from 'vitest';
import { guarded } from '../../src/api/guard.ts';
import { shownBoxes } from '../../src/compare/finding/boxes.ts';
import type { Box } from '../../src/finding/report.ts';
import { FamilyView } from '../../src/compare/view/view.ts';
import { success } from '../../src/text/diagnostic.ts';
import { chain, ruleset } from '../support/rules.ts';

const MOST = 2_000_000;
const MOST_RANGES = 2_000_000;

describe('the boxes that are told of one host', () => {
  it('are bounded together: more are an error, and no report', () => {
    const view = new FamilyView(ruleset([chain('INPUT', [])]), 4);
    const tell = (): number => shownBoxes(view, view.space.of(view.familyNode), 'input').length;
    view.told.count(Array.from({ length: MOST - 1 }, (): Box => ({ family: 'ipv4' })));
    expect(guarded('rules.v4', () => success(tell()))).toEqual(success(1));
    expect(guarded('rules.v4', () => success(tell()))).toMatchObject({
      ok: false,
      errors: [
        {
          code: 'too-complex',
          path: 'rules.v4',
          message: expect.stringContaining(`more than ${MOST} boxes`),
        },
      ],
    });
  });

  it('are bounded by their lists of addresses too, of which each counts once', () => {
    const { told } = new FamilyView(ruleset([chain('INPUT', [])]), 4);
    const box = (length: number): Box => ({ family: 'ipv4', sources: Array(length).fill('192.0.2.1') });
    const most = box(MOST_RANGES - 20);
    told.count([most, most, box(20), box(1)]);
    expect(() => told.count([box(20)])).toThrow(`more than ${MOST_RANGES} separate ranges`);
  });
});
