import type { Box, NameSet } from '../finding/report.ts';
import { isLong, JsonList, JsonObject, sharedTexts } from './json-text.ts';

/** A box with its keys in the order of interfaces.md. */
export function boxShape(b: Box): unknown {
  return {
    family: b.family,
    protocols: b.protocols,
    sources: b.sources,
    destinations: b.destinations,
    sourcePorts: b.sourcePorts,
    destinationPorts: b.destinationPorts,
    icmp: b.icmp,
    in: b.in && namesShape(b.in),
    out: b.out && namesShape(b.out),
    groups: b.groups,
    exceptGroups: b.exceptGroups,
    peerGroups: b.peerGroups,
    exceptPeerGroups: b.exceptPeerGroups,
  };
}

/** The same, where a box has a long list of addresses, which other findings may have too. */
function longBoxShape(b: Box): JsonObject {
  const shape = boxShape(b) as Record<string, unknown>;
  return new JsonObject({
    ...shape,
    sources: sharedTexts(b.sources),
    destinations: sharedTexts(b.destinations),
  });
}

/** A box for a list: what has a long list of addresses is told apart, as others may have the same. */
export function sharedBoxShape(b: Box): JsonObject | undefined {
  return isLong(b.sources) || isLong(b.destinations) ? longBoxShape(b) : undefined;
}

/** The boxes of a finding; undefined where none has a long list, and nothing need be shared. */
export function longBoxes(boxes: readonly Box[]): JsonList<Box> | undefined {
  const long = boxes.some((box) => isLong(box.sources) || isLong(box.destinations));
  return long ? new JsonList(boxes, longBoxShape) : undefined;
}

const namesShape = (n: NameSet): unknown => ({ any: n.any, except: n.except });
