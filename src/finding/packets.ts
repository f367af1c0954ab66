import type { HookName } from '../packet/packet.ts';

/** One product of sets; an absent field is unconstrained. Lists are sorted, disjoint and merged. */
export interface Box {
  readonly family: 'ipv4' | 'ipv6';
  readonly protocols?: readonly string[];
  readonly sources?: readonly string[];
  readonly destinations?: readonly string[];
  readonly sourcePorts?: readonly string[];
  readonly destinationPorts?: readonly string[];
  readonly icmp?: readonly string[];
  readonly in?: NameSet;
  readonly out?: NameSet;
  /** What the instance carries, where that is known; of further groups, whose members are not known, it is a member of one. */
  readonly groups?: readonly string[];
  readonly exceptGroups?: readonly string[];
  /** The peer is a member of one of these groups, whose members' addresses are not known. */
  readonly peerGroups?: readonly string[];
  /** The peer is a member of none of these. */
  readonly exceptPeerGroups?: readonly string[];
}

/** Interface names or prefixes ending in `+`: those of `any` (absent: every name) but for those of `except`. */
export interface NameSet {
  readonly any?: readonly string[];
  readonly except?: readonly string[];
}

/** A packet as `trace` reads it. */
export interface WitnessPacket {
  readonly id?: string | number;
  readonly hook: HookName;
  readonly in?: string;
  readonly out?: string;
  readonly src: string;
  readonly dst: string;
  readonly protocol: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly type?: number;
  readonly code?: number;
  readonly flags?: readonly string[];
  readonly state?: string;
  readonly mark?: number;
  readonly ctmark?: number;
  /** The rest is there only where the finding depends on it. */
  readonly mac?: string;
  readonly length?: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly pkttype?: string;
  readonly groups?: readonly string[];
  readonly peerGroups?: readonly string[];
}

export interface Translated {
  readonly destination?: string;
  readonly port?: number | string;
}
