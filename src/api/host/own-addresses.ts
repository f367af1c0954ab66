import { formatAddress, formatRange, isLinkLocal } from '../../packet/address.ts';
import { pairsOf, type Ranges } from '../../packet/ranges.ts';
import type { Ruleset } from '../../rule/ruleset.ts';

/**
 * Networks inside of the machine, as the programs that make them name them: Docker (`docker0`, `docker_gwbridge`, `br-` and an id),
 * libvirt, LXC, LXD and Incus, Podman and CNI, kube-proxy (whose `kube-ipvs0` has the address of every service), the node-local
 * DNS cache, Flannel, Calico, Cilium and Weave. A bridge of another name (`br0`) may well be the way to the outside.
 */
const INNER =
  /^(?:docker\d+|docker_gwbridge|br-[0-9a-f]{12}|virbr\d+|(?:lxc|lxd|incus)br\d+|podman\d+|(?:cni|cbr)\d+|cni-.+|kube-(?:ipvs0|bridge|dummy-if)|nodelocaldns|flannel[.-].+|cali.+|vxlan\.calico|cilium_.+|weave)$/;

/** Whether an interface leads to the machine's own containers or guests: no other machine knows the host by its addresses. */
export const isInner = (name: string): boolean => INNER.test(name);

/** Addresses by which other machines know the host: not those of the loopback interface, of one link, or of its own containers' networks. */
export function ownAddresses({ host, cloud }: Ruleset): string[] {
  const seen = (host?.addresses ?? [])
    .filter((one) => !one.loopback && !isLinkLocal(one.family, one.address) && !isInner(one.interface))
    .map(({ family, address }) => formatAddress(family, address));
  if (host !== undefined || cloud?.own === undefined) return seen;
  const { ipv4, ipv6 } = cloud.own;
  return [...textsOf(4, ipv4), ...textsOf(6, ipv6)];
}

/** Neighbouring addresses more than these are a range that an interface has. */
const NEIGHBOURS = 64n;

/** Addresses one by one, as far as they are few: those that stand so are the host's own for certain. */
function textsOf(family: 4 | 6, ranges: Ranges<number> | Ranges<bigint>): string[] {
  return pairsOf(ranges as Ranges<bigint>).flatMap(([from, to]) => {
    const [lo, hi] = [BigInt(from), BigInt(to)];
    const count = hi - lo + 1n;
    if (count > NEIGHBOURS) return [formatRange(family, lo, hi)];
    return Array.from({ length: Number(count) }, (_, i) => formatAddress(family, lo + BigInt(i)));
  });
}
