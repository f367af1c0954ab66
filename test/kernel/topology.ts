import { type Agent, HarnessError, type Operation } from './agent.ts';

/** One interface of the host under test, a veth whose far end (`x-…`) the harness sends into. */
export interface Link {
  readonly name: string;
  readonly mac: string;
  readonly address4: string;
  readonly prefix4: number;
  readonly address6: string;
}

/**
 * The host under test. The names are of the kinds that rule sets mention, and one is a prefix of another.
 * Addresses are from the ranges for documentation, benchmarking and private use.
 */
export const LINKS: readonly Link[] = [
  {
    name: 'eth0',
    mac: '02:70:6f:73:00:00',
    address4: '198.18.0.1',
    prefix4: 24,
    address6: '2001:db8::1',
  },
  {
    name: 'eth1',
    mac: '02:70:6f:73:00:01',
    address4: '10.1.2.10',
    prefix4: 24,
    address6: '2001:db8:1::10',
  },
  {
    name: 'eth10',
    mac: '02:70:6f:73:00:02',
    address4: '172.16.0.1',
    prefix4: 16,
    address6: 'fd00:10::1',
  },
  {
    name: 'ppp0',
    mac: '02:70:6f:73:00:03',
    address4: '100.64.0.1',
    prefix4: 30,
    address6: '2001:db8:99::1',
  },
  {
    name: 'docker0',
    mac: '02:70:6f:73:00:04',
    address4: '172.17.0.1',
    prefix4: 16,
    address6: 'fd00:17::1',
  },
];

/**
 * `sink`: every address is the host's own, so every packet goes to input. `router`: only the addresses of
 * {@link LINKS} are the host's; other packets are forwarded, from each interface to the one that the scenario says.
 */
export type HostKind = 'sink' | 'router';

/** Where the router sends what comes in by an interface (`''`: what the host sends itself). */
export type RoutePlan = Readonly<Record<string, string>>;

const OWN_ROUTES = 100;

/** Makes the interfaces, addresses and routes in the agent's namespaces. */
export async function buildTopology(agent: Agent, kind: HostKind): Promise<void> {
  await agent.request([
    { op: 'run', argv: ['ip', '-batch', '-'], input: linkCommands(agent.farNamespace) },
    { op: 'sysctl', path: 'net/ipv6/conf/all/disable_ipv6', value: '1', far: true },
    {
      op: 'run',
      argv: ['ip', '-batch', '-'],
      input: LINKS.map((l) => `link set x-${l.name} up\n`).join(''),
      far: true,
    },
    ...sysctls(),
    { op: 'run', argv: ['ip', '-batch', '-'], input: addressCommands() },
    { op: 'run', argv: ['ip', '-batch', '-'], input: routeCommands(kind) },
    { op: 'run', argv: ['ip', '-6', '-batch', '-'], input: routeCommands6(kind) },
  ]);
  await setRoutePlan(agent, Object.fromEntries(['', ...LINKS.map((l) => l.name)].map((n) => [n, 'eth0'])));
}

/** Sends each interface's packets where the plan says (both families). */
export async function setRoutePlan(agent: Agent, plan: RoutePlan): Promise<void> {
  const lines = ['', ...LINKS.map((link) => link.name)].map((name, index) => {
    const out = plan[name];
    if (out === undefined) throw new HarnessError(`the route plan lacks ${name || 'what the host sends'}`);
    return `route replace default dev ${out} table ${OWN_ROUTES + index}\n`;
  });
  await agent.request([
    { op: 'run', argv: ['ip', '-batch', '-'], input: lines.join('') },
    { op: 'run', argv: ['ip', '-6', '-batch', '-'], input: lines.join('') },
  ]);
}

function linkCommands(far: string): string {
  const lines = ['link set lo up'];
  for (const { name, mac } of LINKS) {
    // The greatest MTU, so that packets of any length pass unfragmented.
    lines.push(
      `link add ${name} address ${mac} mtu 65535 type veth peer name x-${name} mtu 65535 netns ${far}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Everything that would keep an odd packet from the rules, or make the kernel talk by itself, is off. */
function sysctls(): Operation[] {
  const values: [string, string][] = [
    ['net/ipv4/ip_forward', '1'],
    ['net/ipv4/icmp_ratelimit', '0'],
    ['net/ipv4/icmp_ratemask', '0'],
    ['net/ipv6/conf/all/forwarding', '1'],
    ['net/ipv6/icmp/ratelimit', '0'],
    ['net/netfilter/nf_conntrack_tcp_be_liberal', '1'],
  ];
  for (const name of ['all', 'default', ...LINKS.map((link) => link.name)]) {
    values.push(
      [`net/ipv4/conf/${name}/rp_filter`, '0'],
      [`net/ipv4/conf/${name}/accept_local`, '1'],
      [`net/ipv4/conf/${name}/send_redirects`, '0'],
      [`net/ipv6/conf/${name}/accept_dad`, '0'],
      [`net/ipv6/conf/${name}/accept_ra`, '0'],
      [`net/ipv6/conf/${name}/accept_source_route`, '1'],
    );
  }
  return values.map(([path, value]) => ({ op: 'sysctl', path, value }));
}

function addressCommands(): string {
  const lines: string[] = [];
  for (const { name, address4, prefix4, address6 } of LINKS) {
    lines.push(`addr add ${address4}/${prefix4} brd + dev ${name}`);
    lines.push(`addr add ${address6}/64 dev ${name} nodad`);
    lines.push(`link set ${name} up`);
  }
  return `${lines.join('\n')}\n`;
}

function routeCommands(kind: HostKind): string {
  const lines = kind === 'sink' ? ['route add local 0.0.0.0/0 dev lo'] : [];
  return `${[...lines, ...rules()].join('\n')}\n`;
}

function routeCommands6(kind: HostKind): string {
  const lines = kind === 'sink' ? ['route add local ::/0 dev lo'] : [];
  return `${[...lines, ...rules()].join('\n')}\n`;
}

/**
 * Tables of our own before the main one, so that a destination inside a local network goes where the plan says; but for what the host sends
 * itself, which goes to a network on its own links by these.
 */
function rules(): string[] {
  const lines = LINKS.map(
    (link, index) => `rule add pref ${10 + index} iif ${link.name} lookup ${OWN_ROUTES + 1 + index}`,
  );
  return [
    ...lines,
    'rule add pref 29 iif lo lookup main suppress_prefixlength 0',
    `rule add pref 30 iif lo lookup ${OWN_ROUTES}`,
  ];
}
