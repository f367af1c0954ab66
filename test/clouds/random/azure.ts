import fc from 'fast-check';
import type { Rule } from '../brute/azure.ts';

export const NETWORKS = [
  '0.0.0.0/0',
  '0.0.0.0/1',
  '10.0.0.0/8',
  '10.0.0.0/24',
  '203.0.113.7/32',
  '203.0.113.7',
  '2001:db8::/32',
];
const TAGS = ['*', 'VirtualNetwork', 'Internet', 'AzureLoadBalancer'];
export const PORTS = [0, 22, 80, 443, 1024, 65535];
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

/** Rules of one group, whose priorities are used once in a direction. */
export const group = fc.uniqueArray(rule, {
  maxLength: 5,
  selector: ({ priority, direction }) => `${priority} ${direction}`,
});

/** One value stands in the singular field, several in the plural one, as `az` prints them. */
function field(name: string, values: readonly string[], ending: string): Record<string, unknown> {
  return values.length === 1
    ? { [name]: values[0], [`${name}${ending}`]: [] }
    : { [name]: null, [`${name}${ending}`]: values };
}

/** A group as `az` prints it. */
export function groupOf(name: string, rules: readonly Rule[], at: 'subnets' | 'networkInterfaces'): unknown {
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
