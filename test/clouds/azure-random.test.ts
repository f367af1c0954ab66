import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { InputFile } from '../../src/api.ts';
import { agrees, type Expected } from './agreement.ts';
import { passesAzure, type Rule } from './brute/azure.ts';
import { boundaryQuestions } from './questions.ts';

/*
 * Random network security groups against a reading of Azure's pages that shares nothing with the product
 * (brute/azure.ts), on packets at the boundaries of what the rules say.
 */

const NETWORKS = [
  '0.0.0.0/0',
  '0.0.0.0/1',
  '10.0.0.0/8',
  '10.0.0.0/24',
  '203.0.113.7/32',
  '203.0.113.7',
  '2001:db8::/32',
];
const TAGS = ['*', 'VirtualNetwork', 'Internet', 'AzureLoadBalancer'];
const PORTS = [0, 22, 80, 443, 1024, 65535];
const SCOPE = '/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network';

const subset = <T>(of: readonly T[]): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: 2 });
const port = fc.constantFrom(...PORTS);
const portText = fc.oneof(
  fc.constantFrom('*', '0-65535'),
  port.map(String),
  fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
);
const portTexts = fc.array(portText, { minLength: 1, maxLength: 2 });

interface End {
  readonly prefixes: readonly string[];
  readonly groups: readonly string[];
}

/** One end: prefixes and tags, or groups, never both. */
const end = (group: string): fc.Arbitrary<End> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: subset([...NETWORKS, ...TAGS]).map((prefixes): End => ({ prefixes, groups: [] })),
    },
    { weight: 1, arbitrary: fc.constant<End>({ prefixes: [], groups: [group] }) },
  );

const rule: fc.Arbitrary<Rule> = fc
  .record({
    priority: fc.integer({ min: 100, max: 110 }),
    direction: fc.constantFrom('Inbound' as const, 'Outbound' as const),
    access: fc.constantFrom('Allow' as const, 'Deny' as const),
    protocol: fc.constantFrom('*', 'Tcp', 'Udp', 'Icmp', 'Esp', 'TCP'),
    peer: end('app'),
    own: end('db'),
    sourcePorts: fc.oneof({ weight: 3, arbitrary: fc.constant(['*']) }, { weight: 1, arbitrary: portTexts }),
    destinationPorts: portTexts,
  })
  .map(({ peer, own, sourcePorts, destinationPorts, ...rest }) => {
    // What ports mean of a protocol that has none no page says.
    const portless = /^(?:icmp|esp)$/i.test(rest.protocol);
    const ports = {
      sourcePorts: portless ? ['*'] : sourcePorts,
      destinationPorts: portless ? ['0-65535'] : destinationPorts,
    };
    const [source, destination] = rest.direction === 'Inbound' ? [peer, own] : [own, peer];
    return {
      ...rest,
      ...ports,
      sources: source.prefixes,
      sourceGroups: source.groups,
      destinations: destination.prefixes,
      destinationGroups: destination.groups,
    };
  });

const group = fc.uniqueArray(rule, {
  maxLength: 5,
  selector: ({ priority, direction }) => `${priority} ${direction}`,
});

/** One value stands in the singular field, several in the plural one, as `az` prints them. */
function field(name: string, values: readonly string[], ending: string): Record<string, unknown> {
  return values.length === 1
    ? { [name]: values[0], [`${name}${ending}`]: [] }
    : { [name]: null, [`${name}${ending}`]: values };
}

function groupOf(name: string, rules: readonly Rule[], at: 'subnets' | 'networkInterfaces'): unknown {
  const ids = (names: readonly string[]): unknown =>
    names.length === 0 ? null : names.map((one) => ({ id: `${SCOPE}/applicationSecurityGroups/${one}` }));
  const securityRules = rules.map((one, i) => ({
    name: `rule-${i}`,
    priority: one.priority,
    direction: one.direction,
    access: one.access,
    protocol: one.protocol,
    ...field('sourceAddressPrefix', one.sources, 'es'),
    ...field('destinationAddressPrefix', one.destinations, 'es'),
    ...field('sourcePortRange', one.sourcePorts, 's'),
    ...field('destinationPortRange', one.destinationPorts, 's'),
    sourceApplicationSecurityGroups: ids(one.sourceGroups),
    destinationApplicationSecurityGroups: ids(one.destinationGroups),
  }));
  return {
    name,
    id: `${SCOPE}/networkSecurityGroups/${name}`,
    securityRules,
    [at]: [{ id: `${SCOPE}/${at}/x` }],
  };
}

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
  }, 120_000);

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
  }, 120_000);
});
