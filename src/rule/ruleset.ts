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
  /**
   * Addresses whose traffic the provider filters never, such as those of its own services. That they can be reached says
   * nothing about a role that nobody binds.
   */
  readonly unfiltered?: GroupMembers;
  /** Peers inside the instance's own subnet, whose traffic passes no list of the subnet's; absent where there is no such list. */
  readonly inside?: GroupMembers;
  /** The instance's own groups, as boxes show them; empty where unknown. */
  readonly groups: readonly string[];
  /** The instance's own private addresses; absent where unknown. */
  readonly own?: GroupMembers;
  /** `own` are all of one machine: what goes from one of them to another stays inside of it. */
  readonly single?: true;
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
  /** Which layer of the host the chain belongs to: `iptables` of one dump, one nft listing. Shown in findings. */
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

export type Action =
  /** Ends this base chain (`accept`) or the packet (`drop`, `reject`). */
  | { readonly kind: 'verdict'; readonly verdict: 'accept' | 'drop' | 'reject' }
  /** Back to the rule after the jump; in a base chain, the policy. */
  | { readonly kind: 'return' }
  | { readonly kind: 'jump'; readonly chain: string }
  /** Like a jump, but the target's end returns to where the present chain would return. */
  | { readonly kind: 'goto'; readonly chain: string }
  /** A further condition after earlier actions; where it fails the rule ends and the next rule runs. */
  | { readonly kind: 'require'; readonly match: Condition }
  | AssignAction
  /** The field gets a value that postern does not know (HMARK). */
  | { readonly kind: 'forget'; readonly field: AssignableField }
  /** Connection tracking passes the packet by (`NOTRACK`, `CT --notrack`); it is `untracked` from here on. */
  | { readonly kind: 'notrack' }
  | TranslateAction
  /** Somebody else decides (NFQUEUE, QUEUE, an unknown target): any of `outcomes` may happen. */
  | {
      readonly kind: 'unknown';
      readonly outcomes: readonly ('accept' | 'drop' | 'continue')[];
      readonly text: string;
    }
  /** No effect on the verdict (LOG, counters, TRACE, …). */
  | {
      readonly kind: 'note';
      readonly text: string;
      readonly zone?: ConnectionZone;
      /** It gives connections a helper, or expects others, which conntrack then calls related (`CT --helper`, `ct helper set`). */
      readonly expects?: true;
      /** See {@link Tracks}. */
      readonly tracks?: Tracks;
    };

/**
 * What a target prepares for a packet's connection makes that tracked, whatever keeps it out behind it (net/netfilter/xt_CT.c,
 * xt_ct_target; net/netfilter/nft_ct.c, nft_notrack_eval): `first` where nothing has kept it out before (`CT --zone`, `CT --helper`),
 * `always` even so (`ct zone set`: nft_ct_set_zone_eval). Tried in the kernel.
 */
export type Tracks = 'first' | 'always';

/**
 * The zone in which connection tracking looks the packet up, given before it does so; the first that a packet gets stays
 * (`CT --zone`, `ct zone set`). Verdicts do not depend on it; which replies belong to a connection does.
 */
export interface ConnectionZone {
  /** Absent: it is not known which (`--zone mark`, a map). */
  readonly id?: number;
  /** Whether it counts for both directions of the connection that the packet begins, or as what it is looked up, or for one. Where that is unknown so is the id. */
  readonly direction: 'both' | 'original' | 'reply' | 'unknown';
  /** Unknown, but packets with the same ends and interfaces get the same. */
  readonly byEnds?: true;
}

export type AssignableField = 'mark' | 'ctmark' | 'tos' | 'ttl' | 'tcpFlags';

/**
 * `field := (field & keep) ^ (from & take) ^ xor`, bit by bit, which says every form of MARK, CONNMARK, TOS and
 * DSCP targets. `from` is the other mark (`CONNMARK --save-mark`: field ctmark, from mark). `plus` is added last, and
 * what comes out is kept between 0 and 255: only a TTL has it (`TTL --ttl-inc`; net/netfilter/xt_HL.c).
 */
export interface AssignAction {
  readonly kind: 'assign';
  readonly field: AssignableField;
  readonly keep: number;
  readonly from?: 'mark' | 'ctmark';
  readonly take?: number;
  readonly xor: number;
  readonly plus?: number;
}

/** Address and port translation of the connection's first packet. It ends the chain as an accept does. */
export interface TranslateAction {
  readonly kind: 'translate';
  /** `dnat` covers REDIRECT and NETMAP in prerouting and output, `snat` MASQUERADE and the rest. */
  readonly what: 'dnat' | 'snat';
  /** Absent: the address stays. `range`: any address of the range. `prefix`: the host bits stay (NETMAP).
   * `local`: an address of this host (REDIRECT: the incoming interface's; MASQUERADE: the outgoing one's). */
  readonly address?:
    | { readonly kind: 'range'; readonly lo: bigint; readonly hi: bigint }
    | { readonly kind: 'prefix'; readonly mask: bigint; readonly value: bigint }
    | { readonly kind: 'local' };
  /** Absent: the port stays (source translation may still pick another). */
  readonly port?: { readonly lo: number; readonly hi: number };
  /** The source gets any port that it may have, whatever it has (`--random`, `--random-fully`; `random`, `fully-random`). */
  readonly random?: true;
}

/** A named set of addresses, ports and more, as `ipset save` prints it (`ipset(8)`) or as nft lists it. */
export interface NamedSet {
  readonly name: string;
  /** The type as written, `hash:net,port`. */
  readonly type: string;
  /** Undefined for types without a family (`bitmap:port`, `hash:mac`, `list:set`). */
  readonly family: 4 | 6 | undefined;
  readonly dimensions: readonly SetDimension[];
  readonly elements: readonly SetElement[];
  readonly origin: Span;
}

export type SetDimension = 'ip' | 'net' | 'port' | 'mac' | 'mark' | 'iface' | 'set';

export interface SetElement {
  readonly parts: readonly SetPart[];
  /** The element is an exception to a wider one (`nomatch`). */
  readonly nomatch: boolean;
  readonly origin: Span;
}

export type SetPart =
  /**
   * An inclusive range of addresses. `prefix` orders the lookup of `net` dimensions, longest first; in an `ip`
   * dimension it is the family's longest. With `mask` (a `bitmask` with holes) `lo` is `hi`, and the part has the
   * addresses for which `(address & mask) === lo`.
   */
  | {
      readonly kind: 'address';
      readonly family: 4 | 6;
      readonly lo: bigint;
      readonly hi: bigint;
      readonly prefix: number;
      readonly mask?: bigint;
    }
  /** `protocol` undefined only in `bitmap:port` (TCP and UDP). For ICMP the number is `type << 8 | code`. */
  | { readonly kind: 'port'; readonly protocol: number | undefined; readonly lo: number; readonly hi: number }
  /** `mac` undefined in a `bitmap:ip,mac` element that has none yet: it matches any. */
  | { readonly kind: 'mac'; readonly mac: number | undefined }
  /** The set's `markmask` is already applied to `value`; compare `packet.mark & mask`. */
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number }
  | { readonly kind: 'iface'; readonly name: string; readonly wildcard: boolean; readonly physdev: boolean }
  /** Member of a `list:set`. */
  | { readonly kind: 'set'; readonly name: string };

/** The host's own addresses and interfaces, `ip -j addr`. */
export interface HostFacts {
  readonly interfaces: readonly string[];
  readonly addresses: readonly HostAddress[];
  /** The bridges, or whatever else they are parts of, by their ports. */
  readonly masters?: ReadonlyMap<string, string>;
  readonly origin: Span;
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
