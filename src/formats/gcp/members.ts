import type { GroupMembers } from '../../rule/ruleset.ts';
import { kept } from '../../text/kept.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { isExported } from './ends.ts';
import type { GcpModel } from './model.ts';

/** Who carries tags and accounts in a network. */
export interface Members {
  /** Their addresses by tag and account; undefined where no instance of the network was given. */
  readonly members: ReadonlyMap<string, GroupMembers> | undefined;
  /** Those whose members have addresses that the export leaves out. */
  readonly unsaid: ReadonlySet<string>;
}

/** Gathered once for each network: a project has many hosts. */
const KNOWN = new WeakMap<GcpModel, Map<string, Members>>();

/**
 * Addresses of the instances of a network by what they carry. A tag or an account as a source means the primary IPv4
 * address and the IPv6 addresses of the interface in the rule's network, not its alias ranges.
 * (https://cloud.google.com/firewall/docs/firewalls#source-tags-source-service-accounts)
 */
export function membersOf(model: GcpModel, network: string): Members {
  const known = kept(KNOWN, model, () => new Map<string, Members>());
  return kept(known, network, () => gathered(model, network));
}

function gathered({ interfaces }: GcpModel, network: string): Members {
  const within = interfaces.filter((one) => one.network === network);
  // An export without any of the network is of other projects: in a Shared VPC the network's own may have no instance.
  if (within.length === 0) return { members: undefined, unsaid: new Set() };
  const members = new Map<string, AddressGatherer>();
  const unsaid = new Set<string>();
  for (const one of within)
    for (const group of [...one.tags, ...one.accounts].filter(isExported)) {
      const into = members.get(group) ?? new AddressGatherer();
      members.set(group, into);
      for (const address of one.addresses) into.add(address);
      if (one.unsaid.length > 0) unsaid.add(group);
    }
  return { members: new Map([...members].map(([group, into]) => [group, into.members])), unsaid };
}
