import type { Box, NameSet } from '../../finding/report.ts';
import { formatRange } from '../../packet/address.ts';
import type { PacketBox } from '../../packet/boxes.ts';
import { nameSelections } from '../../packet/interface-names.ts';
import type { HookName } from '../../packet/packet.ts';
import { contains, pairsOf, type Ranges } from '../../packet/ranges.ts';
import type { PacketSet } from '../../packet/set.ts';
import type { CloudFacts } from '../../rule/ruleset.ts';
import { remembered } from '../view/remembered.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

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
  const shown: Box[] = [];
  for (const box of boxes) addShown(shown, box, family, hook, cloud);
  // A list that has grown keeps room for more; most have one box.
  return shown.slice();
}

/**
 * The boxes as a report of the view's host shows them.
 *
 * @throws BoxLimit where they, or all that the host was asked for so far, are too many
 */
export function shownBoxes(view: FamilyView, set: PacketSet | readonly PacketBox[], hook: FlowHook): Box[] {
  const shown = toBoxes(set, view.family, view.shownHook(hook), view.ruleset.cloud);
  view.told.count(shown);
  return shown;
}

function addShown(
  shown: Box[],
  box: PacketBox,
  family: 4 | 6,
  hook: HookName,
  cloud: CloudFacts | undefined,
): void {
  const groups = cloud === undefined ? undefined : groupsOf(box, cloud);
  // On the wire of a cloud an interface has no name.
  const wired = hook === 'ingress' || hook === 'egress';
  const ins = wired || hook === 'output' ? EVERY : selections(box.in);
  const outs = wired || hook === 'input' ? EVERY : selections(box.out);
  for (const one of ins)
    for (const other of outs) {
      const made = new Making(box, family);
      if (one !== undefined) made.in = one;
      if (other !== undefined) made.out = other;
      if (groups !== undefined) Object.assign(made, groups);
      shown.push(made);
    }
}

/**
 * A box on its way to a report: what it says of addresses, protocols and ports. A host can have a million; they are made as
 * findings are (finding.ts).
 */
class Making implements Box {
  declare readonly family: Box['family'];
  declare readonly protocols?: readonly string[];
  declare readonly sources?: readonly string[];
  declare readonly destinations?: readonly string[];
  declare readonly sourcePorts?: readonly string[];
  declare readonly destinationPorts?: readonly string[];
  declare readonly icmp?: readonly string[];
  declare in?: NameSet;
  declare out?: NameSet;

  constructor(box: PacketBox, family: 4 | 6) {
    this.family = family === 4 ? 'ipv4' : 'ipv6';
    if (box.protocol !== undefined) this.protocols = numberTexts(box.protocol);
    if (box.src !== undefined) this.sources = addressTexts(family, box.src);
    if (box.dst !== undefined) this.destinations = addressTexts(family, box.dst);
    if (box.sport !== undefined) this.sourcePorts = numberTexts(box.sport);
    if (box.dport !== undefined) this.destinationPorts = numberTexts(box.dport);
    const icmp = icmpTexts(box.icmpType, box.icmpCode);
    if (icmp !== undefined) this.icmp = icmp;
  }
}

/** What a box says of groups: whose the instance is where that is known, and who the peer must or must not be. */
function groupsOf(box: PacketBox, { symbolic, groups, lacking = [] }: CloudFacts): Pick<Box, GroupField> {
  const own = groupNames(box.ownGroup, symbolic);
  const peer = groupNames(box.peerGroup, symbolic);
  const carried = [...groups, ...(own.groups ?? []).filter((name) => !groups.includes(name))];
  const except = own.except === undefined ? lacking : [...new Set([...own.except, ...lacking])].sort();
  return {
    ...(carried.length === 0 ? {} : { groups: carried }),
    ...(except.length === 0 ? {} : { exceptGroups: except }),
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
  return ranges === undefined ? EVERY : namesOf(ranges);
}

/** Boxes of one rule set share the arrays of their values (boxesOf): each becomes text once. */
const namesOf = remembered((ranges: Ranges<bigint>) => nameSelections(ranges));
const numberTexts = remembered((ranges: Ranges<bigint>) => texts(ranges));
const ADDRESS_TEXTS = {
  4: remembered((ranges: Ranges<bigint>) => addresses(4, ranges)),
  6: remembered((ranges: Ranges<bigint>) => addresses(6, ranges)),
} as const;

/** Single addresses are mostly in one box alone: to remember them takes longer than to write them. */
function addressTexts(family: 4 | 6, ranges: Ranges<bigint>): readonly string[] {
  return ranges.length === 2 ? addresses(family, ranges) : ADDRESS_TEXTS[family](ranges);
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
