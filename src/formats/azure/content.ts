import { spelledName } from '../exports/field-names.ts';
import type { JsonObject, LocatedJson } from '../exports/located.ts';
import type { Span } from '../../text/source.ts';

/** A network security group with its rules, whatever shape the export had. */
export interface SecurityGroup {
  readonly name: string;
  readonly id: string | undefined;
  readonly rules: readonly SecurityRule[];
  /** Further rules are left out, or in an expression that nobody evaluated: what they decide is open. */
  readonly unread: 'none' | 'left out' | 'expression';
  /** Whether any of its rules were: of another nobody knows what its rules decide before the default ones. */
  readonly isExported: boolean;
  /** It is rules alone, which may be some of the group's. */
  readonly isLoose?: boolean;
  /** Rules of it were shown one by one, and no list says that they are all. */
  readonly isShown?: boolean;
  /** Ids of what it is attached to; undefined where the export does not say. */
  readonly subnets: readonly string[] | undefined;
  readonly interfaces: readonly string[] | undefined;
  readonly span: Span;
}

/** One rule. (https://learn.microsoft.com/rest/api/virtualnetwork/security-rules/get, SecurityRule) */
export interface SecurityRule {
  readonly name: string;
  readonly priority: number;
  /** The expression that is its priority, where only a template's deployment knows it; `priority` is then {@link UNPLACED}. */
  readonly unplaced?: string;
  readonly inbound: boolean;
  readonly allow: boolean;
  readonly protocol: string;
  readonly sourcePrefixes: readonly string[];
  readonly destinationPrefixes: readonly string[];
  readonly sourcePorts: readonly string[];
  readonly destinationPorts: readonly string[];
  /** Application security groups: their ids as read, names of their own in a model (names.ts). */
  readonly sourceGroups: readonly string[];
  readonly destinationGroups: readonly string[];
  readonly span: Span;
  /** Whether a template's deployment makes the rule: its expression. */
  readonly condition?: string;
  /** Fields about its ends that are not known here. */
  readonly unknown?: readonly string[];
  /** Fields that Azure asks of every rule and the export does not have. */
  readonly missing?: readonly string[];
  /** Supplied by postern, as every group has it. */
  readonly supplied: boolean;
}

/** Behind all priorities that a rule may have (100 to 4096), and before the default rules. */
export const UNPLACED = 4097;

/** An interface of a machine, with what guards it and its subnet. */
export interface NetworkInterface {
  readonly name: string;
  readonly id: string;
  /** The machine's name; undefined where the interface is attached to none. */
  readonly machine: string | undefined;
  /** The machine's id: machines of several resource groups may have one name. */
  readonly machineId: string | undefined;
  /** The id of its own network security group. */
  readonly group: string | undefined;
  /** Ids of the subnets that its addresses are in. */
  readonly subnets: readonly string[];
  /** Ids of these subnets' groups, where the export has the subnets themselves. */
  readonly subnetGroups: readonly string[];
  /** Ids of the application security groups that it is a member of. */
  readonly applicationGroups: readonly string[];
  /** Each of its IP configurations that is in one. */
  readonly memberships: readonly Membership[];
  /** Those that are not in a group that another of its IP configurations is in. */
  readonly outside: readonly Membership[];
  readonly addresses: readonly string[];
  /** Whether it may get what goes to other machines; undefined where the export does not say it. */
  readonly forwards: boolean | undefined;
  /** Whether Azure is told not to follow its TCP connections. */
  readonly untracked: boolean;
  /** The family that no IP configuration has an address of; undefined where one does not say its address. */
  readonly lacks: 4 | 6 | undefined;
  /** Whether a private endpoint, or a private link service, has it: groups filter there where the subnet asks for it only. */
  readonly link: PrivateLink;
  readonly span: Span;
}

/** An IP configuration beside an application security group; the address is undefined where the export has none. */
export interface Membership {
  readonly group: string;
  readonly address: string | undefined;
}

/** none: an ordinary interface; filtered: groups count all the same; else they do not, or the export does not say. */
export type PrivateLink = 'none' | 'filtered' | 'not filtered' | 'not said';

/** What one file has. */
export interface AzureContent {
  readonly groups: readonly SecurityGroup[];
  readonly tags: readonly ServiceTag[];
  readonly interfaces: readonly NetworkInterface[];
}

/** A service tag with its address prefixes. */
export interface ServiceTag {
  readonly name: string;
  readonly prefixes: readonly string[];
  readonly span: Span;
}

/** Whether the rule matches everything, so that nothing that comes after it decides what a rule can decide. */
export function takesAll(rule: SecurityRule): boolean {
  const { sourcePrefixes, destinationPrefixes, sourcePorts, destinationPorts, protocol } = rule;
  const isAny = (texts: readonly string[]): boolean =>
    texts.length > 0 && texts.every((text) => /^(?:\*|any)$/i.test(text.trim()));
  // Default rules stand in the documentation with the whole range of ports.
  const isAnyPort = (texts: readonly string[]): boolean => texts.every((text) => text.trim() === '0-65535');
  return (
    rule.unplaced === undefined &&
    rule.condition === undefined &&
    rule.unknown === undefined &&
    rule.missing === undefined &&
    isAny([protocol]) &&
    [sourcePrefixes, destinationPrefixes].every(isAny) &&
    [sourcePorts, destinationPorts].every((ports) => ports.length > 0 && (isAny(ports) || isAnyPort(ports)))
  );
}

/** The last part of a resource id: its name. */
export function nameOfId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** An object's field by its name in any spelling. */
export function field(object: JsonObject, name: string): JsonObject[string] {
  if (object[name] !== undefined) return object[name];
  const key = spelledName(object, name);
  return key === undefined ? undefined : object[key];
}

/** A resource's type in lower case; empty where it says none. */
export function typeOf(resource: JsonObject): string {
  const type = field(resource, 'type');
  return typeof type === 'string' ? type.toLowerCase() : '';
}

/** The fields of a resource: those of `properties` where it has them (ARM), else its own (the command line's shape). */
export function propertiesOf(resource: JsonObject): JsonObject {
  const inner = field(resource, 'properties');
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    ? (inner as JsonObject)
    : resource;
}

/** The texts of a field that is a text, a list of them, or nothing. */
export function textsOf(...values: readonly JsonObject[string][]): string[] {
  return values
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .flatMap((one) =>
      typeof one === 'string' && one.trim() !== '' ? [one] : typeof one === 'number' ? [String(one)] : [],
    );
}

/** Where an object stands, with what a report shows of it. */
export function labelled(json: LocatedJson, object: object, label: string): Span {
  return { ...json.place(object), label };
}
