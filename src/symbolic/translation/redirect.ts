import { isLinkLocalIPv6 } from '../../packet/address.ts';
import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { nameRanges } from '../../packet/interface-names.ts';
import { rangesNode } from '../../packet/literals.ts';
import { normalise, type Ranges } from '../../packet/ranges.ts';
import type { HostFacts } from '../../rule/ruleset.ts';
import { ownAddresses } from '../conditions/address-types.ts';
import type { Scope } from '../scope.ts';

/**
 * The address that REDIRECT gives: at output the loopback address, in prerouting the incoming interface's first one
 * (net/netfilter/nf_nat_redirect.c). Masquerading gives one of the outgoing interface's (net/netfilter/nf_nat_masquerade.c).
 * Without facts it is unknown.
 *
 * @param by the interface by which the packet leaves, if that is not the one by which it set out
 * @param ofLink the packet was sent to an IPv6 address of the link, for which newer kernels take one of its kind
 */
export function redirectAddress(
  diagram: Diagram,
  field: 'src' | 'dst',
  scope: Pick<Scope, 'hook' | 'family'>,
  host: HostFacts | undefined,
  by: string | undefined = undefined,
  ofLink = false,
): Node {
  const { family, hook } = scope;
  const width = family === 4 ? 4 : 16;
  if (field === 'dst' && hook === 'output')
    return rangesNode(diagram, 'dst', family === 4 ? [0x7f000001, 0x7f000001] : [1n, 1n], ALL, width);
  if (host === undefined) return ALL;
  if (field === 'src' && by !== undefined)
    return rangesNode(diagram, 'src', sourcesBy(host, family, by), ALL, width);
  const device = field === 'dst' ? 'in' : 'out';
  const named = nameRanges(host.interfaces.map((name) => ({ name, prefix: false })));
  const unknown = diagram.not(rangesNode(diagram, device, named, ALL));
  const chosen = field === 'dst' ? choices(diagram, scope, host, ofLink) : sources(diagram, scope, host);
  return diagram.orAll([...chosen.map(({ node }) => node), unknown]);
}

/**
 * Packets that a redirection surely leaves as they are, because they go to the only address that it can give, and others
 * that it may. Masquerading alike, of addresses alone: ports may change in any case.
 *
 * @param by see {@link redirectAddress}
 */
export function unchangedByRedirect(
  diagram: Diagram,
  side: 'src' | 'dst',
  scope: Pick<Scope, 'hook' | 'family'>,
  host: HostFacts | undefined,
  by: string | undefined,
): { same: Node; maybe: Node } {
  const maybe = redirectAddress(diagram, side, scope, host, by);
  if (side === 'src') {
    if (by !== undefined && host !== undefined) {
      const values = sourcesBy(host, scope.family, by);
      return { same: values.length === 2 && values[0] === values[1] ? maybe : NONE, maybe };
    }
    const alone = host === undefined ? [] : sources(diagram, scope, host);
    return { same: diagram.orAll(alone.filter(({ one }) => one).map(({ node }) => node)), maybe };
  }
  if (scope.hook === 'output') return { same: maybe, maybe };
  if (host === undefined) return { same: NONE, maybe };
  const certain = (ofLink: boolean): Node => {
    const alone = choices(diagram, scope, host, ofLink).filter(({ count }) => count === 1);
    return diagram.orAll(alone.map(({ node }) => node));
  };
  return {
    same: byDestination(diagram, scope.family, certain),
    maybe: byDestination(diagram, scope.family, (ofLink) =>
      redirectAddress(diagram, side, scope, host, undefined, ofLink),
    ),
  };
}

/** Packets as they arrive, of which something else holds where they were sent to an IPv6 address of the link. */
export function byDestination(diagram: Diagram, family: 4 | 6, holds: (ofLink: boolean) => Node): Node {
  if (family === 4) return holds(false);
  const link = rangesNode(diagram, 'dst', NARROW, ALL, 16);
  return diagram.or(diagram.difference(holds(false), link), diagram.and(holds(true), link));
}

/** ::1 and fe80::/10 (RFC 4291, sections 2.5.3 and 2.5.6), whose scopes are narrower than that of all others. */
const NARROW: Ranges<bigint> = [1n, 1n, 0xfe80n << 112n, (0xfec0n << 112n) - 1n];

/**
 * For each interface of the host the packets that come in by it to an address that it can give, and how many these are: the first one, as
 * `ip addr` and the kernel list them. Of IPv6 newer kernels pass over what is tentative, as long as it is, and take one of the packet's scope.
 */
function choices(
  diagram: Diagram,
  { family }: Pick<Scope, 'family'>,
  host: HostFacts,
  ofLink: boolean,
): readonly { readonly node: Node; readonly count: number }[] {
  const width = family === 4 ? 4 : 16;
  return host.interfaces.map((name) => {
    const addresses = host.addresses.filter((a) => a.interface === name && a.family === family);
    // Of several tentative ones none may be left before the first that is not (nf_nat_redirect_ipv6_usable).
    const settled = addresses.findIndex(({ tentative }) => family === 4 || tentative !== true);
    const used = ofLink || settled < 0 ? addresses : addresses.slice(0, settled + 1);
    const values = used.map(({ address }): readonly number[] | readonly bigint[] =>
      family === 4 ? [Number(address), Number(address)] : [address, address],
    );
    const to = diagram.orAll(values.map((range) => rangesNode(diagram, 'dst', range, ALL, width)));
    return { node: rangesNode(diagram, 'in', nameRanges([{ name, prefix: false }]), to), count: used.length };
  });
}

/**
 * For each interface the packets that leave by it from an address that masquerading may give: one of the interface's own, or,
 * where it has none of a wide enough scope, of any interface (net/ipv4/devinet.c, inet_select_addr; net/ipv6/addrconf.c,
 * ipv6_dev_get_saddr, where the scope goes before the interface).
 */
function sources(
  diagram: Diagram,
  { family }: Pick<Scope, 'family'>,
  host: HostFacts,
): readonly { readonly node: Node; readonly one: boolean }[] {
  const width = family === 4 ? 4 : 16;
  return host.interfaces.map((name) => {
    const values = sourcesBy(host, family, name);
    const from = rangesNode(diagram, 'src', values, ALL, width);
    const here = rangesNode(diagram, 'out', nameRanges([{ name, prefix: false }]), ALL);
    return { node: diagram.and(here, from), one: values.length === 2 && values[0] === values[1] };
  });
}

/** The addresses that masquerading can give what leaves by an interface. */
function sourcesBy(host: HostFacts, family: 4 | 6, name: string): Ranges<number> | Ranges<bigint> {
  const own = host.addresses.filter((a) => a.interface === name && a.family === family);
  const wide = own.some(({ address, narrow }) =>
    family === 4 ? narrow !== true : !isLinkLocalIPv6(address) && address !== 1n,
  );
  return sourcesOf(host, family, wide ? name : undefined);
}

/** The addresses that masquerading can give, all or those of one interface: of IPv4 none of a narrower scope than global. */
function sourcesOf(
  host: HostFacts,
  family: 4 | 6,
  device: string | undefined,
): Ranges<number> | Ranges<bigint> {
  if (family === 6) return ownAddresses(host, family, device);
  const found = host.addresses.filter(
    (own) => own.family === 4 && own.narrow !== true && (device === undefined || own.interface === device),
  );
  return normalise(found.map(({ address }) => [Number(address), Number(address)] as const));
}
