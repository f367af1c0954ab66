import type { GroupMembers } from '../../rule/ruleset.ts';
import { onceOf } from '../../text/kept.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import type { GcpModel } from './model.ts';

/** The addresses of all exported interfaces of each network: a project has many points, and asks for them where a rule is for few instances. */
const gathered = onceOf(({ interfaces }: GcpModel): ReadonlyMap<string, GroupMembers> => {
  const found = new Map<string, AddressGatherer>();
  for (const { network, addresses, aliases } of interfaces) {
    const within = found.get(network) ?? new AddressGatherer();
    found.set(network, within);
    for (const text of [...addresses, ...aliases]) within.add(text);
  }
  return new Map([...found].map(([network, within]) => [network, within.members]));
});

/** Addresses that instances have in the network, as the exports show them. */
export function exportedAddresses(model: GcpModel, network: string): GroupMembers {
  return gathered(model).get(network) ?? { ipv4: [], ipv6: [] };
}
