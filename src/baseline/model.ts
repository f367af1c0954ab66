import type { Ranges } from '../packet/ranges.ts';
import type { ConnectionState } from '../packet/packet.ts';
import type { InterfacePattern } from '../rule/condition.ts';
import type { NamedGroup } from '../rule/ruleset.ts';
import type { Span } from '../text/source.ts';
import type { Delivery } from './delivery.ts';

/**
 * A baseline resolved against a deployment, for one host: what compare/ works on. The YAML shapes that it comes
 * from are described by schemas/baseline.schema.json and schemas/deployment.schema.json.
 */
export interface ResolvedHost {
  readonly name: string;
  /** The host's role; `none` for a firewall between zones. */
  readonly role: string;
  readonly baselines: readonly ResolvedBaseline[];
  /** The host's own addresses as the deployment binds its role; `unbound` where it does not. */
  readonly own: Party;
  /** They are those of its role: the host has no `addresses:` of its own. */
  readonly ownOfRole?: true;
  /** Some of them may be other machines', that a cloud guards alike: rows need them as peers where the exports say so, and not else. */
  readonly ownMayBeOthers?: true;
  /** The roles that the deployment binds to something, also those that no row of this host names. */
  readonly others?: readonly Party[];
  /** Roles named by applicable rows that nothing binds, sorted. */
  readonly unbound: readonly string[];
  /** What comes in comes by the interface that leads back to its source, says the deployment. */
  readonly symmetricRoutes?: true;
}

export interface ResolvedBaseline {
  readonly id: string;
  /** Whether what the baseline does not document is excess, by direction. */
  readonly closed: { readonly in: boolean; readonly out: boolean; readonly forward: boolean };
  /**
   * For a firewall between zones: the roles behind it that the baseline knows, and whether what goes to them and what
   * comes from them is closed. What has no end among them is judged by `closed.forward`.
   */
  readonly behind?: readonly Protected[];
  readonly rows: readonly ResolvedRow[];
}

/** A role behind a firewall. */
export interface Protected {
  readonly party: Party;
  /** What goes to it, and no row documents, is excess. */
  readonly in: boolean;
  /** What comes from it, and no row documents, is excess. */
  readonly out: boolean;
}

export type RowDirection = 'in' | 'out' | 'loopback' | 'forward';

/** One documented row as it concerns this host, in this direction. A row between two members of one role gives two. */
export interface ResolvedRow {
  readonly baseline: string;
  readonly id: string;
  readonly level: 'required' | 'optional' | 'prohibited';
  readonly direction: RowDirection;
  /** `undetermined`: a port or a feature that the site has not decided; `not-applicable`: a feature that is off. */
  readonly status: 'active' | 'undetermined' | 'not-applicable';
  readonly reason?: string | undefined;
  /** Where the connection begins and ends; one of them is the host itself (both for loopback, none for forward). */
  readonly source: Party;
  readonly destination: Party;
  /**
   * Every traffic of `all` is needed; of each group of `choices` one traffic is enough (`80 / 443`). All of them are
   * documented. For an undetermined row these hold what is known; a row that does not apply has none.
   */
  readonly all: readonly Traffic[];
  readonly choices: readonly (readonly Traffic[])[];
  /**
   * What an undetermined row may or may not be about: every port where the port is not known, the whole row where its
   * feature is not decided. Nobody knows whether it is documented; it is neither needed nor provably excess. Empty
   * or absent for other rows.
   */
  readonly undecided?: readonly Traffic[];
  /**
   * Of a row that does not apply what it would be about if the site had decided otherwise: nothing is needed or documented by it,
   * but who reads of an excess asks whether it is not this row.
   */
  readonly dormant?: readonly Traffic[] | undefined;
  /**
   * The row is undetermined because nobody gave the host addresses, of several that its role has: it does not apply where the host has all of them,
   * as `ip -j addr` tells.
   */
  readonly ownMayBeAll?: true | undefined;
  /** Why the row is read otherwise than it is written, where it is. */
  readonly because?: string | undefined;
  /** First packets' connection state; `new` unless the row names another. */
  readonly states: readonly ConnectionState[];
  /** Where the packets go, of the places at which the destination receives; absent: to its own addresses. All are needed. */
  readonly delivery?: Delivery | undefined;
  /** Nobody answers: nothing has to get back. */
  readonly reply?: 'none' | undefined;
  /** Families the row is about; both unless it says otherwise (a neighbour solicitation is IPv6's). */
  readonly families: readonly (4 | 6)[];
  /** Where the document says it: locator and the cells verbatim, joined by ` | `. */
  readonly document: { readonly row: string; readonly text: string };
  /** The row in the baseline's YAML. */
  readonly origin: Span;
}

export interface Traffic {
  readonly protocol: number;
  /** Destination ports; absent where the protocol has none or the row allows all. */
  readonly ports?: Ranges;
  /** Named by the row; absent: 1024-65535 is needed, everything documented. */
  readonly sourcePorts?: Ranges;
  /** ICMP types with codes; absent code means any. */
  readonly icmp?: readonly { readonly type: number; readonly code?: number }[];
  /**
   * The IPv4 TTL or IPv6 hop limit that these packets have when they arrive (255 in neighbour discovery, RFC 4861); a
   * rule that asks for it (`-m hl --hl-eq 255`) closes nothing that is needed. It says nothing about what is documented:
   * a rule that does not ask is no wider opening. Absent: any.
   */
  readonly hopLimit?: number;
}

export interface Party {
  readonly role: string;
  /**
   * `self`: the host; `bound`: to what follows; `internet`: addresses that no other role of the deployment has, already
   * computed into the sets (in a prohibited row only the public ones: what is forbidden to the Internet is not thereby
   * forbidden to private addresses); `unbound`: unknown, some address; `any`: the document says any address.
   */
  readonly binding: 'self' | 'bound' | 'internet' | 'unbound' | 'any';
  /**
   * Addresses; for `self` its own, absent where unknown. Both absent where only interfaces, sets or groups bind it;
   * where any address is written, a family without one has the empty set.
   */
  readonly ipv4?: Ranges<number> | undefined;
  readonly ipv6?: Ranges<bigint> | undefined;
  /** Of `self`: addresses that are the host's for certain, written one by one; of its networks others may have some. */
  readonly singles?: { readonly ipv4: Ranges<number>; readonly ipv6: Ranges<bigint> } | undefined;
  readonly interfaces: readonly InterfacePattern[];
  /**
   * No party that a site could bind to an interface: everybody (`any`), or addresses that every link has (fe80::/10). It is
   * documented behind all interfaces, those of other parties too.
   */
  readonly everywhere?: true | undefined;
  /**
   * Where less is needed than is documented: the addresses that a row needs (families absent here need all of theirs).
   * `internet` and `any` document every address, but no packet from elsewhere carries 127.0.0.1 or 224.0.0.1, and a rule
   * set that drops such packets closes nothing that is needed. A loopback row needs 127.0.0.1 and ::1. A peer whose
   * addresses hold the host's own does not need those. Of an unbound role one of these is enough.
   */
  readonly needed?: { readonly ipv4?: Ranges<number>; readonly ipv6?: Ranges<bigint> } | undefined;
  /** For `internet`: sets whose elements are other roles' addresses, and so are not in it. */
  readonly exceptSets?: readonly string[] | undefined;
  /** For `internet`: groups whose members are other roles', and so are not in it, as far as the exports say who they are. */
  readonly exceptGroups?: readonly NamedGroup[] | undefined;
  /** For `internet`: the other roles of the deployment, whose addresses are not in it. */
  readonly exceptRoles?: readonly Party[] | undefined;
  /** DNS names behind the addresses, for display. */
  readonly dns?: readonly string[] | undefined;
  /** Names of ipsets or nft sets whose elements are the role's addresses; resolved with the host's ruleset. */
  readonly sets: readonly string[];
  /** Security groups, tags, service accounts. */
  readonly groups: readonly NamedGroup[];
}
