import type { AddressField, NumericField } from '../packet/fields.ts';
import type { Ranges } from '../packet/ranges.ts';
import type { Span } from '../text/source.ts';

/**
 * What a rule asks of a packet: a boolean expression over header fields and opaque predicates. A rule's match is
 * a product (`and`) of such conditions. Every leaf is either exact or {@link OpaqueCondition}; nothing is dropped.
 */
export type Condition =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'and'; readonly of: readonly Condition[] }
  | { readonly kind: 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | FieldCondition
  | MaskedCondition
  | AddressCondition
  | AddressMaskCondition
  | InterfaceCondition
  | AddressTypeCondition
  | TranslationCondition
  | GroupCondition
  | SetCondition
  | OpaqueCondition;

/** The field's value is in the set. False where the packet has no such field (see packet/fields.ts). */
export interface FieldCondition {
  readonly kind: 'field';
  readonly field: NumericField;
  readonly values: Ranges;
}

/** `(field & mask) === value`, for marks, flags, DSCP and the like. */
export interface MaskedCondition {
  readonly kind: 'masked';
  readonly field: NumericField;
  readonly mask: number;
  readonly value: number;
}

/** The packet is of the family, and its address is in the set (numbers for IPv4, bigints for IPv6). */
export type AddressCondition =
  | {
      readonly kind: 'address';
      readonly family: 4;
      readonly field: AddressField;
      readonly values: Ranges<number>;
    }
  | {
      readonly kind: 'address';
      readonly family: 6;
      readonly field: AddressField;
      readonly values: Ranges<bigint>;
    };

/** The packet is of the family and `(address & mask) === value`, for non-contiguous masks. */
export interface AddressMaskCondition {
  readonly kind: 'address-mask';
  readonly family: 4 | 6;
  readonly field: AddressField;
  readonly mask: bigint;
  readonly value: bigint;
}

/**
 * The interface's name is one of the names. A pattern with `prefix` true matches every name that begins so
 * (`eth+`; the empty prefix matches every name, the absent interface too). At a hook where the packet has no such
 * interface its name is empty, and matches no whole name but the empty one, which no interface has.
 */
export interface InterfaceCondition {
  readonly kind: 'interface';
  readonly field: 'in' | 'out';
  readonly names: readonly InterfacePattern[];
}

export interface InterfacePattern {
  readonly name: string;
  readonly prefix: boolean;
  /** No rule names it: it follows from one that a rule names (`eth0.+`, the VLANs of `eth0`). */
  readonly implied?: true;
  /** Of those that follow, the ones whose frames have a tag below. */
  readonly tagged?: true;
}

/** The pattern as rules of iptables have it: `eth0`, `ppp+`. */
export const interfaceText = ({ name, prefix }: InterfacePattern): string => `${name}${prefix ? '+' : ''}`;

export const ADDRESS_TYPES = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
] as const;
export type AddressType = (typeof ADDRESS_TYPES)[number];

/**
 * What the routing table calls the packet's source or destination (`-m addrtype`, nft `fib … type`). With `limit`
 * the address must be of that type on the packet's own interface. Depends on the host's facts.
 */
export interface AddressTypeCondition {
  readonly kind: 'address-type';
  readonly field: 'src' | 'dst';
  readonly types: readonly AddressType[];
  readonly limit?: 'in' | 'out' | undefined;
}

/** The connection's destination (`dnat`) or source (`snat`) has been translated (`--ctstate DNAT`). */
export interface TranslationCondition {
  readonly kind: 'translated';
  readonly what: 'dnat' | 'snat';
}

/**
 * The packet's fields, read by `dimensions`, are in the named set. Resolved against {@link NamedSet}s of the
 * ruleset when it is assembled; where the set was not supplied, it is replaced by an opaque condition.
 */
export interface SetCondition {
  readonly kind: 'set';
  readonly set: string;
  /** One direction for each dimension of the set: `src` or `dst` (`iptables-extensions(8)`, set). */
  readonly directions: readonly ('src' | 'dst')[];
  /**
   * `--return-nomatch`: in types with a `net` dimension the answer is reversed. A `nomatch` element found is a match,
   * a plain one is not (`iptables-extensions(8)`, set; kernel ip_set_test in net/netfilter/ipset/ip_set_core.c).
   */
  readonly returnNomatch: boolean;
  /** The match as written, for `dependsOn`. */
  readonly text: string;
  readonly span: Span;
}

/**
 * A test that postern does not model. The same stateless `text` on the same packet gives the same answer wherever
 * it stands; a stateful one (limit, recent, statistic, …) gives its own answer at each place.
 */
export interface OpaqueCondition {
  readonly kind: 'opaque';
  /** The match as written without its negation, e.g. `-m string --string "x" --algo bm`. */
  readonly text: string;
  readonly stateful: boolean;
  /** It holds for established packets of this direction of their connection, where it is known which that is. */
  readonly direction?: Direction;
  /** What it says of an address that the connection began with, which later packets of a connection have that is followed. */
  readonly began?: Condition;
  /** It holds where the packet came in by an interface that leads back to its source, which the routes decide. */
  readonly wayBack?: true;
  /** It is about the host, not about the packet: whatever happens to that, the answer is the same. */
  readonly lasting?: true;
  readonly span: Span;
}

/** Which way a packet of a connection goes: as its first packet did, or as the replies. */
export type Direction = 'original' | 'reply';

/**
 * The instance itself (`own`) or its peer (`peer`) is a member of the group: a cloud's security group, application
 * security group, network tag, service account or service tag whose members' addresses nobody gave. It stays what it
 * is, "members of sg-1": equal to itself, neither everybody nor nobody. Where the members are known an
 * {@link AddressCondition} stands in its place.
 */
export interface GroupCondition {
  readonly kind: 'group';
  readonly side: 'own' | 'peer';
  /** The group's id as packets and boxes name it (`groups`, `peerGroups`). */
  readonly group: string;
}

export const ALWAYS: Condition = { kind: 'always' };
export const NEVER: Condition = { kind: 'never' };

/** The conjunction, simplified. */
export function allOf(conditions: readonly Condition[]): Condition {
  return combine('and', conditions);
}

/** The disjunction, simplified. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return combine('or', conditions);
}

/** Both conditions, of which one is enough where the tool that loaded them has made one comparison of the two. */
export function bothOrAsOne(one: Condition, other: Condition, asOne: Condition): Condition {
  return anyOf([allOf([one, other]), allOf([anyOf([one, other]), asOne])]);
}

/** Flattens, drops what changes nothing, and stops at what decides all. A plain loop: dumps have a rule a line. */
function combine(kind: 'and' | 'or', conditions: readonly Condition[]): Condition {
  const neutral = kind === 'and' ? ALWAYS : NEVER;
  const decisive = kind === 'and' ? NEVER : ALWAYS;
  const kept: Condition[] = [];
  for (const condition of conditions) {
    if (condition.kind === decisive.kind) return decisive;
    if (condition.kind === neutral.kind) continue;
    if (condition.kind !== kind) kept.push(condition);
    else
      for (const inner of condition.of) {
        if (inner.kind === decisive.kind) return decisive;
        if (inner.kind !== neutral.kind) kept.push(inner);
      }
  }
  if (kept.length === 0) return neutral;
  // Copied, as a list that grew has room for more, and rules are kept.
  return kept.length === 1 ? (kept[0] as Condition) : { kind, of: kept.slice() };
}

/** The negation, simplified. */
export function negate(condition: Condition): Condition {
  if (condition.kind === 'always') return NEVER;
  if (condition.kind === 'never') return ALWAYS;
  return condition.kind === 'not' ? condition.of : { kind: 'not', of: condition };
}

/** The conditions that all must hold for one to hold. */
export function conjuncts(condition: Condition): readonly Condition[] {
  return condition.kind === 'and' ? condition.of : [condition];
}
