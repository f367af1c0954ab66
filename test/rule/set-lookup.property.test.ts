import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prefixRange } from '../../src/packet/address.ts';
import type { NamedSet, SetDimension, SetElement, SetPart } from '../../src/rule/named-set.ts';
import { setCondition } from '../../src/rule/set-condition.ts';
import { SourceFile } from '../../src/text/source.ts';
import { holds, type Probe } from './evaluate.ts';

/** A small world, so that elements meet: addresses 0-15 of 10.0.0.0/28, three ports, two marks. */
const BASE = 0x0a000000n;
const origin = { file: new SourceFile('x', ''), start: 0, end: 0 };
const address = fc.integer({ min: 0, max: 15 }).map((low) => BASE + BigInt(low));
const prefix = fc.constantFrom(0, 28, 29, 30, 31, 32);

/**
 * Hosts are ranges only where no element is `nomatch`: overlapping ranges with and without it are no content that the
 * kernel can have, and the reader refuses them.
 */
function part(dimension: SetDimension, ranges: boolean): fc.Arbitrary<SetPart> {
  switch (dimension) {
    case 'net':
      return fc.tuple(address, prefix).map(([at, length]) => ({
        kind: 'address',
        family: 4,
        ...prefixRange(4, at, length),
        prefix: length,
      }));
    case 'ip':
      return fc
        .tuple(address, address)
        .map(([a, b]) => (!ranges ? [a, a] : a < b ? [a, b] : [b, a]) as [bigint, bigint])
        .map(([lo, hi]) => ({ kind: 'address', family: 4, lo, hi, prefix: 32 }));
    case 'port':
      return fc
        .tuple(fc.constantFrom(6, 17), fc.integer({ min: 1, max: 3 }))
        .map(([protocol, port]) => ({ kind: 'port', protocol, lo: port, hi: port }));
    case 'mark':
      return fc.integer({ min: 0, max: 3 }).map((value) => ({ kind: 'mark', value: value & 1, mask: 1 }));
    default:
      return fc
        .constantFrom('eth0', 'eth1')
        .map((name) => ({ kind: 'iface', name, wildcard: false, physdev: false }));
  }
}

function keyOf(element: SetElement): string {
  return element.parts
    .map((p) => (p.kind === 'address' ? `${p.lo}-${p.hi}/${p.prefix}` : JSON.stringify(p)))
    .join();
}

function setOf(dimensions: readonly SetDimension[]): fc.Arbitrary<NamedSet> {
  const element = fc.record({
    parts: fc.tuple(...dimensions.map((dimension) => part(dimension, !dimensions.includes('net')))),
    nomatch: dimensions.includes('net') ? fc.boolean() : fc.constant(false),
    origin: fc.constant(origin),
  });
  return fc.array(element, { maxLength: 8 }).map((elements) => ({
    name: 's',
    type: `hash:${dimensions.join(',')}`,
    family: 4 as const,
    dimensions,
    elements: [...new Map(elements.map((one) => [keyOf(one), one])).values()],
    origin,
  }));
}

const packet: fc.Arbitrary<Probe> = fc.record({
  family: fc.constant(4 as const),
  src: address,
  dst: address,
  protocol: fc.constantFrom(6, 17),
  sport: fc.integer({ min: 1, max: 4 }),
  dport: fc.integer({ min: 1, max: 4 }),
  mark: fc.integer({ min: 0, max: 3 }),
  in: fc.constantFrom('eth0', 'eth1', 'eth2'),
  out: fc.constantFrom('eth0', 'eth1', ''),
  fragment: fc.constant(0),
});

/** The kernel's loops, one packet at a time: every prefix of the first network, in it every prefix of the second. */
function kernelFinds(
  set: NamedSet,
  probe: Probe,
  directions: readonly ('src' | 'dst')[],
): 'plain' | 'nomatch' | 'nothing' {
  const nets = set.dimensions.flatMap((dimension, at) => (dimension === 'net' ? [at] : []));
  const lengths = [32, 31, 30, 29, 28, 0];
  for (const first of nets.length > 0 ? lengths : [32])
    for (const second of nets.length > 1 ? lengths : [32]) {
      const step = set.elements.filter((element) =>
        nets.every(
          (at, i) => (element.parts[at] as { prefix: number }).prefix === (i === 0 ? first : second),
        ),
      );
      const hit = step.find((element) =>
        element.parts.every((p, at) => partHolds(p, probe, directions[at] as 'src' | 'dst')),
      );
      if (hit !== undefined) return hit.nomatch ? 'nomatch' : 'plain';
      const stops =
        set.dimensions.includes('iface') &&
        step.some((element) => partHolds(element.parts[0] as SetPart, probe, directions[0] as 'src' | 'dst'));
      if (stops) return 'nothing';
    }
  return 'nothing';
}

function partHolds(p: SetPart, probe: Probe, direction: 'src' | 'dst'): boolean {
  switch (p.kind) {
    case 'address':
      return p.lo <= probe[direction] && probe[direction] <= p.hi;
    case 'port':
      return p.protocol === probe.protocol && p.lo === probe[direction === 'src' ? 'sport' : 'dport'];
    case 'mark':
      return ((probe.mark as number) & p.mask) === p.value;
    case 'iface':
      return p.name === probe[direction === 'src' ? 'in' : 'out'];
    default:
      return false;
  }
}

const TYPES: readonly (readonly SetDimension[])[] = [
  ['ip'],
  ['ip', 'port'],
  ['ip', 'port', 'ip'],
  ['ip', 'mark'],
  ['net'],
  ['net', 'port'],
  ['ip', 'port', 'net'],
  ['net', 'net'],
  ['net', 'port', 'net'],
  ['net', 'iface'],
];

describe('set conditions and the lookup written as loops', () => {
  it.each(TYPES.map((type) => [type.join(','), type] as const))('agree on hash:%s', (_, type) => {
    const directions = fc.tuple(...type.map(() => fc.constantFrom('src' as const, 'dst' as const)));
    fc.assert(
      fc.property(
        setOf(type),
        directions,
        fc.boolean(),
        fc.array(packet, { minLength: 1, maxLength: 12 }),
        (set, ways, reversed, packets) => {
          const condition = setCondition(set, new Map(), ways, reversed);
          const wanted = reversed && type.includes('net') ? 'nomatch' : 'plain';
          for (const probe of packets)
            expect(holds(condition, probe)).toBe(kernelFinds(set, probe, ways) === wanted);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
