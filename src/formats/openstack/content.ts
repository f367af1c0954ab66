import type { Span } from '../../text/source.ts';
import type { Direction } from '../exports/chains.ts';
import type { Json, JsonObject } from '../exports/located.ts';

/** A rule of a security group: what it lets pass. */
export interface SecurityRule {
  readonly id: string | undefined;
  /** The group's id, or the name of the file where the rules of one group were listed. */
  readonly group: string;
  readonly direction: Direction;
  readonly family: 4 | 6;
  /** The family is the one that the API takes where nothing says it. */
  readonly isFamilyTaken: boolean;
  /** Undefined: every protocol. */
  readonly protocol: string | undefined;
  /** Ports, or type and code of ICMP; undefined: all. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly prefix: string | undefined;
  readonly remoteGroup: string | undefined;
  readonly remoteAddresses: string | undefined;
  /** Fields about remotes that are not known here: whom the rule is for is open. */
  readonly unknownRemotes: readonly string[];
  /** The command line shows type 0 and code 0 of ICMP like none: what is written may be narrower than it looks. */
  readonly fromColumns: boolean;
  /** Columns that the command always prints, that the list does not have, and without which nobody knows what the rule is for. */
  readonly leftOut: readonly Column[];
  /** Why the rule cannot be read whole. */
  readonly problem: string | undefined;
  readonly span: Span;
}

export type Column = 'IP Protocol' | 'Ethertype' | 'IP Range' | 'Port Range' | 'Remote Security Group';

/** A security group; its rules may stand in another file. */
export interface SecurityGroup {
  readonly id: string;
  readonly name: string | undefined;
  /** Undefined where the export does not say, as in lists of the command line. */
  readonly stateful: boolean | undefined;
  /** Undefined where the export has none, as in `security group list`. */
  readonly rules: readonly SecurityRule[] | undefined;
  readonly span: Span;
}

/** An interface of an instance, or of a router or a service. */
export interface Port {
  readonly id: string;
  readonly name: string | undefined;
  readonly mac: string | undefined;
  readonly addresses: readonly string[];
  /** Further addresses that the port may use; undefined where the export does not say. */
  readonly pairs: readonly string[] | undefined;
  readonly groups: readonly string[];
  /** Undefined where the export does not say. */
  readonly security: boolean | undefined;
  /** Why groups need not filter it, where the export shows such a thing (port-binding.ts). */
  readonly bypass: string | undefined;
  /** Whether the export says of which type it is. */
  readonly typed: boolean;
  readonly device: string | undefined;
  /** The server that it is of: not that of a trunk, whose subports are of several machines (pods) and meet the groups between them. */
  readonly machine: string | undefined;
  /** Ports of routers and of DHCP are filtered by nothing. */
  readonly trusted: boolean;
  readonly span: Span;
}

/** A port as one export has it: a row of `openstack port list` without `--long` does not say its groups. */
export interface GivenPort extends Omit<Port, 'groups'> {
  readonly groups: readonly string[] | undefined;
}

/** A server of Compute, which says what its ports are called by. */
export interface Server {
  readonly id: string;
  readonly name: string | undefined;
  /** Fixed ones, and where the command lists them floating ones too. */
  readonly addresses: readonly string[];
  /** Names of the groups of its ports together; undefined where the export does not say. */
  readonly groups: readonly string[] | undefined;
  readonly span: Span;
}

export interface AddressGroup {
  readonly id: string;
  readonly name: string | undefined;
  /** Undefined where the export has none. */
  readonly addresses: readonly string[] | undefined;
  readonly span: Span;
}

/** What one file has. */
export interface OpenstackContent {
  readonly groups: readonly SecurityGroup[];
  /** Rules that stand outside of their group. */
  readonly rules: readonly SecurityRule[];
  /** Those of them that stand in no list. */
  readonly shownRules: readonly SecurityRule[];
  readonly ports: readonly GivenPort[];
  readonly servers: readonly Server[];
  readonly addressGroups: readonly AddressGroup[];
  /** The rules of all groups were listed: a group without any has none. */
  readonly allRules: boolean;
  /** Ports were listed, not only shown one by one: who is no member of a group is known too. */
  readonly allPorts: boolean;
  /** The first of the rules that do not say of which group they are, where there are any. */
  readonly bare?: BareRule | undefined;
}

/** The first of a file's rules that do not say of which group they are. */
export interface BareRule {
  /** As the file is called. */
  readonly named: string;
  /** The list in which it stands. */
  readonly list: readonly Json[] | undefined;
  readonly span: Span;
}

/** The first of several fields that is there: the API's name, and the column's. */
export function fieldOf(object: JsonObject, ...names: readonly string[]): Json | undefined {
  for (const name of names) {
    const value = object[name];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

/** A text field; the empty text and `None` say nothing. */
export function textOf(object: JsonObject, ...names: readonly string[]): string | undefined {
  const value = fieldOf(object, ...names);
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text !== 'None' ? text : undefined;
}
