import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressMaximum,
  formatAddress,
  formatPrefix,
  formatRange,
  maskPrefix,
  parseAddressRange,
  parseIPv4,
  parseIPv6,
  parsePrefix,
  prefixMask,
  prefixRange,
  rangeToPrefixes,
} from '../../src/packet/address.ts';

const ipv4 = fc.integer({ min: 0, max: 0xffff_ffff });
/** Groups that are often zero, so that `::` stands at every place. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  })
  .map((groups) => groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n));

describe('IPv4', () => {
  it('reads what it prints', () => {
    fc.assert(fc.property(ipv4, (value) => parseIPv4(formatAddress(4, value)) === value));
  });
  it.each([
    ['0.0.0.0', 0],
    ['255.255.255.255', 0xffff_ffff],
    ['192.0.2.7', 0xc000_0207],
  ])('reads %s', (text, value) => expect(parseIPv4(text)).toBe(value));
  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '01.2.3.4',
    '00.0.0.0',
    '256.1.1.1',
    '999.1.1.1',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '0x1.2.3.4',
    '1.2.3.-4',
    '1.2.3.4/8',
    '١.2.3.4',
    'a.a.a.a',
  ])('refuses `%s`', (text) => expect(parseIPv4(text)).toBeUndefined());
});

describe('IPv6', () => {
  it('reads what it prints', () => {
    fc.assert(fc.property(ipv6, (value) => parseIPv6(formatAddress(6, value)) === value));
  });
  it('prints as the URL standard does, which follows RFC 5952 but for the mixed notation', () => {
    fc.assert(
      fc.property(ipv6, (value) => {
        fc.pre(value >> 32n !== 0xffffn);
        const host = new URL(
          `http://[${value
            .toString(16)
            .padStart(32, '0')
            .replace(/(....)(?!$)/g, '$1:')}]/`,
        ).hostname;
        expect(formatAddress(6, value)).toBe(host.slice(1, -1));
      }),
    );
  });
  it.each([
    ['::', 0n],
    ['::1', 1n],
    ['1::', 1n << 112n],
    ['::ffff:192.0.2.1', 0xffff_c000_0201n],
    ['1:2:3:4:5:6:7.8.9.10', 0x0001_0002_0003_0004_0005_0006_0708_090an],
    ['1:2:3:4:5:6:7::', 0x0001_0002_0003_0004_0005_0006_0007_0000n],
    ['::2:3:4:5:6:7:8', 0x0002_0003_0004_0005_0006_0007_0008n],
    ['2001:DB8::0001', 0x2001_0db8_0000_0000_0000_0000_0000_0001n],
    ['1:0:0:4::', 0x0001_0000_0000_0004_0000_0000_0000_0000n],
  ])('reads %s', (text, value) => expect(parseIPv6(text)).toBe(value));
  it.each([
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1::2::3',
    ':1::',
    '1::2:',
    '12345::',
    '2001:db8::1%eth0',
    'g::',
    '::1.2.3',
    '::1.2.3.4.5',
    '::01.2.3.4',
    '1.2.3.4',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1::2::1.2.3.4',
    '::1/64',
    ' ::1',
    '::ffff:256.1.1.1',
    '[::1]',
  ])('refuses `%s`', (text) => expect(parseIPv6(text)).toBeUndefined());
  it('agrees with the URL parser on text made of the right letters', () => {
    const text = fc.string({
      unit: fc.constantFrom('0', '1', 'f', ':', ':', '::', '.', '12.3.4.5'),
      maxLength: 14,
    });
    fc.assert(
      fc.property(text, (candidate) => {
        const valid = URL.canParse(`http://[${candidate}]/`);
        expect(parseIPv6(candidate) !== undefined).toBe(valid);
      }),
      { numRuns: 2000 },
    );
  });
  it.each([
    [0n, '::'],
    [1n, '::1'],
    [0x2001_0db8_0000_0000_0001_0000_0000_0001n, '2001:db8::1:0:0:1'],
    [0x2001_0db8_0000_0001_0001_0001_0001_0001n, '2001:db8:0:1:1:1:1:1'],
    [0xffff_0a00_0001n, '::ffff:10.0.0.1'],
  ])('prints %d as %s', (value, text) => expect(formatAddress(6, value)).toBe(text));
});

describe('prefixes and ranges', () => {
  it('tells host bits and takes them off', () => {
    expect(parsePrefix('10.1.2.3/24')).toEqual({
      family: 4,
      lo: 0x0a010200n,
      hi: 0x0a0102ffn,
      prefix: 24,
      hostBits: true,
    });
    expect(parsePrefix('2001:db8::/32')).toMatchObject({ family: 6, prefix: 32, hostBits: false });
    expect(parsePrefix('0.0.0.0/0')).toEqual({
      family: 4,
      lo: 0n,
      hi: 0xffff_ffffn,
      prefix: 0,
      hostBits: false,
    });
    expect(parsePrefix('192.0.2.1')).toMatchObject({ lo: 0xc0000201n, hi: 0xc0000201n, prefix: 32 });
  });
  it.each([
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/255.0.0.0',
    '/8',
    '10.0.0.0/8/8',
  ])('refuses `%s`', (text) => expect(parsePrefix(text)).toBeUndefined());
  it('reads ranges', () => {
    expect(parseAddressRange('10.0.0.1-10.0.0.9')).toEqual({ family: 4, lo: 0x0a000001n, hi: 0x0a000009n });
    expect(parseAddressRange('10.0.0.0/30')).toEqual({ family: 4, lo: 0x0a000000n, hi: 0x0a000003n });
    expect(parseAddressRange('10.0.0.9-10.0.0.1')).toBeUndefined();
    expect(parseAddressRange('10.0.0.9-::1')).toBeUndefined();
    expect(formatRange(4, 1, 1)).toBe('0.0.0.1');
    expect(formatRange(6, 1n, 0xffn)).toBe('::1-::ff');
    expect(formatPrefix(4, 0x0a000000, 8)).toBe('10.0.0.0/8');
    expect(formatPrefix(6, 1n, 128)).toBe('::1');
  });
  it('knows masks', () => {
    expect(maskPrefix(4, 0xff00_0000n)).toBe(8);
    expect(maskPrefix(4, 0xff00_ff00n)).toBeUndefined();
    expect(maskPrefix(6, prefixMask(6, 0))).toBe(0);
    expect(prefixMask(6, 128)).toBe(addressMaximum(6));
  });
  it('splits a range into adjoining networks that together are the range', () => {
    fc.assert(
      fc.property(ipv4, ipv4, (a, b) => {
        const [lo, hi] = a < b ? [BigInt(a), BigInt(b)] : [BigInt(b), BigInt(a)];
        let at = lo;
        for (const network of rangeToPrefixes(4, lo, hi)) {
          expect(network.lo).toBe(at);
          const range = prefixRange(4, network.lo, network.prefix);
          expect(range.lo).toBe(at);
          at = range.hi + 1n;
        }
        expect(at).toBe(hi + 1n);
      }),
    );
    expect(rangeToPrefixes(6, 0n, addressMaximum(6))).toEqual([{ lo: 0n, prefix: 0 }]);
  });
});
