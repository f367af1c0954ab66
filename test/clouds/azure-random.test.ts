import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { InputFile } from '../../src/api.ts';
import { agrees, type Expected } from './agreement.ts';
import { passesAzure, type Rule } from './brute/azure.ts';
import { boundaryQuestions } from './questions.ts';
import { group, groupOf, NETWORKS, PORTS } from './random/azure.ts';

/*
 * Random network security groups against a reading of Azure's pages that shares nothing with the product
 * (brute/azure.ts), on packets at the boundaries of what the rules say.
 */

const questions = fc.array(
  fc.tuple(
    boundaryQuestions({
      networks: [...NETWORKS.filter((one) => !one.includes(':')), '168.63.129.16/32', '169.254.169.254/32'],
      networks6: ['2001:db8::/32', '::/0'],
      ports: PORTS,
      protocols: [6, 6, 17, 47, 50],
    }),
    fc.boolean(),
  ),
  { minLength: 40, maxLength: 40 },
);

function askedOf(
  groups: readonly (readonly Rule[])[],
  names: readonly string[],
  drawn: readonly (readonly [(own: string, groups: readonly string[]) => Expected['question'], boolean])[],
): Expected[] {
  // A group that no rule names is no group that a packet can name.
  const named = groups.flat().some((one) => [...one.sourceGroups, ...one.destinationGroups].includes('db'));
  return drawn.map(([make, member], i) => {
    const question = make(i % 4 === 0 ? '2001:db8::5' : '10.0.0.5', ['VirtualNetwork', 'Internet', 'app']);
    const own = member && named ? ['db'] : [];
    const traceOnly = groups.length > 1 || ['168.63.129.16', '169.254.169.254'].includes(question.peer);
    return { groups: [...names, ...own], question, passes: passesAzure(groups, own, question), traceOnly };
  });
}

const file = (value: unknown): InputFile => ({ path: 'nsg.json', bytes: Buffer.from(JSON.stringify(value)) });

describe('random network security groups', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 25);
  const seed = Number(process.env.POSTERN_SEED ?? 20251121);

  it('pass what the documentation says', async () => {
    await fc.assert(
      fc.asyncProperty(group, questions, (rules, drawn) =>
        agrees(
          [file(groupOf('web-nsg', rules, 'subnets'))],
          askedOf([rules], ['web-nsg'], drawn),
          // A box names the group, or the application security groups that its ends must or must not be of.
          ({ groups = [], exceptGroups = [] }, own) =>
            groups.every((one) => own.includes(one)) && !exceptGroups.some((one) => own.includes(one)),
        ),
      ),
      { numRuns, seed },
    );
  });

  it('pass what both a subnet’s and an interface’s group let through', async () => {
    await fc.assert(
      fc.asyncProperty(group, group, questions, (outer, inner, drawn) =>
        agrees(
          [file([groupOf('web-nsg', outer, 'subnets'), groupOf('nic-nsg', inner, 'networkInterfaces')])],
          askedOf([outer, inner], ['web-nsg', 'nic-nsg'], drawn),
          () => true,
        ),
      ),
      { numRuns, seed },
    );
  });
});
