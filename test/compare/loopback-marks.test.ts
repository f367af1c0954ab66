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

const RULES = (match: string, kind: 'mark' | 'connmark', arriving = ''): string =>
  [
    '*mangle',
    ':PREROUTING ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':NEVER - [0:0]',
    '-A NEVER -j MARK --set-xmark 0x9/0xffffffff',
    `-A OUTPUT -p tcp -m tcp --dport 5432 -j ${kind.toUpperCase()} --set-xmark 0x7/0xffffffff`,
    arriving,
    'COMMIT',
    '*filter',
    ':INPUT ACCEPT [0:0]',
    `-A INPUT ${match} --mark 0x7 -j DROP`,
    'COMMIT',
    '',
  ].join('\n');

async function told(rules: string, loopback = true): Promise<readonly [number, string][]> {
  const site =
    'version: 1\nroles: { server: [10.1.2.10] }\nhosts:\n  - { name: h, role: server, configs: [rules], baselines: [./own.yaml] }\n';
  const files = [file('rules', rules), file('own.yaml', BASELINE(loopback))];
  const { coverage } = whole(await check({ deployment: file('site.yaml', site), files }));
  return coverage.map(({ line, reason }) => [line, reason]);
}

describe('marks that packets keep on the loopback interface', () => {
  // Seen on Linux 6.18: counters of such rules in INPUT, for connections to 127.0.0.1.
  it.each([
    ['a mark', RULES('-i lo -m mark', 'mark')],
    ["the connection's", RULES('-i lo -m connmark', 'connmark')],
    [
      "the connection's, given to the packet",
      RULES('-m mark', 'connmark', '-A PREROUTING -j CONNMARK --restore-mark'),
    ],
  ])('are told where rules ask for them as the packets come in: %s', async (_, rules) => {
    expect(await told(rules)).toEqual([[6, expect.stringContaining('keeps its mark and its connection’s')]]);
  });

  it.each([
    ['another interface', RULES('-i eth0 -m mark', 'mark'), true],
    ["another interface, the connection's", RULES('-i eth0 -m connmark', 'connmark'), true],
    ['another mark', RULES('-i lo -m mark', 'connmark'), true],
    ['no row about loopback', RULES('-i lo -m mark', 'mark'), false],
  ])('are nothing to tell: %s', async (_, rules, loopback) => {
    expect(await told(rules, loopback)).toEqual([]);
  });
});
