import { problemsOf } from '../exports/problems.ts';
import { pagesOf } from '../exports/pages.ts';
import { exportPart } from '../exports/part.ts';
import schema from '../../../grammars/openstack/export.schema.json' with { type: 'json' };
import { parseOpenstack } from '../../../grammars/openstack/parser.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import { checkersOf, type ExportSchema } from '../exports/check-shape.ts';
import { type Json, type JsonObject, type LocatedJson, readLocated, objectsOf } from '../exports/located.ts';
import { walkDocuments } from '../exports/walk.ts';
import type { ConfigPart } from '../reader.ts';
import {
  type AddressGroup,
  fieldOf,
  type GivenPort,
  type OpenstackContent,
  type SecurityGroup,
  type SecurityRule,
  type Server,
  textOf,
} from './content.ts';
import { otherResource } from './other-resources.ts';
import { otherDocument, refused, template } from './problems.ts';
import { type BareRules, takeBare } from './bare-rules.ts';
import { readPort } from './read-port.ts';
import { readRule } from './read-rule.ts';
import { readServer } from './read-server.ts';
import { type Resource, resourceOf, RESOURCES } from './resource.ts';

const CHECKERS = checkersOf(schema as ExportSchema, RESOURCES);

/** What is gathered of one file. */
interface Gathered extends BareRules {
  readonly json: LocatedJson;
  readonly groups: SecurityGroup[];
  readonly rules: SecurityRule[];
  readonly shownRules: SecurityRule[];
  readonly ports: GivenPort[];
  readonly servers: Server[];
  readonly addressGroups: AddressGroup[];
  allRules: boolean;
  allPorts: boolean;
  found: boolean;
}

/** Reads one export: resources of the API or of the command line, alone or in lists, one after the other. */
export function readExport(source: SourceFile): Result<ConfigPart> {
  const located = readLocated(source);
  if (!located.ok) return located;
  const json = located.value;
  const gathered: Gathered = {
    json,
    groups: [],
    rules: [],
    shownRules: [],
    ports: [],
    servers: [],
    addressGroups: [],
    errors: [],
    coverage: new Map(),
    allRules: false,
    allPorts: false,
    found: false,
  };
  for (const value of json.values) takeDocument(value, gathered);
  const { errors, coverage, found, json: _, ...content } = gathered;
  if (!found && errors.length === 0) errors.push(otherDocument(json, {}));
  if (errors.length > 0) return problemsOf(errors);
  return success(
    exportPart(json, [...coverage.values()], {
      provider: 'openstack',
      content: content satisfies OpenstackContent,
      pages: pagesOf(json, (document) => LISTS.some((name) => document[name] !== undefined)),
    }),
  );
}

/** What stands in one list was printed by one command. */
type List = readonly Json[] | undefined;

/** The API's wrappers: a list of resources, or one. */
const LISTS = ['security_groups', 'security_group_rules', 'ports', 'address_groups', 'servers'] as const;
const SINGLE = ['security_group', 'security_group_rule', 'port', 'address_group', 'server'] as const;

function takeDocument(value: Json, gathered: Gathered): void {
  walkDocuments(value, {
    object: (object, list) => takeObject(object, gathered, list),
    other: () => gathered.errors.push(otherDocument(gathered.json, {})),
    empty: () => {
      gathered.found = true;
    },
  });
}

function takeObject(object: JsonObject, gathered: Gathered, list: List): void {
  const resource = resourceOf(object);
  if (resource !== undefined) {
    takeResource(resource, object, gathered, list);
    return;
  }
  let wrapped = false;
  for (const name of LISTS)
    if (Array.isArray(object[name])) {
      wrapped = true;
      takeDocument(object[name], gathered);
    }
  for (const name of SINGLE)
    if (typeof object[name] === 'object' && object[name] !== null) {
      wrapped = true;
      takeDocument(object[name], gathered);
    }
  if (wrapped) return;
  const refusal = object.NeutronError ?? object.error ?? object.forbidden ?? object.unauthorized;
  if (refusal !== undefined) {
    gathered.errors.push(refused(gathered.json, object, refusal));
    return;
  }
  if (object.default_security_group_rules !== undefined) {
    gathered.errors.push(template(gathered.json, object));
    return;
  }
  const other = otherResource(gathered.json, object);
  if (other === undefined) gathered.errors.push(otherDocument(gathered.json, object));
  else {
    gathered.found = true;
    if (!gathered.coverage.has(other.reason)) gathered.coverage.set(other.reason, other);
  }
}

function takeResource(resource: Resource, object: JsonObject, gathered: Gathered, list: List): void {
  const { json, errors, coverage } = gathered;
  gathered.found = true;
  const problems = CHECKERS[resource].problems(json, object);
  errors.push(...problems);
  if (problems.length > 0) return;
  for (const entry of CHECKERS[resource].unknownFields(json, object))
    if (!coverage.has(`${resource} ${entry.reason}`)) coverage.set(`${resource} ${entry.reason}`, entry);
  switch (resource) {
    case 'Group':
      takeGroup(object, gathered);
      return;
    case 'Rule':
      takeRule(object, gathered, list);
      return;
    case 'Port':
      gathered.allPorts ||= list !== undefined;
      keep(readPort(object, json.place(object)), gathered.ports, errors);
      return;
    case 'Server':
      keep(readServer(object, json.place(object)), gathered.servers, errors);
      return;
    case 'AddressGroup':
      takeAddressGroup(object, gathered);
  }
}

function keep<T extends object>(read: T | Diagnostic, into: T[], errors: Diagnostic[]): void {
  if ('severity' in read) errors.push(read);
  else into.push(read);
}

/** `openstack security group rule list <group>` does not say the group; people name the file after it. */
function takeRule(object: JsonObject, gathered: Gathered, list: List): void {
  const { json, errors } = gathered;
  const own = textOf(object, 'security_group_id', 'Security Group');
  const isTemplate = 'used_in_default_sg' in object || 'Used in default Security Group' in object;
  if (own === undefined && isTemplate) {
    errors.push(template(json, object));
    return;
  }
  const named = (json.file.path.split(/[\\/]/).pop() ?? '').replace(/\.[^.]*$/, '');
  if (own !== undefined && list !== undefined) gathered.allRules = true;
  if (own === undefined) takeBare(json.place(object), named, gathered, list);
  const rule = readRule(object, named, json.place(object), { list });
  keep(rule, gathered.rules, errors);
  if (list === undefined) keep(rule, gathered.shownRules, []);
}

function takeGroup(object: JsonObject, gathered: Gathered): void {
  const { json, errors } = gathered;
  const id = textOf(object, 'id', 'ID') ?? textOf(object, 'name', 'Name') ?? '';
  const name = textOf(object, 'name', 'Name');
  const span = { ...json.place(object), label: name === undefined || name === id ? id : `${id} (${name})` };
  const written = fieldOf(object, 'security_group_rules', 'rules');
  const objects =
    typeof written === 'string' ? columnRules(written, json, object, errors) : objectsOf(written);
  const rules: SecurityRule[] = [];
  for (const rule of objects) {
    const place = typeof written === 'string' ? json.place(object) : json.place(rule);
    keep(readRule(rule, id, place, { printed: typeof written === 'string', beside: objects }), rules, errors);
  }
  const stateful = fieldOf(object, 'stateful', 'Stateful');
  gathered.groups.push({
    id,
    name,
    stateful: stateful === undefined ? undefined : !/^false$/i.test(String(stateful)),
    // What was not asked for is null; a group without rules has an empty list.
    rules: written === undefined ? undefined : rules,
    span,
  });
}

/** Older clients print a group's rules as one text, a rule a line. */
function columnRules(
  text: string,
  json: LocatedJson,
  object: JsonObject,
  errors: Diagnostic[],
): JsonObject[] {
  if (text.trim() === '') return [];
  const read = parseOpenstack(text, (parser) => parser.objects());
  if (read !== undefined) return read.map((fields) => Object.fromEntries(fields));
  errors.push({
    severity: 'error',
    code: 'export-shape',
    message: 'the rules of the security group cannot be read',
    span: json.place(object),
    expected: "`direction='ingress', ethertype='IPv4', …`, a rule a line",
    help: 'export the rules with `openstack security group rule list --long -f json`',
  });
  return [];
}

function takeAddressGroup(object: JsonObject, { json, addressGroups }: Gathered): void {
  const written = fieldOf(object, 'addresses', 'Addresses');
  const list = typeof written === 'string' ? written.split(/[\s,]+/) : written;
  const addresses = Array.isArray(list)
    ? (list as unknown[]).flatMap((one) => (typeof one === 'string' && one !== '' ? [one] : []))
    : undefined;
  const id = textOf(object, 'id', 'ID') ?? '';
  const name = textOf(object, 'name', 'Name');
  addressGroups.push({
    id,
    name,
    addresses,
    span: { ...json.place(object), label: `address group ${name ?? id}` },
  });
}
