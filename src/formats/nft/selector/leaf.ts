import type { AddressField, NumericField } from '../../../packet/fields.ts';
import { CONNECTION_STATES } from '../../../packet/packet.ts';
import { contains, normalise, pairsOf, type Ranges } from '../../../packet/ranges.ts';
import { ALWAYS, anyOf, type Condition, NEVER, negate } from '../../../rule/condition.ts';
import { type DataType, TYPES } from '../types/datatypes.ts';

/** A field that an expression reads, and how its values become conditions. */
export interface Leaf {
  /** The same for leaves that read the same. */
  readonly key: string;
  readonly type: DataType;
  /** What nft adds before the comparison, and what the kernel needs to read the field at all. */
  readonly guard: Condition;
  /** The field is one of the values. Only asked where the guard holds. */
  readonly member: (values: Ranges<bigint>) => Condition;
  /** `(field & mask) == value`; undefined where that is not modelled. */
  readonly masked?: (mask: bigint, value: bigint) => Condition;
  /** A rule may change the field while the packet is on its way. */
  readonly changes?: boolean;
  /** Interface names are no numbers. */
  readonly interface?: 'in' | 'out';
}

/** What an expression reads; the guard alone where no more of it is known than where it can be read. */
export type Read = Leaf | { readonly guard: Condition };

const numbers = (values: Ranges<bigint>): Ranges => values.map(Number);

/** The packet is IPv4 or IPv6. */
export function ofFamily(family: 4 | 6): Condition {
  return family === 4
    ? { kind: 'address', family: 4, field: 'src', values: [0, 0xffff_ffff] }
    : { kind: 'address', family: 6, field: 'src', values: [0n, (1n << 128n) - 1n] };
}

/** A number that stands for IPv4 and one that stands for IPv6, with their packets. */
export function families(four: bigint, six: bigint): readonly (readonly [bigint, Condition])[] {
  return [
    [four, ofFamily(4)],
    [six, ofFamily(6)],
  ];
}

/** The device has the name. */
export function interfaceNamed(field: 'in' | 'out', name: string): Condition {
  return { kind: 'interface', field, names: [{ name, prefix: false }] };
}

/** The field is from `lo` to `hi`. */
export function between(field: NumericField, lo: number, hi = lo): Condition {
  return { kind: 'field', field, values: [lo, hi] };
}

const MAY_CHANGE: readonly NumericField[] = ['mark', 'ctmark', 'tos', 'ttl', 'tcpFlags', 'state'];

/** A plain number in the packet. */
export function numeric(field: NumericField, type: DataType, guard: Condition): Leaf {
  return {
    key: `${field} ${type.name}`,
    type,
    guard,
    member: (values) => ({ kind: 'field', field, values: numbers(values) }),
    masked: (mask, value) =>
      mask === 0n
        ? value === 0n
          ? ALWAYS
          : NEVER
        : { kind: 'masked', field, mask: Number(mask), value: Number(value) },
    changes: MAY_CHANGE.includes(field),
  };
}

/** A number that stands in the packet's field with something added or in its upper bits. */
export function derived(leaf: Leaf, type: DataType, map: (pair: [bigint, bigint]) => [bigint, bigint]): Leaf {
  const { masked: _masked, ...rest } = leaf;
  const member = (values: Ranges<bigint>): Condition => leaf.member(normalise(pairsOf(values).map(map)));
  return { ...rest, key: `${leaf.key} ${type.name}`, type, member };
}

/** Of what asks for IPv4 addresses, the same question about plain numbers; a leaf with another question has none. */
const PLAIN = new WeakMap<Leaf['member'], (values: Ranges) => Condition>();

/** Asks for IPv4 addresses by plain numbers; undefined where the leaf is of anything else. */
export function plainMember({ member }: Leaf): ((values: Ranges) => Condition) | undefined {
  return PLAIN.get(member);
}

/** An address. */
export function address(family: 4 | 6, field: AddressField, guard: Condition): Leaf {
  const plain = (values: Ranges): Condition => ({ kind: 'address', family: 4, field, values });
  const member = (values: Ranges<bigint>): Condition =>
    family === 4 ? plain(numbers(values)) : { kind: 'address', family, field, values };
  if (family === 4) PLAIN.set(member, plain);
  return {
    key: `${field} ${family}`,
    type: family === 4 ? TYPES.ipv4 : TYPES.ipv6,
    guard,
    member,
    masked: (mask, value) => ({ kind: 'address-mask', family, field, mask, value }),
  };
}

/** A field with few values: each is a condition, and any question about it is answered value by value. */
export function enumerated(
  key: string,
  type: DataType,
  guard: Condition,
  cases: readonly (readonly [bigint, Condition])[],
  changes = false,
): Leaf {
  const where = (holds: (value: bigint) => boolean): Condition =>
    anyOf(cases.flatMap(([value, condition]) => (holds(value) ? [condition] : [])));
  return {
    key,
    type,
    guard,
    changes,
    member: (values) => where((value) => contains(values, value)),
    masked: (mask, wanted) => where((value) => (value & mask) === wanted),
  };
}

/** `ct state`: every packet has exactly one (net/netfilter/nft_ct.c, nft_ct_get_eval). */
export function stateLeaf(): Leaf {
  const names = TYPES.state.names;
  const cases = CONNECTION_STATES.map((name, at) => [BigInt(names[name]), between('state', at)] as const);
  const leaf = enumerated('state', TYPES.state, ALWAYS, cases, true);
  return {
    ...leaf,
    member: (values) => merged(cases, (value) => contains(values, value)),
    masked: (mask, wanted) => merged(cases, (value) => (value & mask) === wanted),
  };
}

function merged(
  cases: readonly (readonly [bigint, Condition])[],
  holds: (value: bigint) => boolean,
): Condition {
  const pairs = cases.flatMap(([value], at) => (holds(value) ? [[at, at] as const] : []));
  return pairs.length === 0 ? NEVER : { kind: 'field', field: 'state', values: normalise(pairs) };
}

/** The packet belongs to a connection that conntrack knows. */
export const TRACKED: Condition = {
  kind: 'field',
  field: 'state',
  values: normalise(['new', 'established', 'related'].map((name) => [indexOf(name), indexOf(name)] as const)),
};

/** The packet is one of the first of its connection. */
export const FIRST: Condition = between('state', indexOf('new'));

/** The packet is an error about a connection, or the first of an expected one. */
export const RELATED: Condition = between('state', indexOf('related'));

function indexOf(name: string): number {
  return (CONNECTION_STATES as readonly string[]).indexOf(name);
}

/** `first` in the first packets of connections, where it is known, and the open answer elsewhere. */
export function onFirst(first: Condition, open: Condition): Condition {
  return anyOf([
    { kind: 'and', of: [FIRST, first] },
    { kind: 'and', of: [negate(FIRST), open] },
  ]);
}
