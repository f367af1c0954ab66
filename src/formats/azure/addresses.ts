import { unread } from '../exports/unread.ts';
import type { PrefixItem } from '../../../grammars/azure/parser.ts';
import { parseAddressRange } from '../../packet/address.ts';
import { complement, type Ranges, union } from '../../packet/ranges.ts';
import { allOf, ALWAYS, anyOf, type Condition, NEVER } from '../../rule/condition.ts';
import type { CoverageEntry, GroupMembers } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer, addressIs } from '../exports/addresses.ts';
import { readPrefixes } from './language.ts';

/** What prefixes and tags mean at one point. */
export interface AddressWorld {
  /** Prefixes of service tags, by name in lower case. */
  readonly tags: ReadonlyMap<string, GroupMembers>;
  /** Service tags that rules name, by name in lower case, as one of the rules spells it. */
  readonly tagNames: ReadonlyMap<string, string>;
  /** Private addresses of application security groups' members, where they are known. */
  readonly members: ReadonlyMap<string, GroupMembers>;
  /** Nothing says that there are members beside them. */
  readonly whole: boolean;
  /** The site's address spaces; without them the tags that depend on them stay what they are. */
  readonly virtualNetwork: GroupMembers | undefined;
  /** The instance's application security groups; undefined where nobody says. */
  readonly ownGroups: ReadonlySet<string> | undefined;
  /** Of those that some of its addresses alone are in, these; undefined where nobody says them all. */
  readonly partly: ReadonlyMap<string, GroupMembers | undefined>;
  readonly symbolic: Set<string>;
  readonly coverage: CoverageEntry[];
}

/** Health probes come from here, and the platform's services answer here. */
const PLATFORM = gather('168.63.129.16/32', 'fe80::1234:5678:9abc/128');
/** Never outside of somebody's own network: RFC 1918, RFC 4193, link-local, loopback and what is no address of a host. */
const NOT_INTERNET = gather(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
  '::/128',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
);

function gather(...texts: readonly string[]): GroupMembers {
  const addresses = new AddressGatherer();
  for (const text of texts) addresses.add(text);
  return addresses.members;
}

/**
 * One end of a rule: any of its prefixes, tags and groups.
 * @param side whether it is the instance's own end: its address is one of the virtual network's, whatever it is
 */
export function endCondition(
  prefixes: readonly string[],
  groups: readonly string[],
  side: 'own' | 'peer',
  at: 'src' | 'dst',
  world: AddressWorld,
  span: Span,
): Condition {
  if (prefixes.length === 0 && groups.length === 0) return ALWAYS;
  return anyOf([
    ...prefixes.map((text) => prefixCondition(text, side, at, world, span)),
    ...groups.map((group) => applicationCondition(group, side, at, world, span)),
  ]);
}

function prefixCondition(
  text: string,
  side: 'own' | 'peer',
  at: 'src' | 'dst',
  world: AddressWorld,
  span: Span,
): Condition {
  const items = readPrefixes(text);
  if (items === undefined) return unreadText(text, world, span, `\`${text}\` is no address prefix`);
  return anyOf(items.map((item) => itemCondition(item, text, side, at, world, span)));
}

function itemCondition(
  item: PrefixItem,
  text: string,
  side: 'own' | 'peer',
  at: 'src' | 'dst',
  world: AddressWorld,
  span: Span,
): Condition {
  switch (item.kind) {
    case 'any':
      return ALWAYS;
    case 'tag':
      return tagCondition(item.name, side, at, world, span);
    case 'expression':
      return unreadText(
        text,
        world,
        span,
        `\`${item.text}\` is an expression that only the template’s deployment knows`,
      );
    case 'range':
      return rangeCondition(`${item.from}-${item.to}`, at, world, span);
    case 'address': {
      const addresses = new AddressGatherer();
      if (addresses.add(item.text)) return addressIs(at, addresses.members);
      return unreadText(text, world, span, `\`${item.text}\` is no address`);
    }
  }
}

function rangeCondition(text: string, at: 'src' | 'dst', world: AddressWorld, span: Span): Condition {
  const range = parseAddressRange(text);
  if (range === undefined) return unreadText(text, world, span, `\`${text}\` is no range of addresses`);
  const addresses = new AddressGatherer();
  addresses.addRange(range.family, range.lo, range.hi);
  return addressIs(at, addresses.members);
}

/**
 * Tags that name the platform's own services, so that rules can close them. The licence service's addresses are not
 * published with the tag (https://learn.microsoft.com/azure/virtual-network/service-tags-overview, AzurePlatformDNS).
 */
const PLATFORM_TAGS: ReadonlyMap<string, GroupMembers> = new Map([
  ['azureplatformdns', gather('168.63.129.16/32')],
  ['azureplatformimds', gather('169.254.169.254/32')],
]);

/** Whether a rule's prefixes name a service of the platform: then the rule closes it. */
export function namesPlatform(prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => /^azureplatform(?:dns|imds|lkm)$/i.test(prefix.trim()));
}

/**
 * A service tag. (https://learn.microsoft.com/azure/virtual-network/service-tags-overview: VirtualNetwork is the network's
 * address space with what is connected to it and the platform's address; Internet is what is outside of it and public;
 * AzureLoadBalancer is the platform's address, where health probes come from.)
 */
function tagCondition(
  name: string,
  side: 'own' | 'peer',
  at: 'src' | 'dst',
  world: AddressWorld,
  span: Span,
): Condition {
  const lower = name.toLowerCase();
  if (lower === 'azureloadbalancer') return addressIs(at, PLATFORM);
  const service = PLATFORM_TAGS.get(lower);
  if (service !== undefined) return addressIs(at, service);
  if (lower === 'virtualnetwork' && side === 'own') return ALWAYS;
  if (lower === 'internet' && side === 'own') return NEVER;
  const { virtualNetwork } = world;
  if (lower === 'virtualnetwork' && virtualNetwork !== undefined)
    return addressIs(at, uniteMembers(virtualNetwork, PLATFORM));
  if (lower === 'internet' && virtualNetwork !== undefined)
    return addressIs(at, outside(uniteMembers(uniteMembers(virtualNetwork, PLATFORM), NOT_INTERNET)));
  const known = world.tags.get(lower);
  if (known !== undefined) return addressIs(at, known);
  const tag = canonical(name, world);
  if (side === 'peer') tellTag(tag, span, world);
  return groupCondition(tag, side, world);
}

/** Told once, at the first rule that names the tag; of the two that every group has more is told elsewhere. */
function tellTag(tag: string, span: Span, { symbolic, coverage }: AddressWorld): void {
  if (symbolic.has(tag) || tag === 'VirtualNetwork' || tag === 'Internet') return;
  const reason = `the networks of the service tag \`${tag}\` were not given: they are kept as "members of ${tag}" (Microsoft’s file of service tags has them, and \`az network list-service-tags\`)`;
  coverage.push({ span, status: 'approximated', reason });
}

/** Tags are named without regard to case; the two that every group has, by their usual names. */
function canonical(name: string, { tagNames }: AddressWorld): string {
  const usual = ['VirtualNetwork', 'Internet'].find((one) => one.toLowerCase() === name.toLowerCase());
  return usual ?? tagNames.get(name.toLowerCase()) ?? name;
}

/** Members of an application security group. */
function applicationCondition(
  group: string,
  side: 'own' | 'peer',
  at: 'src' | 'dst',
  world: AddressWorld,
  span: Span,
): Condition {
  if (side === 'own' && world.partly.has(group)) return partlyOwn(group, at, world, span);
  const known = side === 'peer' ? world.members.get(group) : undefined;
  if (known === undefined) return groupCondition(group, side, world);
  const members = addressIs(at, known);
  return world.whole ? members : anyOf([members, groupCondition(group, side, world)]);
}

/** A group that some addresses of the instance alone are in. */
function partlyOwn(group: string, at: 'src' | 'dst', world: AddressWorld, span: Span): Condition {
  const own = world.partly.get(group);
  if (own !== undefined) return addressIs(at, own);
  const problem = `some addresses of the interface alone are in \`${group}\`, and the export does not say which`;
  return unreadText(group, world, span, problem);
}

/** Members of an application security group or of a tag that nobody resolved. */
function groupCondition(group: string, side: 'own' | 'peer', world: AddressWorld): Condition {
  if (side === 'own' && world.ownGroups !== undefined) return world.ownGroups.has(group) ? ALWAYS : NEVER;
  world.symbolic.add(group);
  return { kind: 'group', side, group };
}

/** What cannot be read may match or not. */
export function unreadText(text: string, { coverage }: AddressWorld, span: Span, problem: string): Condition {
  return unread(`${span.label ?? ''} ${text}`.trim(), problem, span, coverage);
}

function uniteMembers(a: GroupMembers, b: GroupMembers): GroupMembers {
  return { ipv4: union(a.ipv4, b.ipv4), ipv6: union(a.ipv6, b.ipv6) };
}

function outside({ ipv4, ipv6 }: GroupMembers): GroupMembers {
  const six: Ranges<bigint> = complement(ipv6, 0n, (1n << 128n) - 1n);
  return { ipv4: complement(ipv4, 0, 0xffffffff), ipv6: six };
}

/** The platform's addresses that outbound rules do not close; see docs/clouds.md. */
export const PLATFORM_SERVICES: GroupMembers = gather('168.63.129.16/32', '169.254.169.254/32');

/** All that the platform itself speaks with an instance from. */
export const PLATFORM_ADDRESSES: GroupMembers = uniteMembers(PLATFORM, PLATFORM_SERVICES);

/** The condition without the platform's addresses at the peer's end. */
export function withoutPlatform(match: Condition, at: 'src' | 'dst'): Condition {
  return allOf([match, { kind: 'not', of: addressIs(at, PLATFORM_SERVICES) }]);
}
