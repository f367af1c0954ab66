import type { GroupMembers } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { givenTwice } from '../exports/problems.ts';
import type { AzureContent, NetworkInterface, ServiceTag } from './content.ts';

/**
 * Interfaces once each.
 * @param errors gets those that differ
 */
export function interfacesOf(contents: readonly AzureContent[], errors: Diagnostic[]): NetworkInterface[] {
  const found = new Map<string, NetworkInterface>();
  const plain = ({ span: _, ...rest }: NetworkInterface): string => JSON.stringify(rest);
  for (const one of contents.flatMap(({ interfaces }) => interfaces)) {
    const key = (one.id === '' ? one.name : one.id).toLowerCase();
    const before = found.get(key);
    if (before === undefined) found.set(key, one);
    else if (plain(before) !== plain(one))
      errors.push(givenTwice(`the interface \`${one.name}\``, one.span, before.span, 'subscription'));
  }
  return [...found.values()];
}

/**
 * Addresses of service tags, by name in lower case: tags are named without regard to case.
 * @param errors gets tags that differ
 */
export function tagsOf(contents: readonly AzureContent[], errors: Diagnostic[]): Map<string, GroupMembers> {
  const first = new Map<string, ServiceTag>();
  const found = new Map<string, GroupMembers>();
  const sorted = ({ prefixes }: ServiceTag): string => [...prefixes].sort().join();
  for (const tag of contents.flatMap(({ tags }) => tags)) {
    const key = tag.name.toLowerCase();
    const before = first.get(key);
    if (before !== undefined && sorted(before) !== sorted(tag))
      errors.push(givenTwice(`the service tag \`${tag.name}\``, tag.span, before.span, 'cloud'));
    if (before !== undefined) continue;
    first.set(key, tag);
    const addresses = new AddressGatherer();
    for (const prefix of tag.prefixes) addresses.add(prefix);
    found.set(key, addresses.members);
  }
  return found;
}
