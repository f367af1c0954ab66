import type { Json, JsonObject, LocatedJson } from '../exports/located.ts';
import { pagesOf } from '../exports/pages.ts';
import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { ExportPages, PagesOfList } from '../reader.ts';

/**
 * Inventories ask each region of each account, and keep the answers by their names: `{"us-east-1": {"SecurityGroups": …}}`.
 * (https://docs.aws.amazon.com/general/latest/gr/rande.html, codes of regions;
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html)
 */
const REGION_OR_ACCOUNT = /^(?:[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}|\d{12})$/;

/** What inventories call the answers of services without regions (IAM, CloudFront); never the only name of a file. */
const GLOBAL = /^(?:aws-)?global$/i;

/** Under which names an inventory keeps an answer. */
export interface InventoryPlace {
  readonly account: string | undefined;
  readonly region: string | undefined;
}

/** The region in the name of a zone: `us-east-1a`, `us-east-1-bos-1a`. (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html) */
export const regionOfZone = (zone: string | null | undefined): string | undefined =>
  /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}/.exec(zone ?? '')?.[0];

/** The region in an ARN. (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html) */
export const regionOfArn = (arn: string | null | undefined): string | undefined =>
  arn?.split(':')[3] || undefined;

/** The documents of one region of one account; of a file that does not say any, all. */
interface RegionDocuments {
  /** The names that it stands under; empty where there are none. */
  readonly region: string;
  readonly values: readonly Json[];
  /** A query printed that there is nothing. */
  readonly isEmpty: boolean;
}

/** What a file's values are without the accounts and regions around them. */
export interface WithoutRegions {
  readonly json: LocatedJson;
  /** The pages of each region's lists, which end each by itself. */
  readonly pages: ExportPages;
  /** The region and the account of a document, or of an item without its list, where the file says them. */
  readonly placeOf: (document: object) => InventoryPlace | undefined;
  /** Where it has an empty list of whatever it lists elsewhere. */
  readonly empty: readonly InventoryPlace[];
  /** Regions of which nothing was given, and what is of none. */
  readonly coverage: readonly CoverageEntry[];
}

/**
 * A file's values without the accounts and regions around them.
 * @param isRead whether what a document lists is read
 */
export function withoutRegions(json: LocatedJson, isRead: (document: JsonObject) => boolean): WithoutRegions {
  const coverage: CoverageEntry[] = [];
  const regions = new Regions(json, isRead, coverage).of(json.values, '');
  const pages = new Map<string, PagesOfList>();
  for (const { region, values } of regions)
    for (const [list, found] of pagesOf({ ...json, values }, isRead))
      pages.set(region === '' ? list : `${region} ${list}`, found);
  const places = placesOf(regions);
  return {
    json: { ...json, values: regions.flatMap(({ values }) => values) },
    pages,
    placeOf: (document) => places.get(document),
    empty: regions.flatMap((one) => (one.isEmpty ? placeIn(one.region) : [])),
    coverage,
  };
}

function placeIn(names: string): InventoryPlace {
  const isAccount = (name: string): boolean => /^\d/.test(name);
  const account = names.split(' ').find(isAccount);
  const region = names.split(' ').find((name) => !isAccount(name) && !GLOBAL.test(name));
  return { account, region };
}

function placesOf(regions: readonly RegionDocuments[]): Map<object, InventoryPlace> {
  const found = new Map<object, InventoryPlace>();
  for (const { region: names, values } of regions) {
    if (names === '') continue;
    const place = placeIn(names);
    const add = (value: Json): void => {
      if (Array.isArray(value)) for (const one of value as Json[]) add(one);
      else if (typeof value === 'object' && value !== null) found.set(value, place);
    };
    for (const value of values) add(value);
  }
  return found;
}

class Regions {
  constructor(
    private readonly json: LocatedJson,
    private readonly isRead: (document: JsonObject) => boolean,
    private readonly coverage: CoverageEntry[],
  ) {}

  of(values: readonly Json[], region: string): RegionDocuments[] {
    const loose: Json[] = [];
    const found: RegionDocuments[] = [
      { region, values: loose, isEmpty: region !== '' && values.length === 0 },
    ];
    for (const value of values) {
      const inside = byRegion(value);
      if (inside === undefined) loose.push(value);
      else
        for (const [name, one] of Object.entries(inside)) {
          const documents = this.given(inside, name, one ?? null);
          if (documents === undefined) continue;
          found.push(...this.of(documents, region === '' ? name : `${region} ${name}`));
        }
    }
    return found;
  }

  /** What was given of a region: an answer, or a list of answers or of what a query printed of them; undefined where nothing was. */
  private given(inside: JsonObject, name: string, one: Json): readonly Json[] | undefined {
    const documents = Array.isArray(one) ? (one as readonly Json[]) : [one];
    if (isNothing(one)) {
      if (!GLOBAL.test(name)) this.tell(inside, name, 'approximated', `nothing was given of \`${name}\``);
      return undefined;
    }
    if (!GLOBAL.test(name)) return documents;
    const others = new Set(documents.filter((document) => this.isOfNoRegion(document)));
    if (others.size > 0)
      this.tell(inside, name, 'ignored', 'what is of no region says nothing of groups: it is not read');
    return others.size === documents.length
      ? undefined
      : documents.filter((document) => !others.has(document));
  }

  /** Neither an export, nor why there is none. */
  private isOfNoRegion(document: Json): boolean {
    if (typeof document !== 'object' || document === null || Array.isArray(document)) return false;
    const object = document as JsonObject;
    return (
      !this.isRead(object) && [object.Error, object.Errors, object.__type].every((one) => one === undefined)
    );
  }

  private tell(inside: object, name: string, status: CoverageEntry['status'], reason: string): void {
    const span = { ...this.json.place(inside), label: name };
    this.coverage.push({ span, status, reason });
  }
}

/** Who asks all regions keeps so that one answered nothing, or not at all. A query prints `[]` where there is nothing. */
const isNothing = (one: Json): boolean =>
  one === null || (typeof one === 'object' && !Array.isArray(one) && Object.keys(one).length === 0);

function byRegion(value: Json): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const names = Object.keys(value);
  const isInventory =
    names.some((name) => REGION_OR_ACCOUNT.test(name)) &&
    names.every((name) => REGION_OR_ACCOUNT.test(name) || GLOBAL.test(name));
  return isInventory ? (value as JsonObject) : undefined;
}
