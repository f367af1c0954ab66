import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import type { Json, JsonObject } from '../exports/located.ts';
import { field, labelled, type SecurityGroup, textsOf } from './content.ts';
import { type BareRule, type Gathered, type GroupNamed, NAMELESS } from './gathered.ts';
import { CHECKER, rulesOf } from './read-group.ts';
import { isAmong } from './same-group.ts';
import { nameKey, ruleNames } from './template-names.ts';

/**
 * `az network nsg rule list` prints rules alone; their ids, or in templates their names, say of which group they are.
 * @param list the list in which the rule stands: `… rule show` prints it by itself
 */
export function takeLooseRule(
  object: JsonObject,
  list: readonly Json[] | undefined,
  gathered: Gathered,
): void {
  const { json } = gathered;
  const isListed = list !== undefined;
  gathered.found = true;
  gathered.errors.push(...CHECKER.problems(json, { securityRules: [object] } as Json));
  gathered.coverage.push(...CHECKER.unknownFields(json, { securityRules: [object] } as Json));
  const group = groupOfRule(object);
  if (isBare(group)) checkBare(object, list, gathered);
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
  const [, id, inId] = /^(.*\/networkSecurityGroups\/([^/]+))(?:\/|$)/i.exec(own ?? '') ?? [];
  const [name] = textsOf(field(object, 'name'));
  return { id, name: inId ?? ruleNames(name ?? '')?.group ?? NAMELESS };
}

/** Whether nothing says of which group the rules are. */
export const isBare = ({ id, name }: GroupNamed): boolean => id === undefined && name === NAMELESS;

/** Names of columns in which people put the name of a rule's group. */
const OF_GROUP = /^(?:resourceGroup|subscription|nsg|network_?security_?group|security_?group|group)/i;

/**
 * Rules without an id are taken to be all of one group, as `az network nsg rule list` prints one’s. Those of several groups, put
 * together, decide what none of them does: a denial of the one closes what the other opens.
 */
function checkBare(object: JsonObject, list: readonly Json[] | undefined, gathered: Gathered): void {
  const columns = Object.entries(object).filter(
    ([name, one]) => OF_GROUP.test(name) && typeof one === 'string',
  );
  const bare: BareRule = { list, columns: JSON.stringify(columns.sort()) };
  const span = gathered.json.place(object);
  const before = gathered.bare;
  if (before === undefined) {
    const reason = 'no id says of which group these rules are: they are taken to be all of one';
    gathered.coverage.push({ span, status: 'approximated', reason });
    gathered.bare = bare;
  }
  const isOther =
    before !== undefined && (before.list !== list || list === undefined || before.columns !== bare.columns);
  if (isOther || (list !== undefined && gathered.answers.has(list))) gathered.errors.push(whoseRule(span));
}

/** Rules of which nothing says of which group they are, where they may be of several. */
export function whoseRule(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'ambiguous-group',
    message: 'nothing says of which group the rule is, and not all rules need be of one',
    span,
    expected: 'rules with their `id`, which has the group’s name',
    help: 'give the groups with their rules (`az network nsg list`), or keep `id` in the query',
  };
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
