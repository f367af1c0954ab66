import fc from 'fast-check';
import { describe, it } from 'vitest';
import { agrees, type Expected } from './agreement.ts';
import { askGcp, carriersOf } from './brute/gcp.ts';
import { boundaryQuestions } from './questions.ts';
import {
  ACCOUNTS,
  exportsOf,
  NETWORKS,
  NETWORKS6,
  NOT_GIVEN,
  places,
  PORTS,
  project,
  TAGS,
} from './random/gcp.ts';

/*
 * Random projects against a reading of Google's pages that shares nothing with the product (brute/gcp.ts), on packets at the
 * boundaries of what the rules say. A second network, of which nothing is asked, makes each point say its network.
 */

describe('random Google Cloud projects', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 25);
  const seed = Number(process.env.POSTERN_SEED ?? 20251121);

  it('pass what the documentation says', async () => {
    const questions = fc.array(
      boundaryQuestions({
        networks: [...NETWORKS, '10.0.0.5/32', '10.0.0.6/32', '169.254.169.254/32'],
        networks6: [...NETWORKS6, 'fd20:ce::254/128'],
        ports: PORTS,
        protocols: [6, 6, 17, 47, 50, 4, 94],
      }),
      { minLength: 40, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(project, questions, async (given, drawn) => {
        const at = places(given);
        const ofNobody = [...TAGS, ...ACCOUNTS].filter((name) => carriersOf(given, name).length === 0);
        const unknown = [NOT_GIVEN, ...ofNobody];
        const asked = drawn.map((make, i): Expected => {
          const { carried, own } = at[i % at.length] as (typeof at)[number];
          const question = make(own, unknown);
          return { groups: [...carried, 'default'], question, ...askGcp(given, carried, question) };
        });
        await agrees(exportsOf(given), asked, ({ groups }, own) => groups?.join() === [...own].sort().join());
      }),
      { numRuns, seed },
    );
  });
});
