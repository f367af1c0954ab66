import type { SecurityGroup, SecurityRule } from './content.ts';

/**
 * What two files say of one group together; undefined where they say different things. `az network nsg rule list` and `… rule show`
 * print rules without their group: those of several files are one list, and beside the group's own export they are among its rules.
 * (https://learn.microsoft.com/cli/azure/network/nsg/rule)
 */
export function together(one: SecurityGroup, other: SecurityGroup): SecurityGroup | undefined {
  if (one.isLoose === true && other.isLoose === true)
    return withRules({ ...one, isShown: one.isShown === true && other.isShown === true }, other.rules);
  const [whole, loose] = one.isLoose === true ? [other, one] : [one, other];
  if (loose.isLoose === true) {
    // A query left the group's own list out.
    if (whole.unread === 'left out')
      return withRules({ ...whole, unread: loose.unread, isShown: loose.isShown === true }, loose.rules);
    return loose.rules.every((rule) => isAmong(rule, whole.rules)) ? whole : undefined;
  }
  return JSON.stringify(plainGroup(one)) === JSON.stringify(plainGroup(other)) ? one : undefined;
}

/** Rules of a group have names of their own. */
function withRules(group: SecurityGroup, rules: readonly SecurityRule[]): SecurityGroup | undefined {
  const known = new Map(group.rules.map((rule) => [rule.name.toLowerCase(), rule]));
  const more = rules.filter((rule) => !isAmong(rule, group.rules));
  return more.some(({ name }) => known.has(name.toLowerCase()))
    ? undefined
    : { ...group, rules: [...group.rules, ...more] };
}

/** Whether the rule stands among others, and says the same there. */
export function isAmong(rule: SecurityRule, rules: readonly SecurityRule[]): boolean {
  return rules.some((one) => one.name === rule.name && plainRule(one) === plainRule(rule));
}

const plainRule = ({ span: _, ...rest }: SecurityRule): string => JSON.stringify(rest);

const plainGroup = ({ span: _, rules, ...rest }: SecurityGroup): object => ({
  ...rest,
  rules: rules.map(plainRule),
});
