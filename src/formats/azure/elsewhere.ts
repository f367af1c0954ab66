import type { GroupMembers } from '../../rule/ruleset.ts';
import { onceOf } from '../../text/kept.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import type { Guarded } from './own-groups.ts';

/** The addresses of all exported interfaces: an account has many points, and asks for them where a rule is for few machines. */
export const exportedAddresses = onceOf((interfaces: readonly Guarded[]): GroupMembers => {
  const found = new AddressGatherer();
  for (const { one } of interfaces) for (const address of one.addresses) found.add(address);
  return found.members;
});
