import type { Box, NameSet } from '../finding/report.ts';

/** A box with its keys in the order of interfaces.md. */
export function boxShape(b: Box): unknown {
  return {
    family: b.family,
    protocols: b.protocols,
    sources: b.sources,
    destinations: b.destinations,
    sourcePorts: b.sourcePorts,
    destinationPorts: b.destinationPorts,
    icmp: b.icmp,
    in: b.in && namesShape(b.in),
    out: b.out && namesShape(b.out),
    groups: b.groups,
    exceptGroups: b.exceptGroups,
    peerGroups: b.peerGroups,
    exceptPeerGroups: b.exceptPeerGroups,
  };
}

const namesShape = (n: NameSet): unknown => ({ any: n.any, except: n.except });
