import { type AddressCondition, allOf, type Condition, negate } from './condition.ts';
import type { Action } from './action.ts';
import type { Chain, CoverageEntry, Rule } from './ruleset.ts';

/** Destinations at which what came in by a wire and was translated ends, or may end. */
interface Ending {
  readonly destinations: AddressCondition;
  /** On what it depends; absent where nothing lets such a packet go on. */
  readonly unless?: string;
  /** For the coverage. */
  readonly reason: string;
  /** For a finding about such packets. */
  readonly because: string;
}

const MULTICAST = (first: string): string =>
  `a packet that is translated to a multicast address arrives only where the host has joined the group (every host has ${first}), which no config tells: it may pass or not`;
const JOINED = 'the host has not joined the multicast group';
const GROUP = 'a group’s packets arrive only where the host has joined it';
const LAST = (1n << 128n) - 1n;

/**
 * What routing does with such packets. 127.0.0.0/8 and ::1 belong to no packet from a wire (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3):
 * in IPv4 they are dropped unless the interface's `route_localnet` is on (ip-sysctl.rst; net/ipv4/route.c, ip_route_input_slow),
 * in IPv6 always, as loopback destinations are looked for on the interface itself (net/ipv6/route.c, rt6_need_strict). 0.0.0.0 is
 * no destination (ip_route_input_slow; the rest of 0.0.0.0/8 is one since Linux 5.3, and so is `::`). Of groups only members get
 * packets (ip_route_input_rcu; net/ipv6/ip6_input.c, ip6_mc_input); 224.0.0.1, ff01::1 and ff02::1 are every host's.
 */
const ENDINGS: readonly Ending[] = [
  {
    destinations: { kind: 'address', family: 4, field: 'dst', values: [0, 0] },
    reason: 'a packet that is translated to `0.0.0.0` goes nowhere: to the kernel that is no destination',
    because: 'to the kernel, 0.0.0.0 is no destination',
  },
  {
    destinations: { kind: 'address', family: 4, field: 'dst', values: [0x7f000000, 0x7fffffff] },
    unless: 'the setting route_localnet of the incoming interface is off',
    reason:
      'a packet from outside that is translated to a loopback address goes on only where `net.ipv4.conf.<interface>.route_localnet` is on, which no config tells: it may pass or not',
    because: 'a loopback address gets nothing from outside unless route_localnet is on',
  },
  {
    destinations: {
      kind: 'address',
      family: 4,
      field: 'dst',
      values: [0xe0000000, 0xe0000000, 0xe0000002, 0xefffffff],
    },
    unless: JOINED,
    reason: MULTICAST('`224.0.0.1`'),
    because: GROUP,
  },
  {
    destinations: { kind: 'address', family: 6, field: 'dst', values: [1n, 1n] },
    reason: 'a packet from outside that is translated to `::1` goes nowhere: the kernel has no route for it',
    because: '::1 gets nothing from outside',
  },
  {
    destinations: {
      kind: 'address',
      family: 6,
      field: 'dst',
      values: [
        0xffn << 120n,
        0xff01n << 112n,
        (0xff01n << 112n) + 2n,
        0xff02n << 112n,
        (0xff02n << 112n) + 2n,
        LAST,
      ],
    },
    unless: JOINED,
    reason: MULTICAST('`ff02::1`'),
    because: GROUP,
  },
];

/** Behind every rule of prerouting, where the kernel routes. */
const BEFORE_ROUTING = 0x7fffffff;

/**
 * What routing does with packets that came in by a wire and that a rule has translated to where nothing goes, as one
 * more base chain of the layer behind prerouting. Redirected packets do not count: they go to an address of the interface.
 *
 * @returns no chains where no rule translates so
 */
export function translatedDestinations(chains: readonly Chain[]): {
  readonly chains: readonly Chain[];
  readonly coverage: readonly CoverageEntry[];
} {
  const made = new Map<string, Chain>();
  const coverage: CoverageEntry[] = [];
  for (const chain of chains)
    for (const rule of chain.rules) {
      if (!rule.actions.some(({ kind }) => kind === 'translate')) continue;
      for (const [index, ending] of ENDINGS.entries()) {
        if (!chain.families.includes(ending.destinations.family)) continue;
        if (!rule.actions.some((action) => leadsTo(action, ending.destinations))) continue;
        const key = `${chain.layer} ${index}`;
        if (!made.has(key)) made.set(key, routingOf(chain, rule, ending, index));
        coverage.push({ span: rule.origin, status: 'approximated', reason: ending.reason });
      }
    }
  return { chains: [...made.values()], coverage };
}

function leadsTo(action: Action, { values }: AddressCondition): boolean {
  if (action.kind !== 'translate' || action.what !== 'dnat') return false;
  const { address } = action;
  if (address === undefined || address.kind === 'local') return false;
  // A NETMAP's network is of these addresses as a whole, or it is not about them.
  const [first, last] = address.kind === 'prefix' ? [address.value, address.value] : [address.lo, address.hi];
  for (let at = 0; at < values.length; at += 2)
    if (first <= BigInt(values[at + 1] as number) && last >= BigInt(values[at] as number)) return true;
  return false;
}

function routingOf(
  chain: Chain,
  { origin }: Rule,
  { destinations, unless, because }: Ending,
  index: number,
): Chain {
  const opaque: readonly Condition[] =
    unless === undefined ? [] : [{ kind: 'opaque', text: unless, stateful: false, span: origin }];
  const match = allOf([
    { kind: 'translated', what: 'dnat' },
    destinations,
    negate({ kind: 'interface', field: 'in', names: [{ name: 'lo', prefix: false }] }),
    ...opaque,
  ]);
  return {
    id: `${chain.id} routing ${index}`,
    name: 'routing',
    table: chain.table,
    families: [destinations.family],
    layer: chain.layer,
    rules: [{ match, actions: [{ kind: 'verdict', verdict: 'drop' }], origin, implied: because }],
    base: { hook: 'prerouting', priority: BEFORE_ROUTING, type: 'filter', policy: 'accept', sequence: 0 },
    origin,
  };
}
