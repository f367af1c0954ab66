import { allOf, anyOf, type Condition, NEVER, negate } from './condition.ts';
import type { SetElement, SetPart } from './named-set.ts';
import { type LookupContext, leafCondition, opaque } from './set-leaves.ts';
import { products } from './set-products.ts';

type AddressPart = Extract<SetPart, { kind: 'address' }>;
type IfacePart = Extract<SetPart, { kind: 'iface' }>;

/** The elements of one stored network. */
interface Network {
  readonly address: AddressPart;
  readonly plain: IfacePart[];
  readonly nomatch: IfacePart[];
}

/**
 * The lookup in a hash:net,iface. Unlike in the other types it ends at the most specific network that is stored and
 * has the address, whichever interfaces are stored with it (net/netfilter/ipset/ip_set_hash_gen.h, mtype_test_cidrs,
 * `multi`): with 10.0.0.0/8,eth0 and 10.0.0.0/24,eth1 the packet 10.0.0.5,eth0 is not in the set.
 */
export function ifaceLookup(context: LookupContext, returnNomatch: boolean): Condition {
  let found: Condition = NEVER;
  for (const networks of networksBySpecificity(context.set.elements)) {
    const kept =
      found.kind === 'never' ? NEVER : allOf([found, negate(ending(networks, context, returnNomatch))]);
    found = anyOf([kept, hits(networks, context, returnNomatch)]);
  }
  return found;
}

/** Where the lookup does not go on to wider networks, but for what {@link hits} finds. */
function ending(networks: readonly Network[], context: LookupContext, returnNomatch: boolean): Condition {
  const stored = networks.filter(({ plain, nomatch }) =>
    [...plain, ...nomatch].some((part) => !part.physdev),
  );
  const otherPorts = networks.flatMap(({ address, plain, nomatch }) =>
    (returnNomatch ? plain : nomatch).filter((part) => part.physdev).map((part) => [address, part]),
  );
  const addresses = stored.map(({ address }) => address);
  return anyOf([
    ...(addresses.length === 0 ? [] : [leafCondition(addresses, 0, context)]),
    products(otherPorts, context),
  ]);
}

/** Where one of the networks is found with an interface of the wanted kind. */
function hits(networks: readonly Network[], context: LookupContext, returnNomatch: boolean): Condition {
  const clear: (readonly SetPart[])[] = [];
  const unclear: Condition[] = [];
  for (const { address, plain, nomatch } of networks) {
    const [wanted, other] = returnNomatch ? [nomatch, plain] : [plain, nomatch];
    const rivals = other.filter((part) => wanted.some((mine) => overlap(mine, part)));
    if (rivals.length === 0) clear.push(...wanted.map((part) => [address, part]));
    else if (wanted.length > 0) unclear.push(contested(address, wanted, rivals, context));
  }
  return anyOf([products(clear, context), ...unclear]);
}

/**
 * An interface that is stored for one network both as `nomatch` and plainly (once as a wildcard): which the kernel
 * finds depends on the order in its hash bucket, which a dump does not tell.
 */
function contested(
  address: AddressPart,
  wanted: readonly IfacePart[],
  rivals: readonly IfacePart[],
  context: LookupContext,
): Condition {
  const order = opaque(
    context,
    `which of ${[...wanted, ...rivals].map(({ name }) => name).join(', ')} is found first`,
  );
  return allOf([
    leafCondition([address], 0, context),
    leafCondition(wanted, 1, context),
    anyOf([negate(leafCondition(rivals, 1, context)), order]),
  ]);
}

function overlap(a: IfacePart, b: IfacePart): boolean {
  if (a.physdev || b.physdev) return false;
  if (a.wildcard && b.name.startsWith(a.name)) return true;
  return b.wildcard ? a.name.startsWith(b.name) : a.name === b.name;
}

/** The networks by prefix length, shortest first. */
function networksBySpecificity(elements: readonly SetElement[]): Network[][] {
  const byPrefix = new Map<number, Map<bigint, Network>>();
  for (const element of elements) {
    const [address, iface] = element.parts;
    if (address?.kind !== 'address' || iface?.kind !== 'iface') continue;
    const networks = byPrefix.get(address.prefix) ?? new Map<bigint, Network>();
    byPrefix.set(address.prefix, networks);
    const network = networks.get(address.lo) ?? { address, plain: [], nomatch: [] };
    networks.set(address.lo, network);
    (element.nomatch ? network.nomatch : network.plain).push(iface);
  }
  return [...byPrefix].sort(([a], [b]) => a - b).map(([, networks]) => [...networks.values()]);
}
