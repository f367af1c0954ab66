import type { Json, JsonObject, LocatedJson } from '../exports/located.ts';
import { pagesOf } from '../exports/pages.ts';
import type { ExportPages, PagesOfList } from '../reader.ts';

/**
 * Inventories ask each region of each account, and keep the answers by their names: `{"us-east-1": {"SecurityGroups": …}}`.
 * (https://docs.aws.amazon.com/general/latest/gr/rande.html, codes of regions;
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html)
 */
const REGION_OR_ACCOUNT = /^(?:[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}|\d{12})$/;

/** The documents of one region of one account; of a file that does not say any, all. */
interface RegionDocuments {
  /** The names that it stands under; empty where there are none. */
  readonly region: string;
  readonly values: readonly Json[];
}

/**
 * A file's values without the accounts and regions around them, and the pages of each region's lists, which end each by itself.
 * @param isRead whether what a document lists is read
 */
export function withoutRegions(
  json: LocatedJson,
  isRead: (document: JsonObject) => boolean,
): {
  readonly json: LocatedJson;
  readonly pages: ExportPages;
} {
  const regions = regionsOf(json.values, '');
  const pages = new Map<string, PagesOfList>();
  for (const { region, values } of regions)
    for (const [list, found] of pagesOf({ ...json, values }, isRead))
      pages.set(region === '' ? list : `${region} ${list}`, found);
  return { json: { ...json, values: regions.flatMap(({ values }) => values) }, pages };
}

function regionsOf(values: readonly Json[], region: string): RegionDocuments[] {
  const loose: Json[] = [];
  const found: RegionDocuments[] = [{ region, values: loose }];
  for (const value of values) {
    const inside = byRegion(value);
    if (inside === undefined) loose.push(value);
    else
      for (const [name, one] of inside)
        found.push(...regionsOf(listOf(one), region === '' ? name : `${region} ${name}`));
  }
  return found;
}

/** An answer, or a list of answers or of what a query printed of them. */
const listOf = (value: Json): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [value];

function byRegion(value: Json): [string, Json][] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value as JsonObject);
  const isInventory = entries.length > 0 && entries.every(([name]) => REGION_OR_ACCOUNT.test(name));
  return isInventory ? entries.map(([name, one]) => [name, one ?? null]) : undefined;
}
