import schema from '../../../grammars/azure/export.schema.json' with { type: 'json' };
import { type ExportSchema, ShapeChecker } from '../exports/check-shape.ts';
import type { Span } from '../../text/source.ts';
import { type Json, type JsonObject, objectsOf } from '../exports/located.ts';
import {
  field,
  labelled,
  nameOfId,
  propertiesOf,
  type SecurityGroup,
  type SecurityRule,
  textsOf,
  typeOf,
} from './content.ts';
import { type Gathered, type GroupNamed, takeOther, wrappedIn } from './gathered.ts';
import { conditionOf, readRule, type UnknownRule } from './read-rule.ts';
import { isAmong } from './same-group.ts';
import { nameKey, ruleNames } from './template-names.ts';

const CHECKER = new ShapeChecker(schema as ExportSchema, { anyCase: true });

/** A group with its rules, in any of the shapes that the command, the API and templates have. */
export function takeGroup(object: JsonObject, gathered: Gathered): void {
  const { json } = gathered;
  const own = propertiesOf(object);
  gathered.found = true;
  gathered.errors.push(...CHECKER.problems(json, object as Json));
  gathered.coverage.push(...CHECKER.unknownFields(json, object as Json));
  const [id] = textsOf(field(object, 'id'));
  const name =
    textsOf(field(object, 'name'))[0] ?? (id === undefined ? 'network security group' : nameOfId(id));
  const written = objectsOf(field(own, 'securityRules'));
  const defaults = objectsOf(field(own, 'defaultSecurityRules'));
  const isRule = (one: JsonObject): boolean => typeOf(one).endsWith('securityrules');
  const inside = wrappedIn({ resources: object.resources }).flatMap((list) => objectsOf(list));
  const nested = inside.filter(isRule);
  for (const one of inside) if (!isRule(one)) takeOther(one, typeOf(one), gathered);
  const { rules, isUnread } = rulesOf([...written, ...nested, ...defaults], name, gathered);
  const span = labelled(json, object, name);
  tellCondition(object, span, gathered);
  gathered.groups.push({
    name,
    id,
    rules,
    unread: isUnread ? 'expression' : unreadOf(own, object),
    isExported: true,
    subnets: idsOf(own, 'subnets'),
    interfaces: idsOf(own, 'networkInterfaces'),
    span,
  });
}

/**
 * Whether rules stand where only the template's deployment knows them: the whole list as an expression, or made by a loop. What is
 * no template has the list always, but where a query left it out.
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-properties)
 */
function unreadOf(own: JsonObject, { apiVersion }: JsonObject): SecurityGroup['unread'] {
  const loops = objectsOf(field(own, 'copy'));
  const isLoop = ({ name }: JsonObject): boolean => /^securityrules$/i.test(String(name ?? ''));
  const rules = field(own, 'securityRules');
  if (typeof rules === 'string' || loops.some(isLoop)) return 'expression';
  return rules === undefined && apiVersion === undefined ? 'left out' : 'none';
}

/** Rules, and whether one of them may be any. */
function rulesOf(
  resources: readonly JsonObject[],
  group: string,
  { json, errors, coverage }: Gathered,
): { readonly rules: SecurityRule[]; readonly isUnread: boolean } {
  let isUnread = false;
  const rules = resources.flatMap((resource) => {
    const rule = readRule(json, resource, group);
    if ('expression' in rule) {
      isUnread = true;
      coverage.push({ span: json.place(resource), status: 'unrecognised', reason: unknownWay(rule) });
      return [];
    }
    if (!('priority' in rule)) {
      errors.push(rule);
      return [];
    }
    if (rule.condition !== 'false') return [rule];
    const reason = 'the template does not make the rule: its condition is `false`';
    coverage.push({ span: rule.span, status: 'ignored', reason });
    return [];
  });
  return { rules, isUnread };
}

const unknownWay = ({ expression }: UnknownRule): string =>
  `\`${expression}\` only the template’s deployment knows: whether the rule allows or denies, in or out`;

/** The group of a template that is made under a condition is judged as if it were there. */
function tellCondition(object: JsonObject, span: Span, { coverage }: Gathered): void {
  const condition = conditionOf(object);
  if (condition === undefined) return;
  const reason =
    condition === 'false'
      ? 'the template does not make the group: its condition is `false`; it is judged as if it were there'
      : `whether the group is made depends on \`${condition}\`, which only the template’s deployment knows; it is taken to be there`;
  coverage.push({ span, status: 'approximated', reason });
}

/** Ids of a list of references; undefined where the export has no such field, empty where it is there and null. */
function idsOf(own: JsonObject, name: string): readonly string[] | undefined {
  const value = field(own, name);
  if (value === undefined) return undefined;
  return objectsOf(value).flatMap((one) => textsOf(field(one, 'id')));
}

/**
 * `az network nsg rule list` prints rules alone; their ids, or in templates their names, say of which group they are.
 * @param isListed the rule stands in a list: `… rule show` prints it by itself
 */
export function takeLooseRule(object: JsonObject, isListed: boolean, gathered: Gathered): void {
  const { json } = gathered;
  gathered.found = true;
  gathered.errors.push(...CHECKER.problems(json, { securityRules: [object] } as Json));
  gathered.coverage.push(...CHECKER.unknownFields(json, { securityRules: [object] } as Json));
  const group = groupOfRule(object);
  const key = group.id?.toLowerCase() ?? nameKey(group.name);
  const known = gathered.loose.get(key) ?? { ...group, rules: [], isUnread: false, isListed, first: object };
  gathered.loose.set(key, known);
  const { rules, isUnread } = rulesOf([object], group.name, gathered);
  known.rules.push(...rules);
  known.isUnread ||= isUnread;
  known.isListed ||= isListed;
}

function groupOfRule(object: JsonObject): GroupNamed {
  const [own] = textsOf(field(object, 'id'));
  const [, id, inId] = /^(.*\/networkSecurityGroups\/([^/]+))\//i.exec(own ?? '') ?? [];
  const [name] = textsOf(field(object, 'name'));
  return { id, name: inId ?? ruleNames(name ?? '')?.group ?? 'network security group' };
}

/** Groups with the rules that stood beside them; a group of its own of rules whose group is not in the file. */
export function withLoose({ json, groups, loose, coverage }: Gathered): SecurityGroup[] {
  const rest = new Map(loose);
  const found = groups.map((group) => {
    const own = [...rest].filter(([, one]) => belongs(one, group));
    for (const [key] of own) rest.delete(key);
    // The portal's templates have each rule of a group twice: inside of it, and as a resource of its own.
    const beside = own.flatMap(([, one]) => one.rules).filter((rule) => !isAmong(rule, group.rules));
    const isUnread = own.some(([, one]) => one.isUnread);
    const isFilled = group.unread === 'left out' && beside.length > 0;
    const unread = isUnread ? 'expression' : isFilled ? 'none' : group.unread;
    const isShown = isFilled && !own.some(([, one]) => one.isListed);
    return { ...group, ...(isShown ? { isShown } : {}), unread, rules: [...group.rules, ...beside] };
  });
  for (const { name, id, rules, isUnread, isListed, first } of rest.values()) {
    if (name.startsWith('['))
      coverage.push({ span: json.place(first), status: 'approximated', reason: unknownGroup(name) });
    found.push({
      name,
      id,
      rules,
      unread: isUnread ? 'expression' : 'none',
      isExported: true,
      isLoose: true,
      isShown: !isListed,
      subnets: undefined,
      interfaces: undefined,
      span: labelled(json, first, name),
    });
  }
  return found;
}

const unknownGroup = (name: string): string =>
  `of which group the rule is only the template’s deployment knows: those of \`${name.slice(0, 200)}\` are taken to be a group of their own, and other groups to have none of them`;

/** By their ids where both have one; a template has names only. */
function belongs(rules: GroupNamed, group: GroupNamed): boolean {
  if (rules.id !== undefined && group.id !== undefined)
    return rules.id.toLowerCase() === group.id.toLowerCase();
  return nameKey(rules.name) === nameKey(group.name);
}
