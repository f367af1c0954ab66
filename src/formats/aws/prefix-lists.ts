import type { GroupMembers } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { badAddress } from '../exports/problems.ts';
import type { AwsContent } from './content.ts';

/**
 * The networks of the prefix lists whose entries were given, by the list's id; lists without entries are not among them.
 * @param errors gets entries that are no networks, and those of which nobody can say whose they are
 */
export function listsOf(contents: readonly AwsContent[], errors: Diagnostic[]): Map<string, GroupMembers> {
  const lists = contents.flatMap((content) => content.prefixLists);
  const gathered = new Map<string, AddressGatherer>();
  const add = (id: string, cidrs: readonly (string | null | undefined)[], span: Span): void => {
    const into = gathered.get(id) ?? new AddressGatherer();
    gathered.set(id, into);
    for (const cidr of cidrs)
      if (typeof cidr === 'string' && !into.add(cidr)) errors.push(badAddress(cidr, span));
  };
  for (const { value, json } of lists)
    if (value.Cidrs !== undefined && value.Cidrs !== null)
      add(value.PrefixListId, value.Cidrs, json.place(value));
  // Entries that do not say of which list they are can only be the one list's.
  const only = new Set(lists.map(({ value }) => value.PrefixListId));
  for (const { value, json } of contents.flatMap((content) => content.entries)) {
    const id = value.list ?? (only.size === 1 ? [...only][0] : undefined);
    const span = json.place(value.entries);
    if (id !== undefined)
      add(
        id,
        value.entries.map(({ Cidr }) => Cidr),
        span,
      );
    else errors.push(unnamedEntries(span));
  }
  return new Map([...gathered].map(([id, addresses]) => [id, addresses.members]));
}

function unnamedEntries(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'entries-of-which-list',
    message: 'these entries do not say of which prefix list they are',
    span,
    expected:
      'a file name with the list’s id (`pl-0123456789abcdef0.json`), or `PrefixListId` beside `Entries`',
  };
}
