import schema from '../../../grammars/azure/export.schema.json' with { type: 'json' };
import { parseExpression } from '../../../grammars/azure/expression.ts';
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
import { type Gathered, NAMELESS, takeOther, wrappedIn } from './gathered.ts';
import { conditionOf, readRule, type UnknownRule } from './read-rule.ts';

/** The shapes of groups and rules. */
export const CHECKER = new ShapeChecker(schema as ExportSchema, { anySpelling: true });

/** A group with its rules, in any of the shapes that the command, the API and templates have. */
export function takeGroup(object: JsonObject, gathered: Gathered): void {
  const { json } = gathered;
  const own = propertiesOf(object);
  gathered.found = true;
  gathered.errors.push(...CHECKER.problems(json, object as Json));
  gathered.coverage.push(...CHECKER.unknownFields(json, object as Json));
  const [id] = textsOf(field(object, 'id'));
  const name = textsOf(field(object, 'name'))[0] ?? (id === undefined ? NAMELESS : nameOfId(id));
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
  // A query of the command prints `null` for what it does not find.
  const rules = field(own, 'securityRules') ?? undefined;
  // A name may be made by an expression, too.
  const isNamed = Object.keys(own).some((name) => parseExpression(name) !== undefined);
  if (typeof rules === 'string' || isNamed || loops.some(isLoop)) return 'expression';
  return rules === undefined && apiVersion === undefined ? 'left out' : 'none';
}

/** Rules, and whether one of them may be any. */
export function rulesOf(
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
