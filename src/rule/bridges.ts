import { allOf, type Condition, type InterfacePattern, negate } from './condition.ts';
import { eachInterface } from './interfaces-named.ts';
import type { Bridged, Chain, HostFacts, Rule } from './ruleset.ts';

/**
 * Puts the devices into the chains for bridged packets: such a chain may see what comes or leaves by a bridge, and whether it does is
 * never certain. IP sees the bridge as the packet's device, and never the port (net/bridge/br_input.c, br_pass_frame_up), which is what the
 * chain's rules see and name. Without a device that may be a bridge's the chain goes.
 */
export function throughBridges(chains: readonly Chain[], host: HostFacts | undefined): readonly Chain[] {
  if (!chains.some(({ bridged }) => bridged !== undefined)) return chains;
  const looking = host === undefined ? namedLikeBridges(chains) : [];
  return chains.flatMap((chain) => {
    if (chain.bridged === undefined) return [chain];
    const { named } = chain.bridged;
    const meant = host === undefined ? chain.bridged.names : known(chain.bridged.names, host);
    const bridges = host === undefined ? looking : bridgesOf(host);
    // No packet of IP comes by what surely is a port.
    const unknown = meant.filter(({ name, prefix }) => prefix || host?.interfaces.includes(name) !== true);
    const names = named === true ? unknown : [...meant, ...bridges];
    return names.length === 0 ? [] : [entered(chain, chain.bridged, names)];
  });
}

/** The named devices but for those that the host has, and that are neither bridges nor ports; what it has not may come. */
function known(names: readonly InterfacePattern[], host: HostFacts): readonly InterfacePattern[] {
  const { interfaces, masters = new Map<string, string>() } = host;
  const bridges = new Set(masters.values());
  return names.filter(
    ({ name, prefix }) => prefix || !interfaces.includes(name) || masters.has(name) || bridges.has(name),
  );
}

function bridgesOf({ masters }: HostFacts): readonly InterfacePattern[] {
  return [...new Set(masters?.values())].map((name) => ({ name, prefix: false }));
}

/** What administrators, and Docker, libvirt, LXC, Proxmox, Kubernetes and Podman call their bridges. */
const LIKE_BRIDGES = /^(?:br|bridge|vmbr|virbr|ovsbr|lxcbr|lxdbr|incusbr|docker|cni|podman)[-\d]|^br$/;

/** Whether a device is, or may be, a bridge: one with ports in `ip -j addr`, or one that is called as they are (its ports may have gone). */
export function mayBeBridge(name: string, host: HostFacts | undefined): boolean {
  return [...(host?.masters?.values() ?? [])].includes(name) || LIKE_BRIDGES.test(name);
}

/** The devices that rules for IP name, and that are called as bridges are. */
function namedLikeBridges(chains: readonly Chain[]): readonly InterfacePattern[] {
  const found = new Map<string, InterfacePattern>();
  for (const { bridged, rules } of chains)
    for (const { match } of bridged === undefined ? rules : [])
      eachInterface(match, ({ names }) => {
        for (const pattern of names)
          if (LIKE_BRIDGES.test(pattern.name)) found.set(`${pattern.name} ${pattern.prefix}`, pattern);
      });
  return [...found.values()].map(({ name, prefix }) => ({ name, prefix }));
}

function entered(chain: Chain, { way, text }: Bridged, names: readonly InterfacePattern[]): Chain {
  const by = (field: 'in' | 'out'): Condition => ({ kind: 'interface', field, names });
  const match = way === 'through' ? allOf([by('in'), by('out')]) : by(way);
  const { origin } = chain;
  const skip: Rule = { match: negate(match), actions: [{ kind: 'verdict', verdict: 'accept' }], origin };
  const perhaps: Rule = {
    match,
    actions: [{ kind: 'unknown', outcomes: ['continue', 'accept'], text }],
    origin,
  };
  return { ...chain, rules: [skip, perhaps, ...chain.rules] };
}
