import { describe, expect, it } from 'vitest';
import { check, type InputFile } from '../../src/api.ts';
import { whole } from './cases.ts';

const file = (path: string, text: string): InputFile => ({ path, bytes: Buffer.from(text) });

const BASELINE = (loopback: boolean): string =>
  [
    'version: 1',
    'id: own',
    'title: Own',
    'document: { title: Own }',
    'closed: { in: true, out: false, forward: false }',
    'roles: { server: { title: S }, peer: { title: P } }',
    'rows:',
    loopback
      ? '  - { id: db, source: server, destination: server, protocols: [tcp], ports: [5432], loopback: true }'
      : '  - { id: db, source: peer, destination: server, protocols: [tcp], ports: [5432] }',
  ].join('\n');

const RULES = (match: string): string =>
  [
    '*mangle',
    ':OUTPUT ACCEPT [0:0]',
    '-A OUTPUT -p tcp -m tcp --dport 5432 -j MARK --set-xmark 0x7/0xffffffff',
    'COMMIT',
    '*filter',
    ':INPUT ACCEPT [0:0]',
    `-A INPUT ${match} -m mark --mark 0x7 -j DROP`,
    'COMMIT',
    '',
  ].join('\n');

async function told(match: string, loopback = true): Promise<readonly [number, string][]> {
  const site =
    'version: 1\nroles: { server: [10.1.2.10] }\nhosts:\n  - { name: h, role: server, configs: [rules], baselines: [./own.yaml] }\n';
  const files = [file('rules', RULES(match)), file('own.yaml', BASELINE(loopback))];
  const { coverage } = whole(await check({ deployment: file('site.yaml', site), files }));
  return coverage.map(({ line, reason }) => [line, reason]);
}

describe('marks that packets keep on the loopback interface', () => {
  it('are told where rules ask for them as the packets come in', async () => {
    expect(await told('-i lo')).toEqual([[3, expect.stringContaining('keeps its mark where it comes in')]]);
  });

  it.each([
    ['-i eth0', true],
    ['-i lo', false],
  ])('are nothing to tell with %s, and a row about loopback: %s', async (match, loopback) => {
    expect(await told(match, loopback)).toEqual([]);
  });
});
