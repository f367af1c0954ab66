import fc from 'fast-check';
import { ALL, Diagram, type Node, NONE } from '../../src/packet/diagram.ts';
import { nameRanges } from '../../src/packet/interface-names.ts';
import {
  type DiagramField,
  FIELD_WIDTHS,
  FIRST_VARIABLE,
  type Layout,
  LAYOUTS,
} from '../../src/packet/layout.ts';
import { digitsOf, maskedNode, variableNode } from '../../src/packet/literals.ts';
import { normalise, type Ranges } from '../../src/packet/ranges.ts';
import { type PacketSet, PacketSpace } from '../../src/packet/set.ts';

/**
 * Set expressions with two readings: `build` makes the packet set, `holds` says by the definition whether one point is in
 * it. A point has a value for every field of the diagram and for a few variables.
 */
export type Term =
  | { readonly kind: 'field'; readonly field: DiagramField; readonly values: Ranges }
  | {
      readonly kind: 'address';
      readonly field: AddressName;
      readonly family: 4 | 6;
      readonly values: Ranges<bigint>;
    }
  | {
      readonly kind: 'masked';
      readonly field: DiagramField;
      readonly mask: number;
      readonly value: number;
    }
  | { readonly kind: 'name'; readonly field: 'in' | 'out'; readonly name: string; readonly prefix: boolean }
  | { readonly kind: 'variable'; readonly index: number }
  | { readonly kind: 'and' | 'or' | 'minus'; readonly a: Term; readonly b: Term }
  | { readonly kind: 'not'; readonly a: Term }
  | { readonly kind: 'all' | 'none' };

export type AddressName = 'src' | 'dst' | 'origSrc' | 'origDst';
const ADDRESSES = ['src', 'dst', 'origSrc', 'origDst'] as const;

export interface Point {
  readonly family: 4 | 6;
  readonly numbers: Readonly<Record<string, number>>;
  readonly addresses: Readonly<Record<AddressName, bigint>>;
  readonly in: string;
  readonly out: string;
  readonly variables: readonly boolean[];
}

/** Values next to which sets begin and end; points take the same. */
const POOLS: Partial<Record<DiagramField, readonly number[]>> = {
  state: [0, 1, 2, 3, 4],
  notrack: [0, 1],
  fragment: [0, 1, 2],
  pkttype: [0, 1, 2, 3],
  protocol: [0, 1, 6, 17, 58, 255],
  sport: [0, 1, 255, 256, 1023, 1024, 65535],
  dport: [0, 22, 80, 255, 256, 512, 65534, 65535],
  origSport: [0, 1024, 65535],
  origDport: [0, 80, 65535],
  icmpType: [0, 8, 255],
  icmpCode: [0, 1, 255],
  tcpFlags: [0, 2, 16, 18, 255],
  extensionHeaders: [0, 8, 255],
  tos: [0, 1, 16, 255],
  ttl: [0, 1, 64, 255],
  length: [0, 60, 256, 1500, 65535],
  mac: [0, 0xffffffff, 0x0002b3c4d5e6, 0xffffffffffff],
  mark: [0, 1, 0xff, 0x100, 0x80000001, 0xffffffff],
  ctmark: [0, 1, 0x10, 0xff00, 0xffffffff],
  peerGroup: [0, 1, 2, 255, 256, 65535],
  ownGroup: [0, 1, 255, 256, 65535],
  rule: [0, 1, 255, 256, 65536, 0xffffff],
};
export const NUMBERS = Object.keys(POOLS) as DiagramField[];
const ADDRESSES4 = [0n, 0x0a000000n, 0x0a0102ffn, 0x0a010300n, 0x0affffffn, 0x7f000001n, 0xffffffffn];
const ADDRESSES6 = [
  0n,
  1n,
  0x20010db8n << 96n,
  (0x20010db8n << 96n) | 0xffffn,
  (0x20010db8n << 96n) | (1n << 64n),
  (1n << 128n) - 1n,
];
const NAMES = ['', 'lo', 'eth', 'eth0', 'eth01', 'docker0', 'br-0123456789ab', 'é0'];
const VARIABLES = 3;

const one = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

function rangesFrom<T extends number | bigint>(pool: readonly T[]): fc.Arbitrary<Ranges<T>> {
  const pair = fc.tuple(one(pool), one(pool)).map(([a, b]): [T, T] => (a < b ? [a, b] : [b, a]));
  return fc.array(pair, { minLength: 1, maxLength: 3 }).map((pairs) => normalise(pairs));
}

const addressTerm = fc
  .tuple(one(ADDRESSES), fc.boolean(), rangesFrom(ADDRESSES4), rangesFrom(ADDRESSES6))
  .map(
    ([field, six, a, b]): Term =>
      six
        ? { kind: 'address', field, family: 6, values: b }
        : { kind: 'address', field, family: 4, values: a },
  );

/** Terms without operations, over the given numeric fields. */
function literal(numbers: readonly DiagramField[]): fc.Arbitrary<Term> {
  const numeric = one(numbers).chain((field) => {
    const pool = POOLS[field] as readonly number[];
    return fc.oneof(
      rangesFrom(pool).map((values): Term => ({ kind: 'field', field, values })),
      fc
        .tuple(one(pool), one(pool))
        .map(([mask, value]): Term => ({ kind: 'masked', field, mask, value: and(mask, value) })),
    );
  });
  return fc.oneof(
    { weight: 4, arbitrary: numeric },
    { weight: 3, arbitrary: addressTerm },
    {
      weight: 2,
      arbitrary: fc
        .tuple(one(['in', 'out'] as const), one(NAMES), fc.boolean())
        .map(([field, name, prefix]): Term => ({ kind: 'name', field, name, prefix })),
    },
    { weight: 1, arbitrary: fc.nat(VARIABLES - 1).map((index): Term => ({ kind: 'variable', index })) },
    { weight: 1, arbitrary: one([{ kind: 'all' }, { kind: 'none' }] as const) },
  );
}

/** Expressions over the fields, nested up to the depth. */
export function termArbitrary(depth = 3, numbers: readonly DiagramField[] = NUMBERS): fc.Arbitrary<Term> {
  const leaf = literal(numbers);
  let term = leaf;
  for (let i = 0; i < depth; i++) {
    const inner = term;
    term = fc.oneof(
      leaf,
      fc
        .tuple(one(['and', 'or', 'minus'] as const), inner, inner)
        .map(([kind, a, b]): Term => ({ kind, a, b })),
      inner.map((a): Term => ({ kind: 'not', a })),
    );
  }
  return term;
}

/** A point at the edges of what terms mention. */
export const pointArbitrary: fc.Arbitrary<Point> = fc.boolean().chain((six) =>
  fc.record({
    family: fc.constant(six ? (6 as const) : (4 as const)),
    numbers: fc.record(Object.fromEntries(NUMBERS.map((f) => [f, one(POOLS[f] as readonly number[])]))),
    addresses: fc.record(
      Object.fromEntries(ADDRESSES.map((f) => [f, one(six ? ADDRESSES6 : ADDRESSES4)])) as Record<
        AddressName,
        fc.Arbitrary<bigint>
      >,
    ),
    in: one(NAMES),
    out: one(NAMES),
    variables: fc.array(fc.boolean(), { minLength: VARIABLES, maxLength: VARIABLES }),
  }),
);

/** Bitwise and of up to 48 bits. */
function and(a: number, b: number): number {
  return Number(BigInt(a) & BigInt(b));
}

/** Whether the point is in the set, by definition. */
export function holds(term: Term, point: Point): boolean {
  switch (term.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'field':
      return inRanges(term.values, point.numbers[term.field] as number);
    case 'masked':
      return and(point.numbers[term.field] as number, term.mask) === term.value;
    case 'address':
      return term.family === point.family && inRanges(term.values, point.addresses[term.field]);
    case 'name':
      return term.prefix ? point[term.field].startsWith(term.name) : point[term.field] === term.name;
    case 'variable':
      return point.variables[term.index] as boolean;
    case 'and':
      return holds(term.a, point) && holds(term.b, point);
    case 'or':
      return holds(term.a, point) || holds(term.b, point);
    case 'minus':
      return holds(term.a, point) && !holds(term.b, point);
    case 'not':
      return !holds(term.a, point);
  }
}

function inRanges<T extends number | bigint>(values: Ranges<T>, value: T): boolean {
  return values.some((lo, i) => i % 2 === 0 && lo <= value && value <= (values[i + 1] as T));
}

/** The packet set of a term. */
export function build(space: PacketSpace, term: Term): PacketSet {
  switch (term.kind) {
    case 'all':
      return space.all;
    case 'none':
      return space.empty;
    case 'field':
      return space.field(term.field, term.values);
    case 'masked': {
      const width = FIELD_WIDTHS[term.field];
      const bytes = (value: number): Uint8Array => digitsOf(value, width);
      return space.of(maskedNode(space.diagram, term.field, bytes(term.mask), bytes(term.value), ALL));
    }
    case 'address':
      return space.address(
        term.field,
        term.family,
        term.family === 4 ? (term.values.map(Number) as Ranges) : term.values,
      );
    case 'name':
      return space.field(term.field, nameRanges([term]));
    case 'variable':
      return space.of(variableNode(space.diagram, FIRST_VARIABLE + term.index));
    case 'and':
      return build(space, term.a).intersect(build(space, term.b));
    case 'or':
      return build(space, term.a).union(build(space, term.b));
    case 'minus':
      return build(space, term.a).subtract(build(space, term.b));
    case 'not':
      return build(space, term.a).complement();
  }
}

/** A space whose fields are in one order or the other, as the expression has it. */
export function spaceFor(expression: unknown): PacketSpace {
  const layout = LAYOUTS[print(expression).length % LAYOUTS.length] as Layout;
  return new PacketSpace(new Diagram({ layout }));
}

/** The point's byte at each level. */
export function bytesOf(point: Point, { levels }: Layout): Uint8Array {
  const bytes = new Uint8Array(256);
  const put = (field: DiagramField, digits: Uint8Array): void =>
    digits.forEach((digit, i) => {
      bytes[levels[field][i] as number] = digit;
    });
  put('family', Uint8Array.of(point.family === 4 ? 0 : 1));
  for (const field of NUMBERS) put(field, digitsOf(point.numbers[field] as number, FIELD_WIDTHS[field]));
  for (const field of ADDRESSES) put(field, digitsOf(point.addresses[field], point.family === 4 ? 4 : 16));
  for (const field of ['in', 'out'] as const) put(field, new Uint8Array(Buffer.from(point[field], 'utf8')));
  point.variables.forEach((value, i) => {
    bytes[FIRST_VARIABLE + i] = Number(value);
  });
  return bytes;
}

/** Whether the bytes are in the set: one path down the diagram. */
export function has(diagram: Diagram, set: Node, bytes: Uint8Array): boolean {
  let node = set;
  while (node !== ALL && node !== NONE) {
    const level = diagram.level(node);
    node = diagram.step(node, level, Math.min(bytes[level] as number, diagram.layout.top[level] as number));
  }
  return node === ALL;
}

/** Prints counterexamples shortly. */
export const print = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v));
