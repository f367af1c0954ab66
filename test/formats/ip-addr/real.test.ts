import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ipAddrReader } from '../../../src/formats/ip-addr/index.ts';
import { formatAddress } from '../../../src/packet/address.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { orRequired } from '../../support/required.ts';

const NAMESPACE = `postern-addr-${process.pid}`;

function run(command: string): string {
  return (
    spawnSync('ip', ['netns', 'exec', NAMESPACE, 'sh', '-c', command], { encoding: 'utf8' }).stdout ?? ''
  );
}

function hasNamespaces(): boolean {
  if (process.getuid?.() !== 0 || spawnSync('ip', ['netns', 'add', NAMESPACE]).status !== 0) return false;
  spawnSync('ip', ['netns', 'del', NAMESPACE]);
  return true;
}

const NAMESPACES = orRequired(hasNamespaces());

describe.skipIf(!NAMESPACES)('ip -j addr as it really prints (root and network namespaces)', () => {
  it.each(['', '-d ', '-p ', '-s '])('with options `%s`', (options) => {
    spawnSync('ip', ['netns', 'add', NAMESPACE]);
    try {
      run('ip link set lo up; ip link add v0 type veth peer name v1; ip addr add 192.0.2.1/24 brd + dev v0');
      run(
        'ip addr add 192.0.2.9/24 dev v0; ip addr add 10.0.0.1 peer 10.0.0.2/32 dev v1; ip -6 addr add 2001:db8::1/64 dev v0',
      );
      const result = ipAddrReader.read(
        new SourceFile('addr.json', run(`ip ${options}-j addr`)),
        'ip-addr',
        'host',
      );
      if (!result.ok) throw new Error(result.errors[0]?.message);
      const { host } = result.value;
      expect([...(host?.interfaces ?? [])].sort()).toEqual(expect.arrayContaining(['lo', 'v0', 'v1']));
      const shown = host?.addresses.map(
        (a) =>
          `${a.interface} ${formatAddress(a.family, a.address)}/${a.prefixLength}${a.secondary ? ' secondary' : ''}`,
      );
      expect(shown).toEqual(
        expect.arrayContaining([
          'lo 127.0.0.1/8',
          'lo ::1/128',
          'v0 192.0.2.1/24',
          'v0 192.0.2.9/24 secondary',
          'v1 10.0.0.1/32',
          'v0 2001:db8::1/64',
        ]),
      );
      const local = run('ip route show table local type local')
        .split('\n')
        .filter((line) => line.startsWith('local'))
        .map((line) => line.split(' ')[1]);
      for (const address of local.filter((text) => !text?.includes('/')))
        expect(host?.addresses.map((a) => formatAddress(a.family, a.address))).toContain(address);
    } finally {
      spawnSync('ip', ['netns', 'del', NAMESPACE]);
    }
  });
});

it('any mutation of a listing is answered', () => {
  const root = join(import.meta.dirname, '../../../fixtures/ip-addr');
  const texts = readdirSync(root).map((name) => readFileSync(join(root, name, 'input.json'), 'utf8'));
  const piece = fc.constantFrom(
    '',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    'null',
    '-1',
    '1e9',
    '"local":',
    '\\',
    '\0',
    'é',
  );
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat({ max: 20 }), piece, (text, at, cut, insert) => {
      const place = text.length === 0 ? 0 : at % text.length;
      const mutated = text.slice(0, place) + insert + text.slice(place + cut);
      const result = ipAddrReader.read(new SourceFile('x', mutated), 'ip-addr', 'x');
      if (result.ok) expect(result.value.host?.interfaces.length).toBeGreaterThan(0);
      else expect(result.errors[0]?.span?.start).toBeLessThanOrEqual(mutated.length);
    }),
    { numRuns: 500 },
  );
});
