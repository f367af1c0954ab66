import { type Json, type JsonObject, objectsOf } from './located.ts';

/** Whose answer a page is part of, as far as it says; where nobody says, the sets are empty. */
export interface PageOrigin {
  /** Accounts of AWS, subscriptions of Azure, projects of Google Cloud. */
  readonly accounts: ReadonlySet<string>;
  /** Regions and zones. */
  readonly regions: ReadonlySet<string>;
}

/**
 * An answer is of one account, subscription or project, and of one region or zone, if of any: a page of another one does not end it.
 * (https://docs.aws.amazon.com/general/latest/gr/rande.html;
 * https://learn.microsoft.com/rest/api/virtualnetwork/network-security-groups/list-all, the path;
 * https://cloud.google.com/compute/docs/reference/rest/v1/instances/list, the path)
 */
export function originOf(page: JsonObject): PageOrigin {
  const accounts = new Set<string>();
  const regions = new Set<string>();
  const add = (to: Set<string>, found: string | undefined): void => {
    if (found !== undefined && found !== '') to.add(found.toLowerCase());
  };
  for (const [name, list] of Object.entries(page))
    for (const item of objectsOf(list)) {
      if (!OF_SEVERAL_ACCOUNTS.has(name)) add(accounts, accountOf(item));
      add(regions, regionOf(item));
    }
  // What is asked of all zones keeps its items by zone.
  const { selfLink = page.id } = page;
  add(accounts, textIn(selfLink, PROJECT));
  return { accounts, regions };
}

/** Whether nothing says that two pages are of two answers. */
export function mayBeOfOneAnswer(one: PageOrigin, other: PageOrigin): boolean {
  return meet(one.accounts, other.accounts) && meet(one.regions, other.regions);
}

/** Two pages that say the same of whose answer they are have the same text. */
export const originText = ({ accounts, regions }: PageOrigin): string =>
  `${[...accounts].sort().join(' ')} / ${[...regions].sort().join(' ')}`;

const meet = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === 0 || other.size === 0 || [...one].some((name) => other.has(name));

/**
 * Lists that have what others own too: shared subnets and networks, prefix lists of AWS, and what Resource Graph finds.
 * (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html)
 */
const OF_SEVERAL_ACCOUNTS: ReadonlySet<string> = new Set(['Subnets', 'Vpcs', 'PrefixLists', 'data']);

const SUBSCRIPTION = /^\/subscriptions\/([^/]+)\//i;
const PROJECT = /(?:^|\/)projects\/([^/]+)\//;
const ZONE = /\/(?:zones|regions)\/([^/]+)\//;
/** Region of an ARN, and of the name of a zone, as in ../aws/regions.ts. */
const ARN = /^arn:[^:]*:[^:]*:([^:]+):/;
const ZONE_OF_REGION = /^([a-z]{2,4}(?:-[a-z]+)+-\d{1,2})/;

function accountOf({ OwnerId, GroupOwnerId, id, selfLink }: JsonObject): string | undefined {
  return (
    textIn(GroupOwnerId ?? OwnerId, /^(\d{12})$/) ?? textIn(id, SUBSCRIPTION) ?? textIn(selfLink, PROJECT)
  );
}

function regionOf(item: JsonObject): string | undefined {
  const { SecurityGroupArn, SecurityGroupRuleArn, SubnetArn, PrefixListArn, AvailabilityZone } = item;
  return (
    textIn(SecurityGroupArn ?? SecurityGroupRuleArn ?? SubnetArn ?? PrefixListArn, ARN) ??
    textIn(AvailabilityZone, ZONE_OF_REGION) ??
    textIn(item.selfLink, ZONE)
  );
}

function textIn(value: Json | undefined, pattern: RegExp): string | undefined {
  return typeof value === 'string' ? pattern.exec(value)?.[1] : undefined;
}
