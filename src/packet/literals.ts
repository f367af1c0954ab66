import { ALL, type Diagram, type Node, NONE } from './diagram.ts';
import { type DiagramField, FIELD_WIDTHS, isAddress } from './layout.ts';
import type { Ranges } from './ranges.ts';

/**
 * Packets whose field is in the set, and which are otherwise in `inside`. `inside` may only test levels below the
 * field's, so a product is built from its last field upwards, without any set operation.
 *
 * @param from which byte of the field the values begin at: an IPv4 address fills the first four of sixteen
 * @param width how many bytes the values have
 */
export function rangesNode(
  diagram: Diagram,
  field: DiagramField,
  values: Ranges<number> | Ranges<bigint>,
  inside: Node,
  width: number = FIELD_WIDTHS[field],
): Node {
  return levelsNode(diagram, field, levelValues(diagram, field, values, width), inside, width);
}

/** The values as the diagram's levels have them: addresses may have other numbers there. */
export function levelValues(
  { numbering }: Diagram,
  field: DiagramField,
  values: Ranges<number> | Ranges<bigint>,
  width: number,
): Ranges<number> | Ranges<bigint> {
  return numbering !== undefined && isAddress(field) ? numbering.numbersOf(values, width) : values;
}

/** The same as {@link rangesNode} for values as the diagram's levels have them. */
export function levelsNode(
  diagram: Diagram,
  field: DiagramField,
  values: Ranges<number> | Ranges<bigint>,
  inside: Node,
  width: number,
): Node {
  const block = blockNode(diagram, field, values, inside, width);
  if (block !== undefined) return block;
  // Long lists are those of named sets, which many rules ask for with the same answer.
  return values.length >= LONG || (inside === ALL && typeof values[0] === 'bigint')
    ? diagram.literal(`${field} ${inside}`, values, () => nodeOf(diagram, field, values, inside, width))
    : nodeOf(diagram, field, values, inside, width);
}

/** Bounds from which on a list is worth remembering. */
const LONG = 32;

const known = new WeakMap<object, { readonly width: number; readonly toggles: Uint8Array }>();

/** Where membership changes, made once for each long list: the lists are never changed. */
function rememberedToggles(
  values: Ranges<number> | Ranges<bigint>,
  width: number,
  top: number | undefined,
): Uint8Array {
  if (values.length < LONG || top !== undefined) return togglesOf(values, width, top);
  const before = known.get(values);
  if (before?.width === width) return before.toggles;
  const toggles = togglesOf(values, width, top);
  known.set(values, { width, toggles });
  return toggles;
}

function nodeOf(
  diagram: Diagram,
  field: DiagramField,
  values: Ranges<number> | Ranges<bigint>,
  inside: Node,
  width: number,
): Node {
  const { layout } = diagram;
  const levels = layout.levels[field];
  const top = width === 1 ? (layout.top[levels[0] as number] as number) : undefined;
  const toggles = rememberedToggles(values, width, top);
  const build = (index: number, from: number, to: number, member: boolean): Node => {
    if (from === to) return member ? inside : NONE;
    if (index === width) return member !== ((to - from) % 2 === 1) ? inside : NONE;
    const mark = diagram.begin();
    let state = member;
    let next = 0;
    for (let at = from; at < to; ) {
      const digit = toggles[at * width + index] as number;
      let end = at + 1;
      while (end < to && toggles[end * width + index] === digit) end++;
      if (digit > next) diagram.push(mark, state ? inside : NONE, digit - 1);
      diagram.push(mark, build(index + 1, at, end, state), digit);
      if ((end - at) % 2 === 1) state = !state;
      next = digit + 1;
      at = end;
    }
    if (next <= 255) diagram.push(mark, state ? inside : NONE, 255);
    return diagram.finish(mark, levels[index] as number);
  };
  return build(0, 0, toggles.length / width, false);
}

/**
 * The same for one value or one block of whole bytes (`10.1.2.0/24`, a single port), which most rules ask for: a path of
 * exact bytes. Undefined for everything else.
 */
function blockNode(
  diagram: Diagram,
  field: DiagramField,
  values: Ranges<number> | Ranges<bigint>,
  inside: Node,
  width: number,
): Node | undefined {
  const [lo, hi] = values;
  if (values.length !== 2 || typeof lo !== 'number' || typeof hi !== 'number') return undefined;
  const size = hi - lo + 1;
  let exact = width;
  let unit = 1;
  while (unit < size && exact > 0) {
    unit *= 256;
    exact--;
  }
  if (unit !== size || lo % unit !== 0) return undefined;
  const { levels, top } = diagram.layout;
  let rest = lo / unit;
  let node = inside;
  for (let i = exact - 1; i >= 0; i--) {
    const digit = rest % 256;
    rest = (rest - digit) / 256;
    const level = levels[field][i] as number;
    const mark = diagram.begin();
    if (digit > 0) diagram.push(mark, NONE, digit - 1);
    const last = digit >= (top[level] as number);
    diagram.push(mark, node, last ? 255 : digit);
    if (!last) diagram.push(mark, NONE, 255);
    node = diagram.finish(mark, level);
  }
  return node;
}

/** Packets with `(field & mask) === value`, and otherwise in `inside` (which tests lower levels only). */
export function maskedNode(
  diagram: Diagram,
  field: DiagramField,
  mask: Uint8Array,
  value: Uint8Array,
  inside: Node,
): Node {
  if (diagram.numbering !== undefined && isAddress(field))
    throw new Error('numbers of addresses do not have their bits');
  let node = inside;
  for (let i = mask.length - 1; i >= 0; i--) {
    const [m, v] = [mask[i] as number, value[i] as number];
    if ((v & ~m & 255) !== 0) return NONE;
    if (m === 0) continue;
    const level = diagram.layout.levels[field][i] as number;
    const top = diagram.layout.top[level] as number;
    const mark = diagram.begin();
    for (let digit = 0; digit < top; digit++) diagram.push(mark, (digit & m) === v ? node : NONE, digit);
    // Larger bytes of a small field stand for its greatest value.
    diagram.push(mark, (top & m) === v ? node : NONE, 255);
    node = diagram.finish(mark, level);
  }
  return node;
}

/** Packets for which the boolean variable at `level` is true. */
export function variableNode(diagram: Diagram, level: number): Node {
  const mark = diagram.begin();
  diagram.push(mark, NONE, 0);
  diagram.push(mark, 1, 255);
  return diagram.finish(mark, level);
}

/** The bytes of a value, most significant first. */
export function digitsOf(value: number | bigint, width: number): Uint8Array {
  const digits = new Uint8Array(width);
  writeDigits(digits, 0, value, width);
  return digits;
}

/** Where membership changes, in ascending order, each as `width` bytes. */
function togglesOf(
  values: Ranges<number> | Ranges<bigint>,
  width: number,
  top: number | undefined,
): Uint8Array {
  const limit = top ?? (GREATEST[width] as number);
  const isLast = (hi: number | bigint): boolean =>
    typeof hi === 'bigint' ? hi === GREATEST_WIDE[width] : hi >= limit;
  let count = values.length;
  for (let i = 1; i < values.length; i += 2) if (isLast(values[i] as number | bigint)) count--;
  // Not a part of a longer one: V8 moves an array's bytes out of its heap for that.
  const toggles = new Uint8Array(count * width);
  let at = 0;
  for (let i = 0; i < values.length; i += 2) {
    const [lo, hi] = [values[i] as number | bigint, values[i + 1] as number | bigint];
    writeDigits(toggles, at++ * width, lo, width);
    if (!isLast(hi)) writeDigits(toggles, at++ * width, typeof hi === 'bigint' ? hi + 1n : hi + 1, width);
  }
  return toggles;
}

/** The greatest values of so many bytes, as numbers and as bigints. */
const GREATEST = Array.from({ length: 17 }, (_, width) => 256 ** width - 1);
const GREATEST_WIDE = Array.from({ length: 17 }, (_, width) => (1n << BigInt(8 * width)) - 1n);

function writeDigits(into: Uint8Array, at: number, value: number | bigint, width: number): void {
  if (typeof value === 'bigint') {
    let rest = value;
    let end = at + width;
    // 48 bits at a time: plain numbers are far cheaper than bigints.
    while (end - at >= 6) {
      writeNumber(into, end - 6, Number(rest & 0xffffffffffffn), 6);
      rest >>= 48n;
      end -= 6;
    }
    writeNumber(into, at, Number(rest), end - at);
  } else writeNumber(into, at, value, width);
}

function writeNumber(into: Uint8Array, at: number, value: number, width: number): void {
  if (width <= 4) {
    for (let i = at + width - 1, rest = value; i >= at; i--, rest >>>= 8) into[i] = rest;
    return;
  }
  let rest = value;
  for (let i = at + width - 1; i >= at; i--) {
    into[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
