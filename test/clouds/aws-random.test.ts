import fc from 'fast-check';
import { describe, it } from 'vitest';
import { agrees, type Expected } from './agreement.ts';
import { askAws } from './brute/aws.ts';
import { boundaryQuestions } from './questions.ts';
import { account, exportsOf, NETWORKS, NETWORKS6, places, PORTS, REFERENCES } from './random/aws.ts';

/*
 * Random accounts against a reading of AWS's pages that shares nothing with the product (brute/aws.ts), on packets at the
 * boundaries of what the rules say.
 */

const SYMBOLIC = ['sg-9', 'pl-0fedcba9876543210'];

describe('random AWS accounts', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 25);
  const seed = Number(process.env.POSTERN_SEED ?? 20251121);

  it('pass what the documentation says', async () => {
    const questions = fc.array(
      boundaryQuestions({
        networks: [...NETWORKS, '10.0.0.5/32', '10.0.1.5/32', '169.254.0.0/16'],
        networks6: [...NETWORKS6, 'fe80::/10', 'fd00:ec2::/32'],
        ports: PORTS,
        protocols: [6, 6, 17, 47, 50],
      }),
      { minLength: 40, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(account, questions, async (given, drawn) => {
        const at = places(given);
        const unknown = given.interfaces === undefined ? [...SYMBOLIC, ...REFERENCES] : SYMBOLIC;
        const asked = drawn.map((make, i): Expected => {
          const { groups, own } = at[i % at.length] as (typeof at)[number];
          const question = make(own, [...new Set(unknown)]);
          const { passes, unfiltered } = askAws(given, groups, question);
          return { groups, question, passes, traceOnly: unfiltered };
        });
        await agrees(exportsOf(given), asked, ({ groups }, own) => groups?.join() === own.join());
      }),
      { numRuns, seed },
    );
  });
});
