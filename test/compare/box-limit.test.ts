import { describe, expect, it } from 'vitest';
import { guarded } from '../../src/api/guard.ts';
import { shownBoxes } from '../../src/compare/finding/boxes.ts';
import { FamilyView } from '../../src/compare/view/view.ts';
import { success } from '../../src/text/diagnostic.ts';
import { chain, ruleset } from '../support/rules.ts';

const MOST = 2_000_000;

describe('the boxes that are told of one host', () => {
  it('are bounded together: more are an error, and no report', () => {
    const view = new FamilyView(ruleset([chain('INPUT', [])]), 4);
    const tell = (): number => shownBoxes(view, view.space.of(view.familyNode), 'input').length;
    view.countBoxes(MOST - 1);
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
});
