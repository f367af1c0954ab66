import type { Direction } from '../exports/chains.ts';
import type { JsonObject } from '../exports/located.ts';
import type { Span } from '../../text/source.ts';

/** What a rule says of one end of the traffic: any of these, and of the contexts all. */
export interface Ends {
  readonly ranges: readonly string[];
  /** Network tags, service accounts and secure tags. */
  readonly groups: readonly string[];
  readonly addressGroups: readonly string[];
  /** Domain names and lists of threats: who they are only Google knows. */
  readonly opaque: readonly string[];
  /** Countries: who is there only Google knows; nobody with an internal address is. */
  readonly regions: readonly string[];
  /** Secure tags that were deleted: nobody carries them. */
  readonly gone: readonly string[];
  /** The kind of network that the other end is in. */
  readonly contexts: readonly string[];
  /** Fields that are not known here: they may be contexts, or name further peers. */
  readonly unknown: readonly string[];
}

/** Which instances of a network a rule is for. */
export interface Targets {
  readonly tags: readonly string[];
  readonly accounts: readonly string[];
  /** Networks by URL; empty where the rule does not choose. */
  readonly networks: readonly string[];
  /** All of the rule's secure tags are gone: it is for nobody. */
  readonly nobody: boolean;
}

export type Action = 'allow' | 'deny' | 'goto_next' | 'inspect';

/** A VPC firewall rule or a rule of a firewall policy. */
export interface GcpRule {
  readonly name: string;
  readonly priority: number;
  readonly direction: Direction;
  readonly action: Action;
  /** Why it decides nothing at instances, where it is so. */
  readonly idle: string | undefined;
  readonly layer4: readonly { readonly protocol: string; readonly ports: readonly string[] }[];
  readonly source: Ends;
  readonly destination: Ends;
  readonly targets: Targets;
  /** Why the rule cannot be read whole. */
  readonly problem?: string;
  readonly span: Span;
}

/** A VPC firewall rule, of one network. */
export interface Firewall {
  readonly network: string;
  readonly rule: GcpRule;
  /** It has none of the fields that every rule is printed with and that decide nothing: a format kept some fields. */
  readonly trimmed: boolean;
  /** A format left out which network it is of. */
  readonly networkUnsaid: boolean;
  /** A format left out its priority. */
  readonly priorityUnsaid: boolean;
}

export type PolicyKind = 'hierarchy' | 'system' | 'network' | 'region';

/** A firewall policy. */
export interface Policy {
  readonly name: string;
  /** The resource's number, where the export has it. */
  readonly id: string | undefined;
  readonly title: string;
  readonly kind: PolicyKind;
  readonly region: string | undefined;
  /** For which networks it is; undefined where the export does not say, as for regular ones. */
  readonly policyType: string | undefined;
  /** What the policy is associated with: networks, folders, an organization. */
  readonly attached: readonly Association[];
  /** It stood in an answer to `get-effective-firewalls`: it is in force, in the answer's order. */
  readonly effective: boolean;
  readonly rules: readonly GcpRule[];
  /** The export has no rules of it, as some lists of policies: what it decides is not known. */
  readonly unread: boolean;
  readonly span: Span;
}

/** What a policy is attached to: the target's URL, and the association's own name and priority. */
export interface Association {
  readonly target: string;
  readonly name: string;
  readonly priority: number | undefined;
}

/** An answer to `get-effective-firewalls`; its network is that of its rules. */
export interface Effective {
  readonly networks: readonly string[];
  readonly firewalls: readonly Firewall[];
  readonly policies: readonly Policy[];
  readonly span: Span;
}

export interface GcpNetwork {
  readonly network: string;
  /** Its number, by which other resources may name it. */
  readonly id: string | undefined;
  readonly beforeClassic: boolean;
  /** The export says whether its policies come before VPC firewall rules. */
  readonly saysOrder: boolean;
  /** The URL of the policy that it is associated with. */
  readonly policy: string | undefined;
  /** The name of its network profile; regular networks have none. */
  readonly profile: string | undefined;
  readonly span: Span;
}

export interface AddressGroup {
  readonly name: string;
  /** Undefined where a format left them out. */
  readonly items: readonly string[] | undefined;
  readonly span: Span;
}

/** One interface of an instance. */
export interface GcpInterface {
  readonly instance: string;
  readonly id: string | undefined;
  /** The interface's own name: `nic0`. */
  readonly name: string;
  readonly nicType: string | undefined;
  readonly zone: string | undefined;
  /** The instance's project. */
  readonly project: string | undefined;
  readonly network: string;
  /** A format left out which network it is in. */
  readonly networkUnsaid: boolean;
  /** It is in the network of an attachment, of which the export has nothing. */
  readonly isAttached: boolean;
  readonly region: string | undefined;
  readonly tags: readonly string[];
  readonly accounts: readonly string[];
  /** Addresses that packets of the instance have: its primary IPv4 address and its IPv6 ranges. */
  readonly addresses: readonly string[];
  /** Those that reach it besides: its alias ranges. */
  readonly aliases: readonly string[];
  /** The family that the interface has no address of, where the export says so. */
  readonly lacks: 4 | 6 | undefined;
  /** Whether it takes packets for other addresses than its own; undefined where the export does not say. */
  readonly forwards: boolean | undefined;
  /** Families of which the export has no address of it, and does not say that it has none. */
  readonly unsaid: readonly (4 | 6)[];
  /** The export has the instance's tags, if only their fingerprint. */
  readonly saysTags: boolean;
  /** A format kept the tags of the instances beside it, and prints none of one that has none. */
  readonly othersSayTags: boolean;
  /** The export has the instance's service accounts, or would have them if it had any. */
  readonly saysAccounts: boolean;
  readonly span: Span;
}

/** What one file has. */
export interface GcpContent {
  readonly firewalls: readonly Firewall[];
  readonly policies: readonly Policy[];
  readonly effective: readonly Effective[];
  readonly networks: readonly GcpNetwork[];
  readonly addressGroups: readonly AddressGroup[];
  readonly interfaces: readonly GcpInterface[];
  readonly hasInstances: boolean;
  /** Rules stand in a list or an answer, and not by themselves alone. */
  readonly hasLists: boolean;
}

/** The texts of a list field; numbers as texts. */
export function textsOf(value: JsonObject[string]): string[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).flatMap((one) =>
    typeof one === 'string' ? [one] : typeof one === 'number' ? [String(one)] : [],
  );
}

/** A field that is a text or a number, as a text. */
export function textOf(value: JsonObject[string]): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The last part of a resource's URL. */
export function lastOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** A network as `project/name`, or by its name alone where that is all that is written. */
export function networkOf(url: string): string {
  const found = /projects\/([^/]+)\/global\/networks\/([^/]+)$/.exec(url);
  return found === null ? lastOf(url) : `${found[1]}/${found[2]}`;
}
