import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALL_ADDRESSES,
  isEmpty,
  meet,
  PUBLIC,
  ROUTABLE,
  subtract,
  unite,
} from '../../src/baseline/addresses.ts';
import { documentDigest, rowDigest } from '../../src/baseline/digest.ts';
import { resolveHosts } from '../../src/baseline/resolve.ts';
import { nearest } from '../../src/text/nearest.ts';
import { formatRange } from '../../src/packet/address.ts';
import { contains } from '../../src/packet/ranges.ts';
import { baselineOf, deploymentOf, unwrap } from './support.ts';

const roles = ['r0', 'r1', 'r2', 'r3'];
const baseline = baselineOf(`version: 1
id: many
title: Many roles
document: { title: none }
closed: { in: true, out: true, forward: true }
roles: { host: { title: Host }, world: { title: World }, ${roles.map((role) => `${role}: { title: ${role} }`).join(', ')} }
rows:
  - { id: world, source: world, destination: host, protocols: [tcp], ports: [1] }
${roles.map((role) => `  - { id: ${role}, source: ${role}, destination: host, protocols: [tcp], ports: [1] }`).join('\n')}
`);

const range4 = fc
  .tuple(fc.nat(2 ** 32 - 1), fc.nat(2 ** 20))
  .map(([lo, length]) => formatRange(4, lo, Math.min(lo + length, 2 ** 32 - 1)));
const range6 = fc
  .tuple(fc.bigInt(0n, (1n << 128n) - 1n), fc.bigInt(0n, 1n << 90n))
  .map(([lo, length]) => formatRange(6, lo, lo + length < 1n << 128n ? lo + length : (1n << 128n) - 1n));
const bindings = fc.array(fc.oneof(range4, range6), { minLength: 1, maxLength: 4 });

describe('internet', () => {
  it('and the other roles are every address, and share none; what is needed is public and within', () => {
    fc.assert(
      fc.property(fc.array(bindings, { minLength: 4, maxLength: 4 }), (sets) => {
        const bound = roles.map((role, i) => `${role}: ${JSON.stringify(sets[i])}`).join(', ');
        const site = `version: 1\nroles: { world: internet, ${bound} }\nhosts: [{ name: h, role: host, baselines: [many] }]\n`;
        const [host] = unwrap(resolveHosts(deploymentOf(site), new Map([['many', baseline]])));
        const [world, ...others] = (host?.baselines[0]?.rows ?? []).map(({ source }) => ({
          sets: { ipv4: source.ipv4 ?? [], ipv6: source.ipv6 ?? [] },
          needed: { ipv4: source.needed?.ipv4 ?? [], ipv6: source.needed?.ipv6 ?? [] },
        }));
        const rest = others.map((other) => other.sets).reduce(unite);
        expect(others).toHaveLength(4);
        expect(unite(world?.sets ?? rest, rest)).toEqual(ALL_ADDRESSES);
        expect(isEmpty(meet(world?.sets ?? rest, rest))).toBe(true);
        expect(world?.needed).toEqual(meet(world?.sets ?? rest, PUBLIC));
      }),
      { numRuns: 200 },
    );
  });

  it('is routable, and not private', () => {
    expect(isEmpty(subtract(PUBLIC, ROUTABLE))).toBe(true);
    const ends = (lo: number, hi: number) =>
      [lo - 1, lo, hi, hi + 1].map((value) => contains(PUBLIC.ipv4, value));
    expect(ends(0x0a000000, 0x0affffff)).toEqual([true, false, false, true]);
    expect(ends(0xac100000, 0xac1fffff)).toEqual([true, false, false, true]);
    expect(ends(0xc0a80000, 0xc0a8ffff)).toEqual([true, false, false, true]);
    expect(ends(0x64400000, 0x647fffff)).toEqual([true, false, false, true]);
    expect(ends(0x7f000000, 0x7fffffff)).toEqual([true, false, false, true]);
  });
});

describe('digests', () => {
  it('do not see padding, and see everything else', () => {
    expect(rowDigest(['  a ', 'b\n c'])).toBe(rowDigest(['a', 'b c']));
    expect(rowDigest(['a', 'b c'])).not.toBe(rowDigest(['a b', 'c']));
    expect(rowDigest(['a', ''])).not.toBe(rowDigest(['a']));
    expect(documentDigest(['x', 'y'])).not.toBe(documentDigest(['y', 'x']));
  });
});

describe('suggestions', () => {
  it.each([
    ['secuirty-server', 'security-server'],
    ['SSH', 'ssh'],
    ['protocol', 'protocols'],
    ['zebra', undefined],
  ])('for %s is %s', (text, expected) => {
    expect(nearest(text, ['security-server', 'ssh', 'protocols', 'ports'])).toBe(expected);
  });

  it('of any text is one of the candidates, itself where it is one', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), fc.nat(), (candidates, at) => {
        const text = candidates[at % candidates.length] ?? '';
        expect(nearest(text, candidates)?.toLowerCase()).toBe(text.slice(0, 80).toLowerCase());
      }),
    );
  });
});
