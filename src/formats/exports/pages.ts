import type { Span } from '../../text/source.ts';
import type { ExportPages, Page, PagesOfList, ShortPage } from '../reader.ts';
import { type Json, type JsonObject, type LocatedJson, objectsOf } from './located.ts';
import { originOf, originText } from './page-origin.ts';

/**
 * Where a page says that another follows: AWS (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html,
 * NextToken), Azure's REST API (https://learn.microsoft.com/rest/api/azure/#async-operations-throttling-and-paging, nextLink)
 * and Resource Graph (`skip_token` of `az graph query`, `$skipToken` of the API), Google's APIs
 * (https://google.aip.dev/158, next_page_token in JSON). Client libraries print the same in their languages' spelling.
 */
const TOKENS = [
  'NextToken',
  'nextToken',
  'next_token',
  'nextLink',
  'next_link',
  '@odata.nextLink',
  'nextPageToken',
  'next_page_token',
  'skip_token',
  'skipToken',
  '$skipToken',
] as const;

/**
 * The lists of a file's pages, each with its pages that another follows, and whether one was the last.
 * @param isRead whether what a document lists is read: of another list nobody needs the rest
 */
export function pagesOf(
  json: LocatedJson,
  isRead: (document: JsonObject) => boolean = () => true,
): ExportPages {
  const found = new Map<string, PagesOfList>();
  const add = (value: Json): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const one of value as Json[]) add(one);
      return;
    }
    const object = value as JsonObject;
    const list = listOf(object);
    if (list !== undefined && isRead(object))
      found.set(list, withPage(found.get(list), object, json.place(object)));
  };
  for (const value of json.values) add(value);
  return found;
}

function withPage(known: PagesOfList | undefined, object: JsonObject, place: Span): PagesOfList {
  const isFollowed = hasNext(object);
  const { followed = new Map(), last = new Map() } = (known ?? {}) as Partial<GrowingPages>;
  const origin = originOf(object);
  const pages = isFollowed ? followed : last;
  const text = originText(origin);
  if (!pages.has(text)) pages.set(text, { place, origin });
  return {
    followed,
    last,
    previous: hasLink(object, 'previous') ? place : known?.previous,
    first: known?.first === true || !hasLink(object, 'previous'),
    short: [...(known?.short ?? []), ...shortOf(object, place, isFollowed)],
    unreached: isPart(object) ? place : known?.unreached,
  };
}

/** A list whose pages are being gathered. */
type GrowingPages = Record<'followed' | 'last', Map<string, Page>>;

/**
 * Resource Graph says how many rows there are, `az graph query` prints 100 of them where nobody asks for more, and without ids no page
 * says that one follows. (https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources, totalRecords, resultTruncated)
 */
function shortOf(
  { data, total_records, totalRecords = total_records ?? null, resultTruncated }: JsonObject,
  place: Span,
  followed: boolean,
): ShortPage[] {
  if (!Array.isArray(data)) return [];
  const total = typeof totalRecords === 'number' ? totalRecords : undefined;
  // One that says that another follows, and not how many there are, says nothing more.
  if (followed && total === undefined) return [];
  const isShort = total !== undefined && total > data.length;
  if (!isShort && String(resultTruncated).toLowerCase() !== 'true') return [];
  const kinds = new Set(objectsOf(data).map((row) => String(row.type ?? Object.keys(row).sort().join(' '))));
  return [{ place, total, kinds, rows: (data as readonly Json[]).map((row) => JSON.stringify(row)) }];
}

/**
 * An answer of Google's API from all zones may lack those that were out of reach, and an instance with its tags.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/instances/aggregatedList, unreachables[], items.*.warning.code;
 * https://google.aip.dev/217, unreachable)
 */
function isPart(object: JsonObject): boolean {
  const { items, unreachables, unreachable } = object;
  if ([unreachables, unreachable].some((places) => Array.isArray(places) && places.length > 0)) return true;
  const scopes =
    typeof items === 'object' && items !== null && !Array.isArray(items) ? Object.values(items) : [];
  return [object, ...scopes].some((scope) => warningsOf(scope).some(({ code }) => LACKING.has(code)));
}

const LACKING: ReadonlySet<unknown> = new Set([
  'UNREACHABLE',
  'PARTIAL_SUCCESS',
  'LIST_OVERHEAD_QUOTA_EXCEED',
]);

/** A list has one warning, answers to changes several. */
function warningsOf(scope: Json | undefined): JsonObject[] {
  const { warning = null, warnings = null } = objectsOf([scope ?? null])[0] ?? {};
  return [...objectsOf([warning]), ...objectsOf(warnings)];
}

/** What a page lists; undefined of what is no page. */
function listOf(object: JsonObject): string | undefined {
  const { kind } = object;
  // Google's lists have `items` where there are any.
  if (typeof kind === 'string' && /^\w+#\w+List$/.test(kind)) return kind;
  const names = Object.keys(object).filter((name) => Array.isArray(object[name]) && !isLinks(name));
  if (names.length === 0 && object.items === undefined) return undefined;
  const name = `${typeof kind === 'string' ? kind : ''} ${names.sort().join(' ')}`.trim();
  const of = resourcesOf(object);
  return of === undefined ? name : `${name} (${of})`;
}

/**
 * Azure's lists have one name, whatever they list: what tells those of its API apart is the type of their items, and answers of Resource
 * Graph how many rows there are. The last page of a list may be empty.
 */
function resourcesOf({
  value,
  data,
  total_records,
  totalRecords = total_records,
}: JsonObject): string | undefined {
  if (Array.isArray(data)) return typeof totalRecords === 'number' ? `${totalRecords} rows` : undefined;
  const [first] = objectsOf(value);
  return typeof first?.type === 'string' ? first.type.toLowerCase() : undefined;
}

/** The list that a page without items is the last of. */
export const ofAnyKind = (list: string): string => list.replace(/ \([^()]*\)$/, '');

const isLinks = (name: string): boolean => /(?:^|_)links$/.test(name) || name.startsWith('unreachable');

/**
 * OpenStack has links beside the list (https://docs.openstack.org/api-ref/network/v2/index.html, Pagination); those of other services,
 * and what gathers answers, write them in other ways (https://docs.openstack.org/api-ref/image/v2/, next; …/identity/v3/, links). Of
 * AWS some say that they are truncated.
 */
function hasNext(object: JsonObject): boolean {
  if (TOKENS.some((name) => isText(object[name])) || String(object.IsTruncated).toLowerCase() === 'true')
    return true;
  return isText(object.next) || hasLink(object, 'next');
}

const isText = (value: Json | undefined): boolean => typeof value === 'string' && value !== '';

function hasLink(object: JsonObject, wanted: string): boolean {
  return Object.keys(object)
    .filter(isLinks)
    .some((name) => {
      const links = object[name];
      if (Array.isArray(links)) return objectsOf(links).some(({ rel }) => rel === wanted);
      return objectsOf([links ?? null]).some((one) => isText(one[wanted]));
    });
}
