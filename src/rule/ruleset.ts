import type { Action } from './action.ts';
import type { NamedSet } from './named-set.ts';
import type { Ranges } from '../packet/ranges.ts';
import type { Span } from '../text/source.ts';
import type { Condition, InterfacePattern } from './condition.ts';

/**
 * The vendor-independent model: everything that was given of one host. Base chains of every file hang on hooks with
 * priorities; a packet passes all of them in the kernel's order.
 */
export interface Ruleset {
  readonly chains: readonly Chain[];
  /** By name; ipset names and nft set names (`family table set`) do not meet. */
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** What `ip -j addr` said of the host, where it was given. */
  readonly host: HostFacts | undefined;
  /** The families for which something was given; the others are not assessed. */
  readonly families: ReadonlySet<4 | 6>;
  /** What cloud exports among the configs say of groups; absent where there is none. */
  readonly cloud?: CloudFacts;
}

/** Who a group's members are: machines of somebody's own networks, or any addresses (prefix lists, address groups, tags). */
export type GroupKind = 'machines' | 'addresses';

/** The keys of a role whose values name groups of a cloud: a member of any of them is of the role. */
export const GROUP_KEYS = ['securityGroups', 'applicationSecurityGroups', 'tags', 'serviceAccounts'] as const;

/** A group as a deployment names it. What has one name need not be one thing: a tag is no security group. */
export interface NamedGroup {
  readonly key: (typeof GROUP_KEYS)[number];
  /** An id, or a name, as written. */
  readonly name: string;
}

/** What is known about the groups of a cloud account, and about the instance that is looked at. */
export interface CloudFacts {
  /** Groups that conditions name (`GroupCondition`), sorted: their members are not known. */
  readonly symbolic: readonly string[];
  /** Those of `symbolic` that stand for the public Internet (Azure's `Internet`). */
  readonly publicGroups?: readonly string[];
  /** Those of `symbolic` whose members are machines of somebody's own networks: none of them is the Internet. */
  readonly machineGroups?: readonly string[];
  /**
   * What the exports have or name under an id, anywhere: a role may be bound to a group that no condition at this point names.
   * Undefined for what they do not know; absent: they know of nothing beside `symbolic` and `members`.
   */
  readonly knows?: (id: string) => GroupKind | undefined;
  /** Members' private addresses by every id and name of a group; only groups whose members are known. */
  readonly members: ReadonlyMap<string, GroupMembers>;
  /** Whether a group of `members` may have others, whom nobody gave: they are members of the group by its name. */
  readonly hasOthers?: (id: string) => boolean;
  /** Ids by id and by name, of every group that the exports have or name: a role may be bound by either. */
  readonly ids: ReadonlyMap<string, string>;
  /** The keys under which a role may name the group of an id. */
  readonly namedBy: (id: string) => readonly NamedGroup['key'][];
  /** The id in a longer name that the provider has for the same thing; absent where it has none. */
  readonly shortened?: (written: string) => string;
  /**
   * Addresses whose traffic the provider filters never, such as those of its own services. That they can be reached says
   * nothing about a role that nobody binds.
   */
  readonly unfiltered?: GroupMembers;
  /** Peers inside the instance's own subnet, whose traffic passes no list of the subnet's; absent where there is no such list. */
  readonly inside?: GroupMembers;
  /** Addresses of the instance's subnets that no machine gets: no packet that shows a finding comes from one of them, if others do. */
  readonly nobodys?: GroupMembers;
  /** The instance's own groups, as boxes show them; empty where unknown. */
  readonly groups: readonly string[];
  /** Of an instance that carries nothing: what rules are for that are not for it, so that its boxes say that they are not about these. */
  readonly lacking?: readonly string[];
  /** The instance's own private addresses; absent where unknown. */
  readonly own?: GroupMembers;
  /**
   * Addresses that machines have by the exports: what goes to another's, or claims to come from it, is none of the instance's. Absent
   * where it may forward for others.
   */
  readonly elsewhere?: () => GroupMembers;
  /**
   * Whose `own` are: what goes from one address of one machine to another stays inside of it, and what goes between several machines
   * does not. Absent where the exports don't tell.
   */
  readonly machines?: 'one' | 'several';
  /** Families in which it may have addresses that no export has. */
  readonly ownUnsaid?: readonly (4 | 6)[];
  /**
   * Where its interfaces carry different groups, those of each: a packet goes through one of them, and `groups` are those of all.
   */
  readonly interfaces?: readonly { readonly groups: readonly string[]; readonly own: GroupMembers }[];
}

/** Private addresses, of both families. */
export interface GroupMembers {
  readonly ipv4: Ranges<number>;
  readonly ipv6: Ranges<bigint>;
}

/**
 * The hooks in the order in which a packet meets them: those of the cloud outside, those of netfilter inside. A cloud's
 * hooks see packets on the wire only, never those on the loopback interface, and know connections by their own tracking.
 */
export type NetfilterHook =
  | 'cloud-ingress'
  | 'ingress'
  | 'prerouting'
  | 'input'
  | 'forward'
  | 'output'
  | 'postrouting'
  | 'egress'
  | 'cloud-egress';

export interface Chain {
  /** Unique in the ruleset: layer, family, table and name. Jumps name it. */
  readonly id: string;
  readonly name: string;
  readonly table: string;
  /** The family whose packets pass here; both for nft's `inet`. */
  readonly families: readonly (4 | 6)[];
  /** Which layer of the host the chain belongs to: the dumps of one iptables, nftables' tables, a list of a cloud. */
  readonly layer: string;
  readonly rules: readonly Rule[];
  /** Absent in user chains. */
  readonly base?: BaseChain;
  /** The chain is one for bridged packets, with those devices that its table names. */
  readonly bridged?: Bridged;
  /** The line that declares the chain. */
  readonly origin: Span;
}

/** Which packets may come to a chain for bridged ones: what comes by a bridge, leaves by one, or goes from port to port. */
export interface Bridged {
  readonly way: 'in' | 'out' | 'through';
  /** The devices that the table names, ports most of them. */
  readonly names: readonly InterfacePattern[];
  /** Of these alone, and not of the bridges that they may be ports of. */
  readonly named?: true;
  readonly text: string;
}

export interface BaseChain {
  readonly hook: NetfilterHook;
  /**
   * Kernel priority; lower runs first. Connection tracking is at -200, destination translation at -100, source
   * translation at 100 (nat chains translate there whatever their own priority, which orders them among themselves).
   */
  readonly priority: number;
  readonly type: 'filter' | 'nat' | 'route';
  readonly policy: 'accept' | 'drop';
  /** Order of registration among chains of equal priority at one hook: the last registered runs first. */
  readonly sequence: number;
}

/** One rule: where its match holds, its actions happen in order until one ends the rule or the packet's way. */
export interface Rule {
  readonly match: Condition;
  readonly actions: readonly Action[];
  /** The rule's text in its file; line, column and excerpt come from here. */
  readonly origin: Span;
  /**
   * No line of a config says this; the provider does it (a security group never filters the metadata address), or the kernel. Why,
   * in one sentence. What such a rule opens is nobody's excess, and what it closes no other rule masks.
   */
  readonly implied?: string;
  /** The provider writes it into every group: nobody meant what it lets through, and a rule before it takes nothing from it. */
  readonly standard?: true;
}

/** The host's own addresses and interfaces, `ip -j addr`. */
export interface HostFacts {
  readonly interfaces: readonly string[];
  readonly addresses: readonly HostAddress[];
  /** The bridges, or whatever else they are parts of, by their ports. */
  readonly masters?: ReadonlyMap<string, string>;
  /**
   * Parts of bridges and bonds: what comes by them is handed to the whole before IP sees it (net/bridge/br_input.c, br_handle_frame;
   * drivers/net/bonding/bond_main.c, bond_handle_frame), and what it sends leaves IP by the whole.
   */
  readonly ports?: ReadonlySet<string>;
  /** By the device: those just below it, which its packets may pass (what carries a VLAN; the ports of a bridge, a bond, a VRF). */
  readonly below?: ReadonlyMap<string, readonly DeviceBelow[]>;
  readonly origin: Span;
}

export interface DeviceBelow {
  readonly name: string;
  /** It is a port of the other, whose frames are its own; a VLAN's have a tag below it. */
  readonly port: boolean;
}

export interface HostAddress {
  readonly interface: string;
  readonly loopback: boolean;
  readonly family: 4 | 6;
  readonly address: bigint;
  readonly prefixLength: number;
  readonly broadcast?: bigint;
  /** The address of the other end, whose prefix it is then (net/ipv4/fib_frontend.c, fib_add_ifaddr). */
  readonly peer?: bigint;
  /** The interface is down: nothing is on its link. */
  readonly down?: true;
  readonly secondary: boolean;
  /** Whether a neighbour has it, too, is not known yet (RFC 4862). */
  readonly tentative?: true;
  /** Of IPv4: not of global scope, as 127.0.0.1 is, so that masquerading never takes it (net/ipv4/devinet.c, inet_select_addr). */
  readonly narrow?: true;
}

/** A line of a config that is not taken exactly as written; it is told in the report. */
export interface CoverageEntry {
  readonly span: Span;
  readonly status: 'approximated' | 'ignored' | 'unrecognised';
  /** Why, and what that means for the result: one sentence. */
  readonly reason: string;
  /** It is about an {@link OpaqueCondition} that asks for the way back to a packet's source. */
  readonly wayBack?: true;
}
