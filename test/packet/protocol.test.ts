import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseProtocol, protocolName, protocolNames } from '../../src/packet/protocol.ts';

describe('protocols', () => {
  it.each([
    ['tcp', 6],
    ['TCP', 6],
    ['icmpv6', 58],
    ['ipv6-icmp', 58],
    ['0', 0],
    ['255', 255],
  ])('reads %s', (text, number) => expect(parseProtocol(text)).toBe(number));
  it.each(['256', '-1', '06', '', 'all', 'tcpp', '1e1', 'constructor'])('refuses `%s`', (text) =>
    expect(parseProtocol(text)).toBeUndefined(),
  );
  it('prints names that it reads', () => {
    for (let number = 0; number < 256; number++) expect(parseProtocol(protocolName(number))).toBe(number);
    for (const [name, number] of protocolNames()) expect(parseProtocol(name)).toBe(number);
  });
  it.skipIf(!existsSync('/etc/protocols'))('says what /etc/protocols says', () => {
    const lines = readFileSync('/etc/protocols', 'utf8').split('\n');
    const entries = lines.flatMap((line) => {
      const [name, number] = line.replace(/#.*/, '').trim().split(/\s+/);
      return name && number && Number(number) < 256 ? [[name, Number(number)] as const] : [];
    });
    expect(entries.length).toBeGreaterThan(40);
    for (const [name, number] of entries) expect([name, parseProtocol(name)]).toEqual([name, number]);
  });
});
