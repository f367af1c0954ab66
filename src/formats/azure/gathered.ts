import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Json, JsonObject, LocatedJson } from '../exports/located.ts';
import {
  labelled,
  type NetworkInterface,
  type SecurityGroup,
  type SecurityRule,
  type ServiceTag,
} from './content.ts';

/** A group of which nothing says how it is called. */
export const NAMELESS = 'network security group';

/** What is gathered of one file. */
export interface Gathered {
  readonly json: LocatedJson;
  readonly groups: SecurityGroup[];
  /** Rules that stand outside of their group, by the group's id in lower case, or its name where there is none. */
  readonly loose: Map<string, LooseRules>;
  readonly tags: ServiceTag[];
  readonly interfaces: NetworkInterface[];
  readonly errors: Diagnostic[];
  readonly coverage: CoverageEntry[];
  /** Types of resources that are passed over. */
  readonly others: Set<string>;
  found: boolean;
  /** Lists that are answers of Resource Graph: their rows may be of anything. */
  readonly answers: Set<readonly Json[]>;
  /** The first of the rules of which nothing says of which group they are. */
  bare?: BareRule | undefined;
}

/** A rule of which no id says of which group it is: where it stands, and what else may tell groups apart. */
export interface BareRule {
  readonly list: readonly Json[] | undefined;
  readonly columns: string;
}

/** Rules that stand beside the group that they are of. */
export interface LooseRules extends GroupNamed {
  readonly rules: SecurityRule[];
  /** One of them allows or denies what only the template's deployment knows. */
  isUnread: boolean;
  /** One of them stood in a list. */
  isListed: boolean;
  readonly first: JsonObject;
}

/** Which group a rule is of, as far as it says. */
export interface GroupNamed {
  readonly name: string;
  readonly id: string | undefined;
}

/**
 * The resources that an object has inside: those of a page, a template, or a resource with others in it. Templates of
 * `languageVersion` 2.0 have them by name.
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax#languageversion-20)
 */
export function wrappedIn({ value, data, resources }: JsonObject): Json[] {
  const named = typeof resources === 'object' && resources !== null && !Array.isArray(resources);
  const list = named ? Object.values(resources as JsonObject).map((one) => one ?? null) : resources;
  return [value, data, list].filter((one): one is Json[] => Array.isArray(one));
}

/** Resources that filter too, in ways that postern does not look at. */
const FILTERS =
  /^microsoft\.(?:network\/(?:networkmanagers|azurefirewalls|firewallpolicies|networksecurityperimeters)|(?:azurestackhci|classicnetwork)\/networksecuritygroups)\b/;

/** More kinds of objects that nobody knows than this tell nobody anything new. */
const OTHERS = 100;

/** A resource of another kind, or what is none: each kind is told once, which without a type is its set of fields. */
export function takeOther(object: JsonObject, type: string, gathered: Gathered): void {
  const { json, coverage, others } = gathered;
  if (type !== '') gathered.found = true;
  const key = type === '' ? Object.keys(object).sort().join(' ') : type;
  if (others.has(key) || others.size > OTHERS) return;
  others.add(key);
  const kind = `a resource of the type ${type.slice(0, 100)}`;
  const what = type === '' ? 'an object that is no group and no rule' : kind;
  const span = labelled(json, object, what);
  if (type !== '' && !FILTERS.test(type))
    coverage.push({ span, status: 'ignored', reason: `${what} has no rules of network security groups` });
  else
    coverage.push({
      span,
      status: 'unrecognised',
      reason: `${what} is not read; if it changes what passes, postern has not seen it`,
    });
}
