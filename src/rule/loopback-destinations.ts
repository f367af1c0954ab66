import { allOf, type Condition, negate } from './condition.ts';
import type { Action, Chain, CoverageEntry, Rule } from './ruleset.ts';

/** 127.0.0.0/8, and ::1: no packet from a wire may have these destinations (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3). */
const LOOPBACK = {
  4: { kind: 'address', family: 4, field: 'dst', values: [0x7f000000, 0x7fffffff] },
  6: { kind: 'address', family: 6, field: 'dst', values: [1n, 1n] },
} as const satisfies Record<4 | 6, Condition>;

/** Behind every rule of prerouting, where the kernel routes. */
const BEFORE_ROUTING = 0x7fffffff;

const SETTING = 'the setting route_localnet of the incoming interface is off';
const REASON = {
  4: 'a packet from outside that is translated to a loopback address goes on only where `net.ipv4.conf.<interface>.route_localnet` is on, which no config tells: it may pass or not',
  6: 'a packet from outside that is translated to `::1` goes nowhere: the kernel has no route for it',
} as const;

/**
 * What routing does with packets that came in by a wire and that a rule has translated to a loopback address, as one
 * more base chain of the layer behind prerouting: in IPv4 they are dropped unless the interface's `route_localnet`
 * is on (ip-sysctl.rst; net/ipv4/route.c, ip_route_input_slow), in IPv6 always, as loopback destinations are looked for on the
 * interface itself (net/ipv6/route.c, rt6_need_strict). Redirected packets do not count: they go to an address of the interface.
 *
 * @returns no chains where no rule translates so
 */
export function loopbackDestinations(chains: readonly Chain[]): {
  readonly chains: readonly Chain[];
  readonly coverage: readonly CoverageEntry[];
} {
  const made: Chain[] = [];
  const coverage: CoverageEntry[] = [];
  for (const chain of chains)
    for (const rule of chain.rules)
      for (const family of chain.families) {
        if (!rule.actions.some((action) => leadsToLoopback(action, family))) continue;
        if (!made.some((one) => one.layer === chain.layer && one.families[0] === family))
          made.push(routingOf(chain, rule, family));
        coverage.push({ span: rule.origin, status: 'approximated', reason: REASON[family] });
      }
  return { chains: made, coverage };
}

function leadsToLoopback(action: Action, family: 4 | 6): boolean {
  if (action.kind !== 'translate' || action.what !== 'dnat') return false;
  const { address } = action;
  if (address === undefined || address.kind === 'local') return false;
  const [lo, hi] = LOOPBACK[family].values;
  // A NETMAP's networks are a loopback one's as a whole, or it is not about loopback addresses.
  const [first, last] = address.kind === 'prefix' ? [address.value, address.value] : [address.lo, address.hi];
  return first <= BigInt(hi) && last >= BigInt(lo);
}

function routingOf(chain: Chain, { origin }: Rule, family: 4 | 6): Chain {
  const opaque: Condition = { kind: 'opaque', text: SETTING, stateful: false, span: origin };
  const match = allOf([
    { kind: 'translated', what: 'dnat' },
    LOOPBACK[family],
    negate({ kind: 'interface', field: 'in', names: [{ name: 'lo', prefix: false }] }),
    ...(family === 4 ? [opaque] : []),
  ]);
  return {
    id: `${chain.id} routing ${family}`,
    name: 'routing',
    table: chain.table,
    families: [family],
    layer: chain.layer,
    rules: [{ match, actions: [{ kind: 'verdict', verdict: 'drop' }], origin }],
    base: { hook: 'prerouting', priority: BEFORE_ROUTING, type: 'filter', policy: 'accept', sequence: 0 },
    origin,
  };
}
