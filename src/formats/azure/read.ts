import { pagesOf } from '../exports/pages.ts';
import { exportPart } from '../exports/part.ts';
import { badAddress, notAnExport, problemsOf, refusedDocument } from '../exports/problems.ts';
import { parsePrefix } from '../../packet/address.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import { type Json, type JsonObject, type LocatedJson, objectsOf, readLocated } from '../exports/located.ts';
import { walkDocuments } from '../exports/walk.ts';
import type { ConfigPart } from '../reader.ts';
import { type AzureContent, field, labelled, propertiesOf, textsOf, typeOf } from './content.ts';
import { type Gathered, takeOther, wrappedIn } from './gathered.ts';
import { takeLooseRule, withLoose } from './loose-rules.ts';
import { takeGroup } from './read-group.ts';
import { withVariables } from './template-variables.ts';
import { isInterface, takeInterface } from './read-interface.ts';

/** Reads one export: groups in any of their shapes, rules by themselves, templates, or the list of service tags. */
export function readExport(source: SourceFile): Result<ConfigPart> {
  const located = readLocated(source);
  if (!located.ok) return located;
  const json = withVariables(located.value);
  const gathered: Gathered = {
    json,
    groups: [],
    loose: new Map(),
    tags: [],
    interfaces: [],
    errors: [],
    coverage: [],
    others: new Set(),
    answers: new Set(),
    found: false,
  };
  for (const value of json.values) takeDocument(value, gathered);
  if (gathered.errors.length === 0 && !gathered.found) gathered.errors.push(otherDocument(json));
  if (gathered.errors.length > 0) return problemsOf(gathered.errors);
  const { tags, interfaces } = gathered;
  const content: AzureContent = { groups: withLoose(gathered), tags, interfaces };
  const pages = pagesOf(json, isReadList);
  return success(exportPart(json, gathered.coverage, { provider: 'azure', content, pages }));
}

/** Of lists of other resources nobody needs all pages; lists of all resources have every type, in any order. */
function isReadList({ value }: JsonObject): boolean {
  const types = objectsOf(value).map(typeOf);
  return types.length === 0 || types.some((type) => type === '' || READ.test(type));
}

const READ = /\/(?:networksecuritygroups|networkinterfaces|servicetags)\b/;

/** A document: a list of resources, one resource, or a wrapper around them. */
function takeDocument(value: Json, gathered: Gathered): void {
  walkDocuments(value, {
    object: (object, list) => takeObject(object, list, gathered),
    other: () => gathered.errors.push(otherDocument(gathered.json)),
    empty: () => {
      gathered.found = true;
    },
  });
}

function takeObject(object: JsonObject, list: readonly Json[] | undefined, gathered: Gathered): void {
  const { template } = propertiesOf(object);
  const { NewNSG: made } = object;
  const elsewhere = groupElsewhere(object);
  if (elsewhere !== undefined) takeOther(object, elsewhere, gathered);
  else if (isGroup(object)) takeGroup(object, gathered);
  else if (object.error !== undefined && object.properties === undefined)
    gathered.errors.push(refused(gathered.json, object));
  else if (Array.isArray(object.values) && field(object, 'changeNumber') !== undefined)
    for (const tag of objectsOf(object.values)) takeTag(tag, gathered);
  else if (isTag(object)) takeTag(object, gathered);
  else if (isInterface(object)) takeInterface(object, gathered);
  else if (Array.isArray(field(object, 'effectiveSecurityRules')))
    gathered.errors.push(effectiveRules(gathered.json, object));
  else if (isAdminRule(object)) takeOther(object, ADMIN_RULE, gathered);
  // What `az network nsg create` prints.
  else if (typeof made === 'object' && made !== null) takeDocument(made, gathered);
  // A deployment inside of a template has a template of its own.
  else if (typeof template === 'object' && template !== null) takeDocument(template, gathered);
  else {
    const lists = wrappedIn(object);
    if (lists.length === 0 || object.type !== undefined) takeResource(object, list, gathered);
    if (Array.isArray(object.data)) gathered.answers.add(object.data as Json[]);
    for (const one of lists) takeDocument(one, gathered);
  }
}

/** One of the tags, as `--query values` prints them. (https://learn.microsoft.com/rest/api/virtualnetwork/service-tags/list) */
function isTag(object: JsonObject): boolean {
  const own = propertiesOf(object);
  const [prefixes, ...others] = ['addressPrefixes', 'changeNumber', 'systemService'].map((name) =>
    field(own, name),
  );
  return Array.isArray(prefixes) && !others.includes(undefined);
}

function takeTag(tag: JsonObject, gathered: Gathered): void {
  gathered.found = true;
  const [name] = textsOf(tag.name);
  if (name === undefined) return;
  const span = labelled(gathered.json, tag, name);
  const addressPrefixes = field(propertiesOf(tag), 'addressPrefixes');
  // A tag whose networks a query left out stays symbolic.
  if (!Array.isArray(addressPrefixes)) return;
  const prefixes = textsOf(addressPrefixes);
  for (const text of prefixes)
    if (parsePrefix(text) === undefined) gathered.errors.push(badAddress(text, span));
  gathered.tags.push({ name, prefixes, span });
}

/** Their answers give the ids of such rules without a type. */
const ADMIN_RULE = 'microsoft.network/networkmanagers/securityadminconfigurations/rulecollections/rules';

/**
 * A rule of a Virtual Network Manager: it looks like one of a group, and comes before all of these.
 * (https://learn.microsoft.com/rest/api/networkmanager/list-active-security-admin-rules)
 */
function isAdminRule(object: JsonObject): boolean {
  return /\/networkManagers\/.*\/rules\//i.test(textsOf(field(object, 'id'))[0] ?? '');
}

const GROUP_TYPE = 'microsoft.network/networksecuritygroups';

/**
 * Groups that look like those of Azure and are none of them, as their rules are: those of Azure Local (`az stack-hci-vm network nsg`) and of the classic
 * deployment model, of which no export has what they do by default.
 * (https://learn.microsoft.com/azure/azure-local/manage/create-network-security-groups,
 * https://learn.microsoft.com/azure/azure-resource-manager/management/deployment-models)
 */
const ELSEWHERE = /(?:^|\/)(microsoft\.(?:azurestackhci|classicnetwork)\/networksecuritygroups)(?:\/|$)/i;

/** The type of such a group, by the type of the object or by its id. */
function groupElsewhere(object: JsonObject): string | undefined {
  const said = typeOf(object) === '' ? (textsOf(field(object, 'id'))[0] ?? '') : typeOf(object);
  return ELSEWHERE.exec(said)?.[1]?.toLowerCase();
}

/** Whether an object is a group: by its type, else by what only a group has. */
function isGroup(object: JsonObject): boolean {
  const own = propertiesOf(object);
  const has = (name: string): boolean => field(own, name) !== undefined;
  return has('securityRules') || has('defaultSecurityRules') || typeOf(object) === GROUP_TYPE;
}

/** A rule by itself, or a resource of another kind (a template has many), which is told and passed over. */
function takeResource(object: JsonObject, list: readonly Json[] | undefined, gathered: Gathered): void {
  const own = propertiesOf(object);
  const isRule = field(own, 'direction') !== undefined && field(own, 'access') !== undefined;
  if (isRule) takeLooseRule(object, list, gathered);
  else takeOther(object, typeOf(object), gathered);
}

function refused(json: LocatedJson, object: JsonObject): Diagnostic {
  const { code = 'error', message = '' } = propertiesOf({ properties: object.error ?? null });
  return refusedDocument(json, object, { provider: 'Azure', code, message, whole: 'subscription' });
}

/** Their names, tags and ports are written in another way, and no field says at which end an application group stands. */
function effectiveRules(json: LocatedJson, object: JsonObject): Diagnostic {
  return notAnExport(
    json,
    object,
    'these are the effective rules of one interface (`az network nic list-effective-nsg`), which are not read',
    'the groups themselves, and who has them: the output of `az network nsg list` and `az network nic list`',
  );
}

function otherDocument(json: LocatedJson): Diagnostic {
  return notAnExport(
    json,
    {},
    'this document has no network security group, no security rule and no service tags',
    'the output of `az network nsg list`, `az network nsg show` or `az network nsg rule list`',
  );
}
