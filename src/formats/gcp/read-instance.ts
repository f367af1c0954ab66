import { type Json, type JsonObject, type LocatedJson, objectsOf } from '../exports/located.ts';
import { kept } from '../../text/kept.ts';
import { type GcpInterface, lastOf, networkOf, textOf, textsOf } from './content.ts';

/**
 * The interfaces of an instance, each of one network, with the instance's tags and service account. Nothing else of an
 * instance is kept: its metadata may carry secrets.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/instances)
 */
export function readInterfaces(
  json: LocatedJson,
  object: JsonObject,
  list: readonly Json[] | undefined,
): GcpInterface[] {
  const name = textOf(object.name) ?? '';
  const tags = textsOf(fieldOf(object.tags, 'items'));
  const accounts = objectsOf(object.serviceAccounts).flatMap((one) => textOf(one.email) ?? []);
  const zone = textOf(object.zone);
  return objectsOf(object.networkInterfaces).map((one) => ({
    instance: name,
    id: textOf(object.id),
    name: textOf(one.name) ?? 'nic0',
    nicType: textOf(one.nicType),
    zone: zone === undefined ? undefined : lastOf(zone),
    project: PROJECT.exec(textOf(object.selfLink) ?? zone ?? '')?.[1],
    ...networkFor(one),
    region: zone === undefined ? undefined : lastOf(zone).replace(/-[a-z]$/, ''),
    tags: [...tags].sort(),
    accounts: [...accounts].sort(),
    addresses: [
      textOf(one.networkIP),
      rangeOf(textOf(one.ipv6Address), textOf(one.internalIpv6PrefixLength)),
      ...objectsOf(one.ipv6AccessConfigs).map((config) =>
        rangeOf(textOf(config.externalIpv6), textOf(config.externalIpv6PrefixLength)),
      ),
    ].flatMap((text) => text ?? []),
    aliases: [...objectsOf(one.aliasIpRanges), ...objectsOf(one.aliasIpv6Ranges)].flatMap(
      (range) => textOf(range.ipCidrRange) ?? [],
    ),
    lacks: LACKS.get(textOf(one.stackType) ?? ''),
    // "Allows this instance to send and receive packets with non-matching destination or source IPs" (instances, canIpForward).
    forwards: typeof object.canIpForward === 'boolean' ? object.canIpForward : undefined,
    unsaid: unsaidOf(one),
    saysTags: typeof object.tags === 'object' && object.tags !== null,
    othersSayTags: list !== undefined && keepsItems(list),
    saysAccounts:
      isWhole(object) || 'serviceAccounts' in object || (list !== undefined && keepsAccounts(list)),
    span: { ...json.place(one), label: `${name} ${textOf(one.name) ?? 'nic0'}` },
  }));
}

/**
 * In which network an interface is. One of Private Service Connect names the attachment of another's network, which has rules of its own.
 * (https://cloud.google.com/vpc/docs/about-private-service-connect-interfaces)
 */
function networkFor(one: JsonObject): Pick<GcpInterface, 'network' | 'networkUnsaid' | 'isAttached'> {
  const [network, attachment] = [textOf(one.network), textOf(one.networkAttachment)];
  const isAttached = network === undefined && attachment !== undefined;
  return {
    network: isAttached ? attachedNetwork(attachment) : networkOf(network ?? 'default'),
    networkUnsaid: network === undefined && !isAttached,
    isAttached,
  };
}

/** No network has such a name. */
function attachedNetwork(url: string): string {
  const parts = /projects\/([^/]+)\/regions\/([^/]+)\/networkAttachments\/([^/]+)$/.exec(url)?.slice(1);
  return `attachment ${(parts ?? [lastOf(url)]).join(':')}`;
}

/**
 * "If IPV4_ONLY, then the interface is assigned IPv4 addresses."
 * (https://cloud.google.com/compute/docs/reference/rest/v1/instances, networkInterfaces[].stackType)
 */
const LACKS: ReadonlyMap<string, 4 | 6> = new Map([
  ['IPV4_ONLY', 6],
  ['IPV6_ONLY', 4],
]);

/** An interface has an IPv4 address unless it is IPV6_ONLY, and IPv6 ones where it is not IPV4_ONLY; a format of gcloud may leave them out. */
function unsaidOf({ stackType, networkIP, ipv6Address, ipv6AccessConfigs }: JsonObject): (4 | 6)[] {
  const [type, hasIpv6] = [textOf(stackType), textOf(ipv6Address) ?? ipv6AccessConfigs];
  const isUnsaid4 = type !== 'IPV6_ONLY' && textOf(networkIP) === undefined;
  // Exports of before there was IPv6 do not say the type.
  const isUnsaid6 = !hasIpv6 && (type === undefined ? isUnsaid4 : type !== 'IPV4_ONLY');
  return [...(isUnsaid4 ? [4 as const] : []), ...(isUnsaid6 ? [6 as const] : [])];
}

/**
 * Whether a format as `json(name,tags.items)` made the list: it prints the tags of instances without their `fingerprint`, and no `tags` of
 * an instance that has none.
 */
const keepsItems = (list: readonly Json[]): boolean =>
  kept(KEEPING, list, () =>
    objectsOf(list as Json[]).some(
      ({ tags }) => textsOf(fieldOf(tags, 'items')).length > 0 && fieldOf(tags, 'fingerprint') === undefined,
    ),
  );

const KEEPING = new WeakMap<readonly Json[], boolean>();

/** Whether the list has accounts of some instance: then it has those of each that has any. */
const keepsAccounts = (list: readonly Json[]): boolean =>
  kept(WITH_ACCOUNTS, list, () => objectsOf(list as Json[]).some((one) => 'serviceAccounts' in one));

const WITH_ACCOUNTS = new WeakMap<readonly Json[], boolean>();

/** Whether the instance seems to be printed whole: the API sets these of each, and a format that chooses fields seldom keeps any. */
const isWhole = (object: JsonObject): boolean =>
  ['kind', 'id', 'selfLink', 'creationTimestamp'].some((field) => field in object);

/** Domain-scoped projects have a colon in their names: `example.com:shop`. */
const PROJECT = /(?:^|\/)projects\/([^/]+)\/zones\//;

/** An interface has a range of IPv6 addresses, of which the export names the first. */
function rangeOf(address: string | undefined, length: string | undefined): string | undefined {
  return address === undefined || address.includes('/') || length === undefined
    ? address
    : `${address}/${length}`;
}

function fieldOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as JsonObject)[name];
}
