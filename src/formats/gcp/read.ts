import { pagesOf } from '../exports/pages.ts';
import { exportPart } from '../exports/part.ts';
import { refusedDocument, notAnExport, problemsOf, wrongField } from '../exports/problems.ts';
import schema from '../../../grammars/gcp/export.schema.json' with { type: 'json' };
import type { CoverageEntry } from '../../rule/ruleset.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import { checkersOf, type ExportSchema } from '../exports/check-shape.ts';
import { type Json, type JsonObject, type LocatedJson, readLocated, objectsOf } from '../exports/located.ts';
import { walkDocuments } from '../exports/walk.ts';
import type { ConfigPart } from '../reader.ts';
import {
  type AddressGroup,
  type Effective,
  type Firewall,
  type GcpContent,
  type GcpInterface,
  type GcpNetwork,
  type Policy,
  textOf,
} from './content.ts';
import {
  isOtherKind,
  isPolicyRule,
  isUnreadList,
  pageOf,
  RESOURCES,
  type Resource,
  resourceOf,
} from './kinds.ts';
import { readInterfaces } from './read-instance.ts';
import { readAddressGroup, readNetwork } from './read-network.ts';
import { readPolicy } from './read-policy.ts';
import { readFirewall } from './read-firewall.ts';

const CHECKERS = checkersOf(schema as ExportSchema, RESOURCES);

/** What is gathered of one file. */
interface Gathered {
  readonly json: LocatedJson;
  readonly firewalls: Firewall[];
  readonly policies: Policy[];
  readonly effective: Effective[];
  readonly networks: GcpNetwork[];
  readonly addressGroups: AddressGroup[];
  readonly interfaces: GcpInterface[];
  readonly errors: Diagnostic[];
  readonly coverage: Map<string, CoverageEntry>;
  hasInstances: boolean;
  hasLists: boolean;
  found: boolean;
}

/** Reads one export: resources alone, in lists, in the API's pages, one after the other. */
export function readExport(source: SourceFile): Result<ConfigPart> {
  const located = readLocated(source);
  if (!located.ok) return located;
  const json = located.value;
  const gathered: Gathered = {
    json,
    firewalls: [],
    policies: [],
    effective: [],
    networks: [],
    addressGroups: [],
    interfaces: [],
    errors: [],
    coverage: new Map(),
    hasInstances: false,
    hasLists: false,
    found: false,
  };
  for (const value of json.values) takeDocument(value, gathered);
  const { errors, coverage, found, json: _, ...content } = gathered;
  if (!found && errors.length === 0) errors.push(otherDocument(json, {}));
  if (errors.length > 0) return problemsOf(errors);
  return success(
    exportPart(json, [...coverage.values()], {
      provider: 'gcp',
      content: content satisfies GcpContent,
      pages: pagesOf(json, (page) => !isUnreadList(page)),
    }),
  );
}

/** A list, a page of the API, an error in the place of an export, or a resource. */
function takeDocument(value: Json, gathered: Gathered): void {
  walkDocuments(value, {
    object: (object, list) => takeObject(object, list, gathered),
    other: () => gathered.errors.push(otherDocument(gathered.json, {})),
    empty: () => {
      gathered.found = true;
    },
  });
}

function takeObject(object: JsonObject, list: readonly Json[] | undefined, gathered: Gathered): void {
  const page = pageOf(object);
  if (page !== undefined) {
    takeDocument(page, gathered);
    return;
  }
  const resource = resourceOf(object);
  if (resource !== undefined) {
    gathered.hasLists ||= (list !== undefined && resource === 'Firewall') || resource === 'Effective';
    takeResource(resource, object, list, gathered);
  } else if (object.error !== undefined) gathered.errors.push(refused(gathered.json, object));
  else if (isPolicyRule(object)) tellRuleAlone(object, gathered);
  else if (isOtherKind(object.kind)) takeOther(object, gathered);
  else gathered.errors.push(otherDocument(gathered.json, object));
}

/** A resource of another kind: routes, subnets, rules of load balancers. Each kind is told once. */
function takeOther(object: JsonObject, gathered: Gathered): void {
  const { json, coverage } = gathered;
  gathered.found = true;
  const kind = `a resource of the kind ${(textOf(object.kind) ?? '').slice(0, 100)}`;
  const span = { ...json.place(object), label: kind };
  const reason = `${kind} has no firewall rules of networks: it is not read`;
  if (!coverage.has(reason)) coverage.set(reason, { span, status: 'ignored', reason });
}

/**
 * `list-rules` prints a policy's rules without the policy: what it is associated with, and so where they are in force, nobody
 * could tell. Told once for the list.
 */
function tellRuleAlone(object: JsonObject, { json, errors }: Gathered): void {
  if (errors.some(({ code }) => code === 'rules-of-which-policy')) return;
  errors.push({
    severity: 'error',
    code: 'rules-of-which-policy',
    message: 'these rules of a firewall policy do not say of which, nor what it is associated with',
    span: json.place(object),
    expected:
      'the policy: `gcloud compute firewall-policies describe`, `gcloud compute network-firewall-policies describe`, or `… get-effective-firewalls`',
  });
}

function takeResource(
  resource: Resource,
  object: JsonObject,
  list: readonly Json[] | undefined,
  gathered: Gathered,
): void {
  const { json, errors, coverage } = gathered;
  gathered.found = true;
  const problems = CHECKERS[resource].problems(json, object);
  errors.push(...problems);
  if (problems.length > 0) return;
  for (const entry of CHECKERS[resource].unknownFields(json, object))
    if (!coverage.has(`${resource} ${entry.reason}`)) coverage.set(`${resource} ${entry.reason}`, entry);
  switch (resource) {
    case 'Firewall':
      takeFirewalls([object], list, gathered);
      return;
    case 'Policy':
      gathered.policies.push(readPolicy(json, object, false, errors));
      return;
    case 'Effective':
      takeEffective(object, gathered);
      return;
    case 'Network':
      gathered.networks.push(readNetwork(json, object));
      return;
    case 'AddressGroup':
      gathered.addressGroups.push(readAddressGroup(json, object));
      return;
    case 'Instance':
      gathered.hasInstances = true;
      for (const one of readInterfaces(json, object, list)) gathered.interfaces.push(one);
  }
}

const listOf = (value: Json | undefined): readonly Json[] | undefined =>
  Array.isArray(value) ? (value as readonly Json[]) : undefined;

function takeFirewalls(
  objects: readonly JsonObject[],
  list: readonly Json[] | undefined,
  gathered: Gathered,
): Firewall[] {
  return objects.flatMap((object) => {
    const firewall = readFirewall(gathered.json, object, list);
    if (!('rule' in firewall)) {
      gathered.errors.push(firewall);
      return [];
    }
    gathered.firewalls.push(firewall);
    return [firewall];
  });
}

/**
 * What is in force in a network, of an interface or in a region, in the order in which policies are evaluated.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/networks/getEffectiveFirewalls)
 */
function takeEffective(object: JsonObject, gathered: Gathered): void {
  const { json, errors } = gathered;
  const own = takeFirewalls(objectsOf(object.firewalls), listOf(object.firewalls), gathered);
  const named = objectsOf(object.firewallPolicys);
  // Older answers have the hierarchical policies under another name, and newer ones under both.
  const older = named.length > 0 ? [] : objectsOf(object.organizationFirewalls);
  for (const one of named) if (textOf(one.type) === undefined) errors.push(withoutType(json, one));
  const policies = [...named, ...older].map((one) => readPolicy(json, one, true, errors));
  gathered.effective.push({
    networks: [...new Set(own.map(({ network }) => network))],
    firewalls: own,
    policies,
    span: { ...json.place(object), label: 'effective firewalls' },
  });
}

/** When a policy of an answer is evaluated its kind says. */
function withoutType(json: LocatedJson, policy: JsonObject): Diagnostic {
  const name = textOf(policy.name) ?? '';
  const kinds = 'HIERARCHY, NETWORK, NETWORK_REGIONAL or one of those of the system';
  return wrongField(json, policy, `firewall policy \`${name}\` of the answer`, '`type`', kinds);
}

function refused(json: LocatedJson, object: JsonObject): Diagnostic {
  const error = typeof object.error === 'object' && object.error !== null ? (object.error as JsonObject) : {};
  const { code = 'error', message = '' } = error;
  const help = 'export again with the role `roles/compute.viewer`';
  return refusedDocument(json, object, { provider: 'Google Cloud', code, message, whole: 'project', help });
}

function otherDocument(json: LocatedJson, object: object): Diagnostic {
  return notAnExport(
    json,
    object,
    'this document is no firewall rule, policy, network, instance or address group of Google Cloud',
    'the output of `gcloud compute firewall-rules list --format=json`, `… network-firewall-policies describe` or `… get-effective-firewalls`',
  );
}
