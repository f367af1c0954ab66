import fc from 'fast-check';
import { ADDRESS_TYPES, type Condition } from '../../src/rule/condition.ts';
import { address, addressType, field, iface, inSet, masked, not, opaque, state } from '../support/rules.ts';
import { SET_USES } from './named-sets.ts';
import { INTERFACES, MACS, MARKS, NETWORKS4, NETWORKS6, one, PORTS, TEXTS } from './values.ts';

const ADDRESS_FIELDS = ['src', 'dst', 'origDst', 'origSrc'] as const;

function addressLeaf(family: 4 | 6): fc.Arbitrary<Condition> {
  const networks = family === 4 ? NETWORKS4 : NETWORKS6;
  const masks = family === 4 ? [0xffn, 0xff0000ffn, 1n] : [0xffffn, (0xffffn << 112n) | 0xffn];
  const values = family === 4 ? [10n, 0n, 0x0a00000an, 0xffn] : [0x10n, (0x2001n << 112n) | 0x10n, 0n];
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(one(ADDRESS_FIELDS), one(networks)).map(([name, text]) => address(name, text)),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(one(masks), one(values)).map(([mask, value]): Condition => {
        // Of an address that is not known the interpreter asks a mask without regard to ranges: it is less exact there.
        return { kind: 'address-mask', family, field: 'src', mask, value: value & mask };
      }),
    },
    // Rules of the other family in a table of both.
    { weight: 1, arbitrary: fc.constant(address('src', family === 4 ? '::/0' : '0.0.0.0/0')) },
  );
}

const portLeaf: fc.Arbitrary<Condition> = fc
  .tuple(one(['sport', 'dport', 'origSport', 'origDport'] as const), one(PORTS), one(PORTS))
  .map(([name, a, b]) => field(name, [Math.min(a, b), Math.max(a, b)]));

const interfaceLeaf: fc.Arbitrary<Condition> = fc
  .tuple(
    one(['in', 'out'] as const),
    // The empty name is that of no interface, which `-m physdev` asks for.
    fc.array(one([...INTERFACES, '', 'eth+', '+']), { minLength: 1, maxLength: 2 }),
  )
  .map(([name, patterns]) => iface(name, ...patterns));

const stateLeaf: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .subarray(['new', 'established', 'related', 'invalid', 'untracked'] as const, { minLength: 1 })
    .map((states) => state(...states)),
  one(['dnat', 'snat'] as const).map((what): Condition => ({ kind: 'translated', what })),
);

const headerLeaf: fc.Arbitrary<Condition> = fc.oneof(
  one([6, 17, 1, 58, 47, 33]).map((protocol) => field('protocol', protocol)),
  fc
    .tuple(one(['mark', 'ctmark'] as const), one(MARKS), one([0xffffffff, 0xf, 0x80000000]))
    .map(([name, value, mask]) => masked(name, mask, (value & mask) >>> 0)),
  one([0, 8, 128]).map((type) => field('icmpType', type)),
  one([0, 1]).map((code) => field('icmpCode', code)),
  fc
    .tuple(one([0x17, 0x02, 0x12]), one([0x02, 0x12, 0]))
    .map(([mask, value]) => masked('tcpFlags', mask, value & mask)),
  fc
    .tuple(one(['length', 'ttl', 'tos'] as const), one([0, 1, 60, 63, 64, 65, 255]))
    .map(([name, value]) => field(name, value)),
  fc.tuple(one([0xfc, 0x1c, 1]), one([0, 1, 0x10])).map(([mask, v]) => masked('tos', mask, v & mask)),
  one(MACS).map((value) => field('mac', value)),
  one([0, 1, 2]).map((value) => field('pkttype', value)),
  one([0, 1, 2]).map((value) => field('fragment', value)),
  fc
    .tuple(one([1, 8, 9]), one([0, 1, 8, 9]))
    .map(([mask, value]) => masked('extensionHeaders', mask, value & mask)),
);

const typeLeaf: fc.Arbitrary<Condition> = fc
  .tuple(
    one(['src', 'dst'] as const),
    fc.oneof(
      {
        weight: 4,
        arbitrary: one([
          ['local'],
          ['broadcast'],
          ['multicast'],
          ['unicast'],
          ['local', 'broadcast'],
        ] as const),
      },
      { weight: 1, arbitrary: fc.subarray([...ADDRESS_TYPES], { minLength: 1, maxLength: 3 }) },
    ),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: one(['in', 'out'] as const) },
    ),
  )
  .map(([name, types, limit]) => addressType(name, types, limit));

const setLeaf: fc.Arbitrary<Condition> = one(SET_USES).chain(([name, directions]) =>
  fc.tuple(one(directions), fc.boolean()).map(([direction, reversed]) => inSet(name, direction, reversed)),
);

const opaqueLeaf: fc.Arbitrary<Condition> = fc
  .tuple(one(TEXTS), fc.boolean())
  .map(([text, stateful]) => opaque(text, stateful));

function leaf(family: 4 | 6): fc.Arbitrary<Condition> {
  return fc.oneof(
    { weight: 3, arbitrary: addressLeaf(family) },
    { weight: 2, arbitrary: portLeaf },
    { weight: 1, arbitrary: interfaceLeaf },
    { weight: 2, arbitrary: stateLeaf },
    { weight: 3, arbitrary: headerLeaf },
    { weight: 1, arbitrary: typeLeaf },
    { weight: 2, arbitrary: setLeaf },
    { weight: 1, arbitrary: opaqueLeaf },
  );
}

/** A condition of the family: leaves, their negations, and small sums and products. */
export function conditionArbitrary(family: 4 | 6): fc.Arbitrary<Condition> {
  const part = leaf(family);
  const some = fc.array(part, { minLength: 2, maxLength: 3 });
  return fc.oneof(
    { weight: 6, arbitrary: part },
    { weight: 3, arbitrary: part.map(not) },
    { weight: 1, arbitrary: some.map((of): Condition => ({ kind: 'or', of })) },
    { weight: 1, arbitrary: some.map((of): Condition => not({ kind: 'and', of })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(some, part)
        .map(([of, last]): Condition => not({ kind: 'or', of: [{ kind: 'and', of }, not(last)] })),
    },
  );
}
