import { stepsOf } from './box-steps.ts';
import { ALL, type Diagram, type Node, NONE } from './diagram.ts';
import { type DiagramField, FIELD_WIDTHS, isAddress } from './layout.ts';
import { digitsOf } from './literals.ts';
import type { AddressNumbering } from './numbering.ts';
import { contains } from './ranges.ts';

/** Values to try for a field, best first, as bytes in the field's width (shorter ones fill its first bytes). */
export type Preferences = Partial<Record<DiagramField, readonly Uint8Array[]>>;

/** Bytes of some fields of a packet, each in the field's width. */
export type FieldBytes = ReadonlyMap<DiagramField, Uint8Array>;

/**
 * One packet of a set that is not empty: for each field the first preferred value that the set allows, given the fields
 * before it, else its least value. Fields that the set leaves open get their first preferred value.
 *
 * @returns each constrained or preferred field's bytes
 */
export function samplePacket(
  diagram: Diagram,
  set: Node,
  preferences: Preferences,
): Map<DiagramField, Uint8Array> {
  const open = preferredBytes(preferences);
  return new Map([...open, ...sampleFields(diagram, set, preferences, open)]);
}

/** The first preferred value of each field that has one: what a packet has where nothing is asked of it. */
export function preferredBytes(preferences: Preferences): FieldBytes {
  const values = new Map<DiagramField, Uint8Array>();
  for (const field of Object.keys(preferences) as DiagramField[]) {
    const first = preferences[field]?.[0];
    if (first !== undefined) values.set(field, padded(field, first));
  }
  return values;
}

/**
 * The same packet as {@link samplePacket} gives, but only the fields that its set constrains: few, where many packets
 * are wanted.
 *
 * @param open what {@link preferredBytes} gives for the preferences
 * @param addressWidth how many bytes the addresses of the set's packets have
 * @param firstHost the last byte of an address in a network of which any will do
 */
export function sampleFields(
  diagram: Diagram,
  set: Node,
  preferences: Preferences,
  open: FieldBytes,
  addressWidth: 4 | 16 = 16,
  firstHost = 1,
): FieldBytes {
  const values = new Map<DiagramField, Uint8Array>();
  for (let node = set; node !== ALL && node !== NONE; ) {
    const field = diagram.layout.fieldOf[diagram.level(node)];
    // A variable of an opaque predicate: either answer will do.
    if (field === undefined) {
      node = diagram.child(node, diagram.child(node, 0) === NONE ? 1 : 0);
      continue;
    }
    const taken = interleaved(field) ? undefined : preferred(diagram, node, field, preferences[field] ?? []);
    const before = values.get(field) ?? open.get(field);
    const hosts = firstHost === 1 ? [1] : [firstHost, 1];
    const chosen = taken ?? leastOf(diagram, node, field, { before, addressWidth, hosts });
    values.set(field, chosen.bytes);
    node = chosen.node;
  }
  return values;
}

interface Chosen {
  readonly bytes: Uint8Array;
  readonly node: Node;
}

/** Mark and ctmark share their levels and are taken byte by byte. */
const interleaved = (field: DiagramField): boolean => field === 'mark' || field === 'ctmark';

function preferred(
  diagram: Diagram,
  node: Node,
  field: DiagramField,
  candidates: readonly Uint8Array[],
): Chosen | undefined {
  for (const candidate of candidates) {
    const bytes = isAddress(field) ? numberAt(diagram.numbering, candidate) : candidate;
    let at = node;
    for (let i = 0; i < bytes.length && at !== NONE; i++)
      at = diagram.step(at, diagram.layout.levels[field][i] as number, bytes[i] as number);
    if (at !== NONE) return { bytes: padded(field, candidate), node: at };
  }
  return undefined;
}

function leastOf(diagram: Diagram, node: Node, field: DiagramField, wishes: Wishes): Chosen {
  return diagram.numbering !== undefined && isAddress(field)
    ? leastAddress(diagram, node, field, wishes)
    : least(diagram, node, field, wishes);
}

interface Wishes {
  /** The field's bytes so far. */
  readonly before: Uint8Array | undefined;
  readonly addressWidth: 4 | 16;
  /** Last bytes of an address, in place of zero: a network's own address looks like no host's. */
  readonly hosts: readonly number[];
}

/** As {@link least}, where the diagram has other numbers for addresses. */
function leastAddress(
  diagram: Diagram,
  node: Node,
  field: DiagramField,
  { addressWidth: width, hosts }: Wishes,
): Chosen {
  const below = stepsOf(diagram).split(node, field, width === 4, () => undefined);
  const at = (address: bigint): Node => below.find(([, values]) => contains(values, address))?.[0] ?? NONE;
  const lowest = below[0]?.[1][0] as bigint;
  const others = (lowest & 255n) === 0n ? hosts.map((host) => lowest + BigInt(host)) : [];
  const wanted = others.find((address) => at(address) !== NONE) ?? lowest;
  return { bytes: padded(field, digitsOf(wanted, width)), node: at(wanted) };
}

/** The least value, but for a last byte that may be other than zero. */
function least(diagram: Diagram, node: Node, field: DiagramField, { before, hosts }: Wishes): Chosen {
  const levels = diagram.layout.levels[field];
  const bytes =
    interleaved(field) && before !== undefined ? before.slice() : new Uint8Array(FIELD_WIDTHS[field]);
  let at = node;
  for (const [i, level] of levels.entries()) {
    const lastByte = i === levels.length - 1 || (levels.length === 16 && i === 3);
    if (diagram.level(at) !== level || at === ALL) {
      if (lastByte && (field === 'src' || field === 'dst')) bytes[i] = hosts[0] as number;
      continue;
    }
    let edge = 0;
    while (diagram.child(at, edge) === NONE) edge++;
    const lowest = edge === 0 ? 0 : diagram.bound(at, edge - 1) + 1;
    const wanted = lastByte && levels.length > 1 && lowest === 0 ? hosts : [];
    const value = wanted.find((one) => diagram.step(at, level, one) !== NONE) ?? lowest;
    bytes[i] = value;
    at = diagram.step(at, level, value);
  }
  return { bytes, node: at };
}

/** Preferred values in their field's width, made once: they are few, and nobody changes them. */
const PADDED = new WeakMap<Uint8Array, Uint8Array>();

function padded(field: DiagramField, value: Uint8Array): Uint8Array {
  const width = FIELD_WIDTHS[field];
  let bytes = PADDED.get(value);
  if (bytes?.length !== width) {
    bytes = new Uint8Array(width);
    bytes.set(value);
    PADDED.set(value, bytes);
  }
  return bytes;
}

/** The bytes of the number that the diagram has for an address. */
function numberAt(numbering: AddressNumbering | undefined, address: Uint8Array): Uint8Array {
  if (numbering === undefined) return address;
  const width = address.length;
  const value = bytesValue(address);
  const one = width === 4 ? [Number(value), Number(value)] : [value, value];
  return digitsOf(numbering.numbersOf(one as number[], width)[0] as number | bigint, width);
}

function bytesValue(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
