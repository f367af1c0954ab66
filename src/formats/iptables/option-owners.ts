import { broughtInBy, matchesWith } from './matches/registry.ts';
import { targetsWith } from './targets/registry.ts';

/**
 * What brings an option that nobody before it in the rule has: `-p tcp` and others of its kind (iptables loads a protocol's
 * match for the options after it, not before), `-m multiport`, `-j REDIRECT`. Empty where no module of the family has it.
 */
export function ownersOf(option: string, family: 4 | 6): string[] {
  const matches = matchesWith(option, family);
  const protocols = matches.flatMap((match) => broughtInBy(match) ?? []);
  if (protocols.length > 0) return protocols.map((name) => `-p ${name}`);
  if (matches.length > 0) return matches.map(({ name }) => `-m ${name}`);
  return targetsWith(option, family).map(({ name }) => `-j ${name}`);
}
