import { PORT_PROTOCOLS } from '../../../packet/packet.ts';
import { normalise } from '../../../packet/ranges.ts';
import {
  ALWAYS,
  allOf,
  anyOf,
  type Condition,
  type Direction,
  NEVER,
  negate,
} from '../../../rule/condition.ts';
import type { Selector } from '../ast/ast.ts';
import type { MakeOpaque, TableContext } from '../lower/context.ts';
import { TYPES } from '../types/datatypes.ts';
import {
  address,
  between,
  enumerated,
  FIRST,
  families,
  type Leaf,
  numeric,
  ofFamily,
  onFirst,
  type Read,
  RELATED,
  stateLeaf,
  TRACKED,
} from './leaf.ts';

/** Decided where it is known which way an established packet goes. */
const directed = (open: Condition, direction: Direction): Condition =>
  open.kind === 'opaque' ? { ...open, direction } : open;

type Ct = Extract<Selector, { kind: 'ct' }>;

/** Without a connection nothing but the state can be read (net/netfilter/nft_ct.c, nft_ct_get_eval: NFT_BREAK). */
export function connectionField(selector: Ct, context: TableContext, open: MakeOpaque): Read {
  const { key } = selector;
  const way = (): Condition => open(true, undefined, 'ways');
  switch (key) {
    case 'state':
      return stateLeaf();
    case 'mark':
      return numeric('ctmark', TYPES.mark, TRACKED);
    case 'status':
      return statusLeaf(() => open(true));
    case 'direction':
      return enumerated('ct direction', TYPES.direction, TRACKED, [
        [0n, onFirst(ALWAYS, directed(way(), 'original'))],
        [1n, onFirst(NEVER, directed(way(), 'reply'))],
      ]);
    case 'l3proto':
      return enumerated('ct l3proto', TYPES.nfproto, TRACKED, families(2n, 10n));
    case 'protocol':
      return protocolLeaf(open);
    case 'saddr':
    case 'daddr':
      return addressLeaf(selector, context, open);
    case 'proto-src':
    case 'proto-dst':
      return portLeaf(selector, open);
    default:
      return { guard: TRACKED };
  }
}

/** The connection's protocol is the packet's, but for errors, which are about another packet's connection. */
function protocolLeaf(open: MakeOpaque): Leaf {
  const plain = numeric('protocol', TYPES.protocol, TRACKED);
  const icmp: Condition = { kind: 'field', field: 'protocol', values: [1, 1, 58, 58] };
  const error = allOf([RELATED, icmp]);
  const { masked: _masked, ...rest } = plain;
  const member: Leaf['member'] = (values) =>
    anyOf([allOf([negate(error), plain.member(values)]), allOf([error, open(true, undefined, 'same')])]);
  return { ...rest, key: 'ct protocol', member };
}

/** The end of the connection that a first packet shows: of the reply, the other one, as translated by then. */
function turned<T>(selector: Ct, source: T, destination: T): T {
  const first = selector.key === 'saddr' || selector.key === 'proto-src';
  return first === (selector.direction === 'original') ? source : destination;
}

function addressLeaf(selector: Ct, { table }: TableContext, open: MakeOpaque): Read {
  const own = selector.family ?? (table.family === 'ip' || table.family === 'ip6' ? table.family : undefined);
  if (own === undefined || selector.direction === undefined) return { guard: TRACKED };
  const family = own === 'ip' ? 4 : 6;
  const isOriginal = selector.direction === 'original';
  const later = (): Condition => open(true, undefined, isOriginal ? 'followed' : 'first');
  const field = isOriginal
    ? turned(selector, 'origSrc' as const, 'origDst' as const)
    : turned(selector, 'src' as const, 'dst' as const);
  const plain = address(family, field, allOf([ofFamily(family), TRACKED]));
  const known = (found: Condition): Condition =>
    onFirst(found, isOriginal ? beginning(later(), found) : later());
  const { masked } = plain;
  return {
    ...plain,
    key: `ct ${plain.key}`,
    member: (values) => known(plain.member(values)),
    ...(masked && { masked: (mask: bigint, value: bigint) => known(masked(mask, value)) }),
  };
}

/** Decided of later packets too, where it is known what their connection began with. */
const beginning = (open: Condition, began: Condition): Condition =>
  open.kind === 'opaque' ? { ...open, began } : open;

/** Protocols whose connections have the packet's ports: recent kernels (seen on 6.18) track DCCP without them. */
const TRACKED_PORTS: Condition = {
  kind: 'field',
  field: 'protocol',
  values: normalise(
    PORT_PROTOCOLS.filter((number) => number !== 33).map((number) => [number, number] as const),
  ),
};

function portLeaf(selector: Ct, open: MakeOpaque): Read {
  if (selector.direction === undefined) return { guard: TRACKED };
  const field =
    selector.direction === 'original'
      ? turned(selector, 'origSport' as const, 'origDport' as const)
      : turned(selector, 'sport' as const, 'dport' as const);
  const plain = numeric(field, TYPES.port, TRACKED);
  const known = allOf([FIRST, TRACKED_PORTS, between(field, 0, 0xffff)]);
  const { masked: _masked, ...rest } = plain;
  const isOriginal = selector.direction === 'original';
  const others = (): Condition => open(true, undefined, isOriginal ? 'followed' : 'first');
  const later = (asked: Condition): Condition =>
    isOriginal
      ? beginning(others(), anyOf([allOf([TRACKED_PORTS, asked]), allOf([negate(TRACKED_PORTS), others()])]))
      : others();
  const member: Leaf['member'] = (values) => {
    const asked = plain.member(values);
    return anyOf([allOf([known, asked]), allOf([negate(known), later(asked)])]);
  };
  return { ...rest, key: `ct ${selector.direction} ${selector.key}`, member };
}

/** One bit at a time; the translations are followed, the others known in part. */
function statusLeaf(open: () => Condition): Leaf {
  const bit = (mask: bigint): Condition => {
    if (mask === 32n) return { kind: 'translated', what: 'dnat' };
    if (mask === 16n) return { kind: 'translated', what: 'snat' };
    return mask === 1n || mask === 2n || mask === 4n ? onFirst({ kind: 'never' }, open()) : open();
  };
  return {
    key: 'ct status',
    type: TYPES.status,
    guard: TRACKED,
    changes: true,
    member: () => open(),
    masked: (mask, value) => {
      const bits = [...Array(32).keys()].map((at) => 1n << BigInt(at)).filter((one) => (mask & one) !== 0n);
      return allOf(bits.map((one) => ((value & one) !== 0n ? bit(one) : negate(bit(one)))));
    },
  };
}
