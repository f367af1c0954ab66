import fc from 'fast-check';
import { describe, it } from 'vitest';
import { agrees, type Expected } from './agreement.ts';
import { askOpenstack } from './brute/openstack.ts';
import { boundaryQuestions } from './questions.ts';
import {
  exportsOf,
  NETWORKS,
  NETWORKS6,
  type Place,
  places,
  PORTS,
  project,
  REFERENCES,
} from './random/openstack.ts';

/*
 * Random projects against a reading of OpenStack's API reference that shares nothing with the product (brute/openstack.ts), on
 * packets at the boundaries of what the rules say.
 */

describe('random OpenStack projects', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 40);
  const seed = Number(process.env.POSTERN_SEED ?? 20251121);

  it('pass what the documentation says', async () => {
    const questions = fc.array(
      boundaryQuestions({
        networks: [...NETWORKS, '10.0.0.5/32', '10.0.0.6/32'],
        networks6: NETWORKS6,
        ports: PORTS,
        protocols: [6, 6, 17, 17, 47, 50, 4, 94, -1, -1],
      }),
      { minLength: 40, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(project, questions, async (given, drawn) => {
        const at = places(given);
        if (at.length === 0) return;
        const unknown =
          given.ports === undefined ? [...REFERENCES, 'ag-not-given'] : ['sg-9', 'ag-not-given'];
        const asked = drawn.flatMap((make, i): Expected[] => {
          const { groups, security, own } = at[i % at.length] as Place;
          const question = make(own, unknown);
          const answer = askOpenstack(given, groups, security, question);
          return answer === undefined ? [] : [{ groups, question, ...answer }];
        });
        await agrees(exportsOf(given), asked, ({ groups }, own) => groups?.join() === own.join());
      }),
      { numRuns, seed },
    );
  });
});
