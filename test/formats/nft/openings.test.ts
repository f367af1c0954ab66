import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openingsOf } from '../../../src/compare/openings.ts';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { assemble } from '../../../src/rule/assemble.ts';
import { SourceFile } from '../../../src/text/source.ts';

/** What a fixture lets through, in short. */
function opened(name: string, hook: 'input' | 'forward'): readonly string[] {
  const path = join(import.meta.dirname, '../../../fixtures/nft', name, 'ruleset.nft');
  const read = nftReader.read(new SourceFile('ruleset.nft', readFileSync(path, 'utf8')), 'nft', 'nft');
  if (!read.ok) throw new Error(JSON.stringify(read.errors.map(({ message }) => message)));
  const assembled = assemble([read.value]);
  if (!assembled.ok) throw new Error('not assembled');
  return openingsOf(assembled.value.ruleset, hook, () => undefined).map(({ certainty, box, rules }) => {
    const { family, protocols, sources, destinations, destinationPorts } = box;
    const fields = [protocols, sources, destinations, destinationPorts].map((field) => field?.join() ?? '*');
    return `${certainty} ${family} ${fields.join(' ')} by ${rules.map(({ line }) => line).join()}`;
  });
}

describe('what nft rulesets let through', () => {
  it('a workstation with sets, verdict maps and a limit', () => {
    const found = opened('workstation', 'input');
    expect(found).toContain('definite ipv4 6 10.0.0.0-10.255.255.255,192.168.1.5 * 22,8000-8010 by 10');
    expect(found).toContain('definite ipv4 6 1.2.3.4 * 443 by 17');
    expect(found).toContain('possible ipv6 17 * * 53 by 12');
    // The rule for IPv4 addresses says nothing of IPv6.
    expect(found.filter((line) => line.startsWith('definite ipv6') && line.includes('22'))).toEqual([]);
  });

  it('a host with containers; no table hooks IPv6, which is open', () => {
    expect(opened('docker', 'input')).toEqual(['definite ipv4 6 * * 22 by 24', 'definite ipv6 * * * * by ']);
    expect(opened('docker', 'forward')).toContain('definite ipv4 6 * 172.17.0.2 80 by 19');
  });
});
