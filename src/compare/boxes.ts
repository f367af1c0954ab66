import type { Box, NameSet } from '../finding/report.ts';
import { formatRange } from '../packet/address.ts';
import type { PacketBox } from '../packet/boxes.ts';
import { nameSelections } from '../packet/interface-names.ts';
import type { HookName } from '../packet/packet.ts';
import { contains, pairsOf, type Ranges } from '../packet/ranges.ts';
import type { PacketSet } from '../packet/set.ts';
import type { CloudFacts } from '../rule/ruleset.ts';
import type { FamilyView, FlowHook } from './view.ts';

/**
 * The boxes of a set of one family as reports show them: disjoint, exact, sorted. An interface that the hook does not
 * have is left out.
 *
 * @param cloud where the set is of an instance of a cloud: names its groups and those of its peers
 */
function toBoxes(
  set: PacketSet | readonly PacketBox[],
  family: 4 | 6,
  hook: HookName,
  cloud?: CloudFacts,
): Box[] {
  const boxes = 'boxes' in set ? set.boxes() : set;
  return boxes.flatMap((box) => toBox(box, family, hook, cloud));
}

/** The boxes as a report of the view's host shows them. */
export function shownBoxes(view: FamilyView, set: PacketSet | readonly PacketBox[], hook: FlowHook): Box[] {
  return toBoxes(set, view.family, view.shownHook(hook), view.ruleset.cloud);
}

function toBox(box: PacketBox, family: 4 | 6, hook: HookName, cloud: CloudFacts | undefined): Box[] {
  const icmp = icmpTexts(box.icmpType, box.icmpCode);
  const base: Box = {
    family: family === 4 ? 'ipv4' : 'ipv6',
    ...(box.protocol === undefined ? {} : { protocols: texts(box.protocol) }),
    ...(box.src === undefined ? {} : { sources: addresses(family, box.src) }),
    ...(box.dst === undefined ? {} : { destinations: addresses(family, box.dst) }),
    ...(box.sport === undefined ? {} : { sourcePorts: texts(box.sport) }),
    ...(box.dport === undefined ? {} : { destinationPorts: texts(box.dport) }),
    ...(icmp === undefined ? {} : { icmp }),
  };
  const groups = cloud === undefined ? {} : groupsOf(box, cloud);
  // On the wire of a cloud an interface has no name.
  const wired = hook === 'ingress' || hook === 'egress';
  const ins = wired || hook === 'output' ? EVERY : selections(box.in);
  const outs = wired || hook === 'input' ? EVERY : selections(box.out);
  return ins.flatMap((one) =>
    outs.map((other) => ({
      ...base,
      ...(one === undefined ? {} : { in: one }),
      ...(other === undefined ? {} : { out: other }),
      ...groups,
    })),
  );
}

/** What a box says of groups: whose the instance is where that is known, and who the peer must or must not be. */
function groupsOf(box: PacketBox, { symbolic, groups }: CloudFacts): Pick<Box, GroupField> {
  const own = groupNames(box.ownGroup, symbolic);
  const peer = groupNames(box.peerGroup, symbolic);
  const known = own.groups ?? (groups.length > 0 ? groups : undefined);
  return {
    ...(known === undefined ? {} : { groups: known }),
    ...(own.except === undefined ? {} : { exceptGroups: own.except }),
    ...(peer.groups === undefined ? {} : { peerGroups: peer.groups }),
    ...(peer.except === undefined ? {} : { exceptPeerGroups: peer.except }),
  };
}

type GroupField = 'groups' | 'exceptGroups' | 'peerGroups' | 'exceptPeerGroups';

/** Members of these groups; where ends that are of none of them belong to it too, all but members of the others. */
function groupNames(
  ranges: Ranges<bigint> | undefined,
  symbolic: readonly string[],
): { readonly groups?: readonly string[]; readonly except?: readonly string[] } {
  if (ranges === undefined) return {};
  const inside = (number: number): boolean => contains(ranges, BigInt(number));
  if (inside(0)) return { except: symbolic.filter((_, i) => !inside(i + 1)) };
  return { groups: symbolic.filter((_, i) => inside(i + 1)) };
}

const EVERY: readonly (NameSet | undefined)[] = [undefined];

function selections(ranges: Ranges<bigint> | undefined): readonly (NameSet | undefined)[] {
  return ranges === undefined ? EVERY : nameSelections(ranges);
}

const texts = (ranges: Ranges<bigint>): string[] =>
  pairsOf(ranges).map(([lo, hi]) => (lo === hi ? `${lo}` : `${lo}-${hi}`));

const addresses = (family: 4 | 6, ranges: Ranges<bigint>): string[] =>
  pairsOf(ranges).map(([lo, hi]) => formatRange(family, lo, hi));

function icmpTexts(
  types: Ranges<bigint> | undefined,
  codes: Ranges<bigint> | undefined,
): string[] | undefined {
  if (types === undefined && codes === undefined) return undefined;
  const first = types === undefined ? ['*'] : texts(types);
  const second = codes === undefined ? ['*'] : texts(codes);
  return first.flatMap((type) => second.map((code) => `${type}/${code}`));
}
