import { exportPart } from '../exports/part.ts';
import { refusedDocument, notAnExport, problemsOf } from '../exports/problems.ts';
import schema from '../../../grammars/azure/export.schema.json' with { type: 'json' };
import type { CoverageEntry } from '../../rule/ruleset.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import { type ExportSchema, ShapeChecker } from '../exports/check-shape.ts';
import { type Json, type JsonObject, type LocatedJson, readLocated, objectsOf } from '../exports/located.ts';
import { walkDocuments } from '../exports/walk.ts';
import type { ConfigPart } from '../reader.ts';
import {
  type AzureContent,
  field,
  labelled,
  nameOfId,
  propertiesOf,
  type SecurityGroup,
  type SecurityRule,
  textsOf,
} from './content.ts';
import { readRule } from './read-rule.ts';

const CHECKER = new ShapeChecker(schema as ExportSchema);

/** What is gathered of one file. */
interface Gathered {
  readonly json: LocatedJson;
  readonly groups: SecurityGroup[];
  /** Rules that stand outside of their group, by the group's id in lower case, or its name where there is none. */
  readonly loose: Map<string, LooseRules>;
  readonly tags: Map<string, readonly string[]>;
  readonly errors: Diagnostic[];
  readonly coverage: CoverageEntry[];
  /** Types of resources that are passed over. */
  readonly others: Set<string>;
  found: boolean;
}

interface LooseRules extends GroupNamed {
  readonly rules: SecurityRule[];
  readonly first: JsonObject;
}

/** Reads one export: groups in any of their shapes, rules by themselves, templates, or the list of service tags. */
export function readExport(source: SourceFile): Result<ConfigPart> {
  const located = readLocated(source);
  if (!located.ok) return located;
  const json = located.value;
  const gathered: Gathered = {
    json,
    groups: [],
    loose: new Map(),
    tags: new Map(),
    errors: [],
    coverage: [],
    others: new Set(),
    found: false,
  };
  for (const value of json.values) takeDocument(value, gathered);
  if (gathered.errors.length === 0 && !gathered.found) gathered.errors.push(otherDocument(json));
  if (gathered.errors.length > 0) return problemsOf(gathered.errors);
  const content: AzureContent = { groups: withLoose(gathered), tags: gathered.tags };
  return success(exportPart(json, gathered.coverage, { provider: 'azure', content }));
}

/** A document: a list of resources, one resource, or a wrapper around them. */
function takeDocument(value: Json, gathered: Gathered): void {
  walkDocuments(value, {
    object: (object) => takeObject(object, gathered),
    other: () => gathered.errors.push(otherDocument(gathered.json)),
    empty: () => {
      gathered.found = true;
    },
  });
}

function takeObject(object: JsonObject, gathered: Gathered): void {
  const wrapped = object.value ?? object.data ?? object.resources;
  const { template } = propertiesOf(object);
  if (Array.isArray(wrapped)) takeDocument(wrapped as Json, gathered);
  else if (object.error !== undefined && object.properties === undefined)
    gathered.errors.push(refused(gathered.json, object));
  else if (Array.isArray(object.values) && object.changeNumber !== undefined) takeTags(object, gathered);
  // A deployment inside of a template has a template of its own.
  else if (typeof template === 'object' && template !== null) takeDocument(template, gathered);
  else takeResource(object, gathered);
}

function takeTags(object: JsonObject, gathered: Gathered): void {
  gathered.found = true;
  for (const tag of objectsOf(object.values)) {
    const [name] = textsOf(tag.name);
    if (name !== undefined) gathered.tags.set(name.toLowerCase(), textsOf(propertiesOf(tag).addressPrefixes));
  }
}

const GROUP_TYPE = 'microsoft.network/networksecuritygroups';

/** A group, a rule by itself, or a resource of another kind (a template has many), which is told and passed over. */
function takeResource(object: JsonObject, gathered: Gathered): void {
  const type = String(object.type ?? '').toLowerCase();
  const own = propertiesOf(object);
  const isRule = field(own, 'direction') !== undefined && field(own, 'access') !== undefined;
  const isGroup =
    field(own, 'securityRules') !== undefined || field(own, 'defaultSecurityRules') !== undefined;
  if (isGroup || type === GROUP_TYPE) takeGroup(object, own, gathered);
  else if (isRule) takeLooseRule(object, gathered);
  else takeOther(object, type, gathered);
}

/** Resources that filter too, in ways that postern does not look at. */
const FILTERS =
  /^microsoft\.network\/(networkmanagers|azurefirewalls|firewallpolicies|networksecurityperimeters)\b/;

/** A resource of another kind, or what is none: each kind is told once. */
function takeOther(object: JsonObject, type: string, gathered: Gathered): void {
  const { json, coverage, others } = gathered;
  if (type !== '') gathered.found = true;
  if (others.has(type)) return;
  others.add(type);
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

function takeGroup(object: JsonObject, own: JsonObject, gathered: Gathered): void {
  const { json } = gathered;
  gathered.found = true;
  gathered.errors.push(...CHECKER.problems(json, object as Json));
  gathered.coverage.push(...CHECKER.unknownFields(json, object as Json));
  const [id] = textsOf(object.id);
  const name = textsOf(object.name)[0] ?? (id === undefined ? 'network security group' : nameOfId(id));
  const written = objectsOf(field(own, 'securityRules'));
  const defaults = objectsOf(field(own, 'defaultSecurityRules'));
  const nested = objectsOf(object.resources).filter((one) => /securityrules$/i.test(String(one.type ?? '')));
  const rules = rulesOf([...written, ...nested, ...defaults], name, gathered);
  const unread = field(own, 'securityRules');
  if (typeof unread === 'string')
    gathered.coverage.push({
      span: labelled(json, object, name),
      status: 'unrecognised',
      reason:
        'the rules are an expression that only the template’s deployment knows; export the group itself',
    });
  gathered.groups.push({
    name,
    id,
    rules,
    hasDefaults: defaults.length > 0,
    subnets: idsOf(own, 'subnets'),
    interfaces: idsOf(own, 'networkInterfaces'),
    span: labelled(json, object, name),
  });
}

function rulesOf(
  resources: readonly JsonObject[],
  group: string,
  { json, errors }: Gathered,
): SecurityRule[] {
  return resources.flatMap((resource) => {
    const rule = readRule(json, resource, group);
    if ('priority' in rule) return [rule];
    errors.push(rule);
    return [];
  });
}

/** Ids of a list of references; undefined where the export has no such field, empty where it is there and null. */
function idsOf(own: JsonObject, name: string): readonly string[] | undefined {
  const value = field(own, name);
  if (value === undefined) return undefined;
  return objectsOf(value).flatMap((one) => textsOf(one.id));
}

/** `az network nsg rule list` prints rules alone; their ids, or in templates their names, say of which group they are. */
function takeLooseRule(object: JsonObject, gathered: Gathered): void {
  const { json } = gathered;
  gathered.found = true;
  gathered.errors.push(...CHECKER.problems(json, { securityRules: [object] } as Json));
  gathered.coverage.push(...CHECKER.unknownFields(json, { securityRules: [object] } as Json));
  const group = groupOfRule(object);
  const key = (group.id ?? group.name).toLowerCase();
  const known = gathered.loose.get(key) ?? { ...group, rules: [], first: object };
  gathered.loose.set(key, known);
  known.rules.push(...rulesOf([object], group.name, gathered));
}

interface GroupNamed {
  readonly name: string;
  readonly id: string | undefined;
}

function groupOfRule(object: JsonObject): GroupNamed {
  const [own] = textsOf(object.id);
  const [, id, inId] = /^(.*\/networkSecurityGroups\/([^/]+))\//i.exec(own ?? '') ?? [];
  const [name] = textsOf(object.name);
  const inName = name?.includes('/') === true ? name.split('/')[0] : undefined;
  return { id, name: inId ?? inName ?? 'network security group' };
}

/** Groups with the rules that stood beside them; a group of its own of rules whose group is not in the file. */
function withLoose({ json, groups, loose }: Gathered): SecurityGroup[] {
  const rest = new Map(loose);
  const found = groups.map((group) => {
    const own = [...rest].filter(([, one]) => belongs(one, group));
    for (const [key] of own) rest.delete(key);
    return { ...group, rules: [...group.rules, ...own.flatMap(([, one]) => one.rules)] };
  });
  for (const { name, id, rules, first } of rest.values())
    found.push({
      name,
      id,
      rules,
      hasDefaults: rules.some(({ priority }) => priority > 4096),
      subnets: undefined,
      interfaces: undefined,
      span: labelled(json, first, name),
    });
  return found;
}

/** By their ids where both have one; a template has names only. */
function belongs(rules: GroupNamed, group: GroupNamed): boolean {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  if (rules.id !== undefined && group.id !== undefined) return same(rules.id, group.id);
  return same(rules.name, group.name);
}

function refused(json: LocatedJson, object: JsonObject): Diagnostic {
  const { code = 'error', message = '' } = propertiesOf({ properties: object.error ?? null });
  return refusedDocument(json, object, { provider: 'Azure', code, message, whole: 'subscription' });
}

function otherDocument(json: LocatedJson): Diagnostic {
  return notAnExport(
    json,
    {},
    'this document has no network security group, no security rule and no service tags',
    'the output of `az network nsg list`, `az network nsg show` or `az network nsg rule list`',
  );
}
