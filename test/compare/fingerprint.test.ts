import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/compare/finding/finding.ts';
import type { Box } from '../../src/finding/report.ts';

/** As it is defined: SHA-256 of this JSON. */
function defined(host: string, packets: readonly Box[]): string {
  const text = JSON.stringify([host, 'undocumented-opening', null, null, 'ipv4', 'input', packets]);
  return createHash('sha256').update(text).digest('hex');
}

const made = (packets: readonly Box[], host = 'h"1'): string =>
  fingerprintOf(host, { rule: 'undocumented-opening', family: 'ipv4', hook: 'input', packets });

const addresses = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`);

describe('a fingerprint', () => {
  it('is the same digest, however long the lists are', () => {
    for (const count of [1, 64, 65, 400]) {
      const packets: Box[] = [
        { family: 'ipv4', protocols: ['6'], sources: addresses(count), destinationPorts: ['22'] },
        { family: 'ipv4', destinations: addresses(count), in: { any: ['eth"0'] } },
      ];
      expect(made(packets)).toBe(defined('h"1', packets));
      // Asked again, of the same lists and of others like them.
      expect(made(packets)).toBe(defined('h"1', packets));
      expect(made(structuredClone(packets))).toBe(defined('h"1', packets));
    }
  });

  it('differs where a long list does', () => {
    const [one, other] = [addresses(100), [...addresses(99), '10.9.9.9']];
    expect(made([{ family: 'ipv4', sources: one }])).not.toBe(made([{ family: 'ipv4', sources: other }]));
  });
});
