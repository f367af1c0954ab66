import { ALL, type Diagram, type Node } from '../../packet/diagram.ts';
import { bitsOf, type DiagramField, FIELD_WIDTHS } from '../../packet/layout.ts';
import { rangesNode } from '../../packet/literals.ts';
import { type ByteMix, exists, levelSet, remap, remapPair } from '../../packet/operations.ts';
import { KEEP, type Transform } from './transform.ts';
import {
  addBytes,
  DESTINATION,
  fixed,
  inFamily,
  type LocalNode,
  SOURCE,
  sourcePreimage,
  translationPreimage,
} from './translation-preimage.ts';

/**
 * The packets, as they arrived, that are in `node` after the transform, for some choice where it leaves one (an
 * address range, a forgotten field, an unknown local address).
 */
export function preimage(
  diagram: Diagram,
  node: Node,
  t: Transform,
  family: 4 | 6,
  localNode: LocalNode,
): Node {
  let result = node;
  if (t.forgotten.size > 0) result = exists(diagram, result, levelSet(diagram.layout, [...t.forgotten]));
  if (t.destination !== undefined)
    result = translationPreimage(diagram, result, t.destination, DESTINATION, family, localNode);
  if (t.source !== undefined) result = sourcePreimage(diagram, result, t.source, family, localNode);
  result = bytesPreimage(diagram, result, t);
  result = marksPreimage(diagram, result, t);
  return t.notrack ? fixed(diagram, result, 'notrack', rangesNode(diagram, 'notrack', [1, 1], ALL)) : result;
}

/**
 * The bits of the fields (`Layout.fieldBit`) that a preimage may change: a set that depends on none of them is its own. An
 * address that nobody has named may not exist, so such a translation changes every set.
 */
export function changedFields(t: Transform): number {
  const fields = new Set<DiagramField>(t.forgotten);
  for (const [translation, names] of [
    [t.destination, DESTINATION],
    [t.source, SOURCE],
  ] as const) {
    if (translation?.address?.kind === 'local') return 0xffffffff;
    if (translation !== undefined)
      for (const name of ['address', 'port', 'original', 'originalPort'] as const) fields.add(names[name]);
  }
  for (const field of ['tos', 'ttl', 'notrack'] as const)
    if (t[field] !== undefined && t[field] !== false) fields.add(field);
  if (t.mark !== undefined || t.ctmark !== undefined) {
    fields.add('mark');
    fields.add('ctmark');
  }
  return bitsOf(fields);
}

/** The fields of the arriving packet that its destination's translation gives other values. */
export const DESTINATION_FIELDS = bitsOf(['dst', 'dport']);

/**
 * The bytes of a translated destination, by their levels; undefined where the translation leaves a choice or keeps some bits, and where
 * nobody knows what it leaves alone.
 */
export function destinationBytes(
  diagram: Diagram,
  { destination, forgotten }: Transform,
  family: 4 | 6,
): ReadonlyMap<number, number> | undefined {
  if (destination === undefined || forgotten.has('dst') || forgotten.has('dport')) return undefined;
  const { address, port } = destination;
  const bytes = new Map<number, number>();
  if (address !== undefined) {
    if (address.kind !== 'range') return undefined;
    const to = inFamily(family, address.lo, address.hi);
    if (!addBytes(diagram, bytes, 'dst', to, family === 4 ? 4 : 16)) return undefined;
  }
  if (port !== undefined && !addBytes(diagram, bytes, 'dport', [port.lo, port.hi], FIELD_WIDTHS.dport))
    return undefined;
  return bytes.size === 0 ? undefined : bytes;
}

function bytesPreimage(diagram: Diagram, node: Node, t: Transform): Node {
  const tables = new Map<number, Uint8Array>();
  for (const field of ['tos', 'ttl'] as const) {
    const table = t[field];
    if (table !== undefined) tables.set(diagram.layout.levels[field][0] as number, table);
  }
  return tables.size === 0 ? node : remap(diagram, node, tables);
}

function marksPreimage(diagram: Diagram, node: Node, t: Transform): Node {
  if (t.mark === undefined && t.ctmark === undefined) return node;
  const { levels } = diagram.layout;
  const [mark, ctmark] = [t.mark ?? KEEP, t.ctmark ?? KEEP];
  const byte = (value: number, i: number): number => (value >>> (24 - 8 * i)) & 255;
  const mixes = [0, 1, 2, 3].map((i): readonly [ByteMix, ByteMix] => [
    { fromFirst: byte(mark.keep, i), fromSecond: byte(mark.take, i), xor: byte(mark.xor, i) },
    { fromFirst: byte(ctmark.take, i), fromSecond: byte(ctmark.keep, i), xor: byte(ctmark.xor, i) },
  ]);
  if (mark.take !== 0 || ctmark.take !== 0)
    return remapPair(diagram, node, levels.mark, levels.ctmark, mixes);
  const tables = new Map<number, Uint8Array>();
  mixes.forEach(([first, second], i) => {
    if (mark !== KEEP) tables.set(levels.mark[i] as number, masked(first.fromFirst, first.xor));
    if (ctmark !== KEEP) tables.set(levels.ctmark[i] as number, masked(second.fromSecond, second.xor));
  });
  return remap(diagram, node, tables);
}

const tablesOfMasks = new Map<number, Uint8Array>();

/** `(x & keep) ^ xor` of each value; made once, as a map of marks assigns thousands. */
function masked(keep: number, xor: number): Uint8Array {
  const key = keep * 256 + xor;
  let table = tablesOfMasks.get(key);
  if (table === undefined) {
    table = Uint8Array.from({ length: 256 }, (_, value) => (value & keep) ^ xor);
    tablesOfMasks.set(key, table);
  }
  return table;
}
