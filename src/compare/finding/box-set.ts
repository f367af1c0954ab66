import type { Box, NameSet } from '../../finding/report.ts';
import { parseAddressRange } from '../../packet/address.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { type NamePattern, SOME_INTERFACE } from '../../packet/interface-names.ts';
import type { DiagramField } from '../../packet/layout.ts';
import { normalise } from '../../packet/ranges.ts';
import type { CloudFacts } from '../../rule/ruleset.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * The packets that boxes describe, as a set of the view's: the way back from `shownBoxes`. A box of the other family is
 * empty here. Groups are found by the names that boxes show; one that this host's exports do not have matches nothing.
 */
export function boxesNode(view: FamilyView, hook: FlowHook, boxes: readonly Box[]): Node {
  return view.diagram.orAll(boxes.map((box) => boxNode(view, hook, box)));
}

function boxNode(view: FamilyView, hook: FlowHook, box: Box): Node {
  if (box.family !== (view.family === 4 ? 'ipv4' : 'ipv6')) return NONE;
  // On the wire of a cloud a box names no interface, and there is one all the same.
  const wired = view.isCloudOnly;
  return view.all(
    view.familyNode,
    numbers(view, 'protocol', box.protocols),
    addresses(view, 'src', box.sources),
    addresses(view, 'dst', box.destinations),
    numbers(view, 'sport', box.sourcePorts),
    numbers(view, 'dport', box.destinationPorts),
    icmp(view, box.icmp),
    hook === 'output' ? ALL : names(view, 'in', wired ? undefined : box.in),
    hook === 'input' ? ALL : names(view, 'out', wired ? undefined : box.out),
    groups(view, box),
  );
}

/** `a` or `a-b`, as boxes write numbers. */
export function numberPair(text: string): [number, number] {
  const [lo = '', hi = lo] = text.split('-');
  return [Number(lo), Number(hi)];
}

function numbers(view: FamilyView, field: DiagramField, texts: readonly string[] | undefined): Node {
  return texts === undefined ? ALL : view.field(field, normalise(texts.map(numberPair)));
}

function addresses(view: FamilyView, field: 'src' | 'dst', texts: readonly string[] | undefined): Node {
  if (texts === undefined) return ALL;
  const found = texts.flatMap((text) => parseAddressRange(text) ?? []);
  if (view.family === 4)
    return view.field(
      field,
      normalise(found.map(({ lo, hi }): [number, number] => [Number(lo), Number(hi)])),
    );
  return view.field(field, normalise(found.map(({ lo, hi }): [bigint, bigint] => [lo, hi])));
}

function icmp(view: FamilyView, texts: readonly string[] | undefined): Node {
  if (texts === undefined) return ALL;
  const one = (field: DiagramField, text: string): Node =>
    text === '*' ? ALL : numbers(view, field, [text]);
  return view.diagram.orAll(
    texts.map((text) => {
      const [type = '*', code = '*'] = text.split('/');
      return view.all(one('icmpType', type), one('icmpCode', code));
    }),
  );
}

function names(view: FamilyView, field: 'in' | 'out', set: NameSet | undefined): Node {
  // A hook that has the interface has a name there.
  const some = view.field(field, SOME_INTERFACE);
  if (set === undefined) return some;
  const any = set.any === undefined ? some : view.named(field, set.any.map(pattern));
  return view.diagram.difference(any, view.named(field, (set.except ?? []).map(pattern)));
}

const pattern = (text: string): NamePattern =>
  text.endsWith('+') ? { name: text.slice(0, -1), prefix: true } : { name: text, prefix: false };

/** The instance's own groups, where they are known, are the same for every packet, and are no part of a set. */
function groups(view: FamilyView, box: Box): Node {
  const { cloud } = view.ruleset;
  if (cloud === undefined)
    return [box.groups, box.exceptGroups, box.peerGroups, box.exceptPeerGroups].every(
      (list) => list === undefined,
    )
      ? ALL
      : NONE;
  const members = (field: 'ownGroup' | 'peerGroup', list: readonly string[]): Node => {
    const known = list.map((name) => cloud.symbolic.indexOf(name) + 1).filter((number) => number > 0);
    return view.field(field, normalise(known.map((number): [number, number] => [number, number])));
  };
  const all = (
    field: 'ownGroup' | 'peerGroup',
    inside?: readonly string[],
    outside?: readonly string[],
  ): Node =>
    view.diagram.difference(
      inside === undefined ? ALL : members(field, inside),
      outside === undefined ? NONE : members(field, outside),
    );
  return view.all(
    knownOwn(cloud, box),
    all('ownGroup', ownNames(cloud, box.groups), ownNames(cloud, box.exceptGroups)),
    all('peerGroup', box.peerGroups, box.exceptPeerGroups),
  );
}

/** Of the names at the instance's end those that are conditions: of what it is known to carry, or not to, nothing is one. */
function ownNames({ groups, lacking = [], symbolic }: CloudFacts, names: Box['groups']): Box['groups'] {
  if (groups.length + lacking.length === 0) return names;
  const open = names?.filter(
    (name) => symbolic.includes(name) && !groups.includes(name) && !lacking.includes(name),
  );
  return open?.length === 0 ? undefined : open;
}

/** Where the instance's groups are known, a box that names one of them, or only others that it may carry, is about it. */
function knownOwn({ groups, lacking = [], symbolic }: CloudFacts, box: Box): Node {
  if (groups.length + lacking.length === 0) return ALL;
  const known = (box.groups ?? []).filter(
    (name) => groups.includes(name) || lacking.includes(name) || !symbolic.includes(name),
  );
  const inside = known.length === 0 || known.some((name) => groups.includes(name));
  const outside = (box.exceptGroups ?? []).some((name) => groups.includes(name));
  return inside && !outside ? ALL : NONE;
}
