import type { Span } from '../../text/source.ts';
import type { ExportPages } from '../reader.ts';
import { type Json, type JsonObject, type LocatedJson, objectsOf } from './located.ts';

/**
 * Where a page says that another follows: AWS (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html,
 * NextToken), Azure's REST API (https://learn.microsoft.com/rest/api/azure/#async-operations-throttling-and-paging, nextLink)
 * and Resource Graph (`skip_token` of `az graph query`, `$skipToken` of the API), Google's APIs
 * (https://google.aip.dev/158, next_page_token in JSON).
 */
const TOKENS = ['NextToken', 'nextToken', 'nextLink', 'nextPageToken', 'skip_token', '$skipToken'] as const;

/** The lists of a file's pages, each with its pages that another follows, and whether one was the last. */
export function pagesOf(json: LocatedJson): ExportPages {
  const found = new Map<string, { next: Span | undefined; last: boolean }>();
  for (const value of json.values)
    for (const document of Array.isArray(value) ? (value as Json[]) : [value]) {
      if (typeof document !== 'object' || document === null || Array.isArray(document)) continue;
      const object = document as JsonObject;
      const list = listOf(object);
      if (list === undefined) continue;
      const known = found.get(list) ?? { next: undefined, last: false };
      found.set(list, known);
      if (isFollowed(object)) known.next = json.place(object);
      else known.last = true;
    }
  return found;
}

/** What a page lists; undefined of what is no page. */
function listOf(object: JsonObject): string | undefined {
  const names = Object.keys(object).filter((name) => Array.isArray(object[name]) && !isLinks(name));
  if (names.length === 0 && object.items === undefined) return undefined;
  const { kind } = object;
  return `${typeof kind === 'string' ? kind : ''} ${names.sort().join(' ')}`.trim();
}

const isLinks = (name: string): boolean => name.endsWith('_links');

/** OpenStack has links beside the list (https://docs.openstack.org/api-ref/network/v2/index.html, Pagination). */
function isFollowed(object: JsonObject): boolean {
  if (TOKENS.some((name) => typeof object[name] === 'string' && object[name] !== '')) return true;
  return Object.keys(object)
    .filter(isLinks)
    .some((name) => objectsOf(object[name]).some(({ rel }) => rel === 'next'));
}
