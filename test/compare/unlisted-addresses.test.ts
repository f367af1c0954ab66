import { describe, expect, it } from 'vitest';
import { check } from '../../src/api.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

const OWN = `version: 1
id: own
title: The baseline own
document: { title: A list made for this test }
closed: { in: false, out: false, forward: false }
roles:
  member: { title: Member }
rows:
  - { id: sync, cells: { From: Member, To: Member, Port: "5432" }, source: member, destination: member, protocols: [tcp], ports: [5432] }
`;
const ADDR = JSON.stringify([
  {
    ifname: 'lo',
    flags: ['LOOPBACK'],
    addr_info: [
      { family: 'inet', local: '127.0.0.1', prefixlen: 8 },
      { family: 'inet6', local: '::1', prefixlen: 128 },
    ],
  },
  { ifname: 'eth0', flags: ['UP'], addr_info: [{ family: 'inet', local: '10.1.2.10', prefixlen: 24 }] },
]);

async function coverageOf(roles: string, own = ''): Promise<readonly string[]> {
  const site = `version: 1\nroles: { member: ${roles} }\nhosts:\n  - { name: one, role: member, ${own}configs: [rules.v4, addr.json], baselines: [./own.yaml] }\n`;
  const report = await check({
    deployment: { path: 'site.yaml', bytes: bytes(site) },
    files: [
      { path: 'own.yaml', bytes: bytes(OWN) },
      { path: 'rules.v4', bytes: bytes('*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n') },
      { path: 'addr.json', bytes: bytes(ADDR) },
    ],
  });
  return report.ok ? report.value.coverage.map(({ file, reason }) => `${file}: ${reason}`) : ['error'];
}

describe('a role of several single addresses', () => {
  it('may be of several machines, where `ip -j addr` lists some of them alone', async () => {
    const [told, ...others] = await coverageOf('[10.1.2.10, 10.1.2.11, 10.1.2.20]');
    expect(others).toEqual([]);
    expect(told).toBe(
      'addr.json: this does not list 10.1.2.11 and others of the role `member`, which is taken for the host’s too: where another machine has it, write `addresses:` beside the host, so that rows between the two are judged',
    );
  });

  it.each([
    ['the host says which are its own', '[10.1.2.10, 10.1.2.11]', 'addresses: [10.1.2.10], '],
    ['all of them are listed', '[10.1.2.10]', ''],
    ['none is listed, as behind a translation', '[198.51.100.10, 198.51.100.11]', ''],
    ['it is written as a network', '[10.1.2.0/24]', ''],
  ])('is told of nothing where %s', async (_, roles, own) => {
    expect(await coverageOf(roles, own)).toEqual([]);
  });
});
