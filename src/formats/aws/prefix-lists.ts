import type { GroupMembers } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { badAddress, givenTwice } from '../exports/problems.ts';
import type { AwsContent } from './content.ts';

/** One answer to `get-managed-prefix-list-entries`. */
interface Listing {
  readonly id: string;
  readonly cidrs: readonly (string | null | undefined)[];
  /** It is a page, and says that another follows. */
  readonly followed: boolean;
  readonly span: Span;
}

/**
 * The networks of the prefix lists whose entries were given, by the list's id; lists without entries are not among them.
 * @param errors gets entries that are no networks, those of which nobody can say whose they are, and lists that differ
 */
export function listsOf(contents: readonly AwsContent[], errors: Diagnostic[]): Map<string, GroupMembers> {
  const gathered = new Map<string, AddressGatherer>();
  const lists = contents.flatMap((content) => content.prefixLists);
  const described = lists.flatMap(({ value: { PrefixListId: id, Cidrs: cidrs }, json, value }): Listing[] =>
    cidrs === undefined || cidrs === null ? [] : [{ id, cidrs, followed: false, span: json.place(value) }],
  );
  const only = new Set(lists.map(({ value }) => value.PrefixListId));
  const listed = listingsOf(contents, only.size === 1 ? [...only][0] : undefined, errors);
  for (const { id, cidrs, span } of [...described, ...listed]) {
    const into = gathered.get(id) ?? new AddressGatherer();
    gathered.set(id, into);
    for (const cidr of cidrs)
      if (typeof cidr === 'string' && !into.add(cidr)) errors.push(badAddress(cidr, span));
  }
  tellDiffering(listed, errors);
  return new Map([...gathered].map(([id, addresses]) => [id, addresses.members]));
}

/** "The IP address version" of each list (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ManagedPrefixList.html). */
export function listFamiliesOf(contents: readonly AwsContent[]): Map<string, 4 | 6> {
  const lists = contents.flatMap((content) => content.prefixLists);
  return new Map(
    lists.flatMap(({ value: { PrefixListId: id, AddressFamily: family } }) =>
      family === 'IPv4' || family === 'IPv6' ? [[id, family === 'IPv4' ? 4 : 6] as const] : [],
    ),
  );
}

/** @param only the one list of the exports, where there is one: entries that do not say of which they are can only be its */
function listingsOf(
  contents: readonly AwsContent[],
  only: string | undefined,
  errors: Diagnostic[],
): Listing[] {
  return contents
    .flatMap((content) => content.entries)
    .flatMap(({ value: { list, entries, followed }, json }): Listing[] => {
      const id = list ?? only;
      const span = json.place(entries);
      if (id !== undefined) return [{ id, cidrs: entries.map(({ Cidr }) => Cidr), followed, span }];
      errors.push(unnamedEntries(span));
      return [];
    });
}

/** Pages of a list differ; of two answers none of which says that another follows one is of another day. */
function tellDiffering(listed: readonly Listing[], errors: Diagnostic[]): void {
  const paged = new Set(listed.flatMap(({ id, followed }) => (followed ? id : [])));
  const text = ({ cidrs }: Listing): string => [...cidrs].sort().join();
  const first = new Map<string, Listing>();
  for (const listing of listed) {
    const before = first.get(listing.id);
    if (before === undefined) first.set(listing.id, listing);
    else if (!paged.has(listing.id) && text(before) !== text(listing))
      errors.push(givenTwice(`the prefix list \`${listing.id}\``, listing.span, before.span, 'account'));
  }
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
