import { describe, expect, it } from 'vitest';
import { check, type InputFile } from '../../src/api.ts';

const file = (path: string, content: string): InputFile => ({ path, bytes: Buffer.from(content) });

const RULES = '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';
const LINKS = [
  { ifname: 'lo', flags: ['LOOPBACK'], addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8 }] },
  { ifname: 'eth0', addr_info: [{ family: 'inet', local: '10.1.2.10', prefixlen: 24 }] },
  { ifname: 'tun3', addr_info: [] },
];
const PARTS = [
  ...LINKS,
  { ifname: 'bond0', addr_info: [] },
  { ifname: 'eth1', master: 'bond0', addr_info: [] },
  { ifname: 'eth2', master: 'bond0', addr_info: [] },
];
const BASELINE = `version: 1
id: own
title: Our own
document: { title: A list of ours }
closed: { in: true, out: false, forward: false }
roles: { server: { title: Server }, admin: { title: Admin } }
rows:
  - { id: a, cells: { Port: "22" }, source: admin, destination: server, protocols: [tcp], ports: [22] }
`;

/** The warnings of a check where the admins are bound so. */
async function warnings(admin: string, configs: string, links: readonly object[] = LINKS): Promise<string[]> {
  const site = `version: 1
roles: { server: 10.1.2.10, admin: { interfaces: ${admin} } }
hosts: [{ name: one, role: server, configs: ${configs}, baselines: [./own.yaml] }]
`;
  const files = [file('one.v4', RULES), file('addr.json', JSON.stringify(links)), file('own.yaml', BASELINE)];
  const report = await check({ deployment: file('site.yaml', site), files });
  if (!report.ok) throw new Error(JSON.stringify(report.errors));
  for (const { message } of report.warnings)
    expect(report.value.coverage.map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining(message),
    );
  return report.warnings.map(({ message }) => message);
}

describe('a role that is bound to interfaces', () => {
  it('of which the host has none is told', async () => {
    expect(await warnings('[eth9, wlan+]', '[one.v4, addr.json]')).toEqual([
      '`admin` is bound to eth9, wlan+, which `one` does not have: it has lo, eth0, tun3',
    ]);
  });

  it.each(['[eth0]', '[eth9, tun+]'])('of which the host has one is not: %s', async (admin) => {
    expect(await warnings(admin, '[one.v4, addr.json]')).toEqual([]);
  });

  it('that are parts of another is told, where the other is not named too', async () => {
    expect(await warnings('[eth1]', '[one.v4, addr.json]', PARTS)).toEqual([
      '`admin` is bound to eth1, a part of bond0 on `one`: rules see packets by the whole alone',
    ]);
    expect(await warnings('[eth1, bond0]', '[one.v4, addr.json]', PARTS)).toEqual([]);
  });

  it('that are parts of a part is told of the whole', async () => {
    const parts = [...LINKS, { ifname: 'br0', addr_info: [] }];
    const bond = { ifname: 'bond0', master: 'br0', addr_info: [] };
    const links = [...parts, bond, { ifname: 'eth1', master: 'bond0', addr_info: [] }];
    expect(await warnings('[eth1]', '[one.v4, addr.json]', links)).toEqual([
      '`admin` is bound to eth1, a part of br0 on `one`: rules see packets by the whole alone',
    ]);
  });

  it('that are ports of Open vSwitch is not told of the master of all its ports', async () => {
    const links = [...LINKS, { ifname: 'eth1', master: 'ovs-system', addr_info: [] }];
    expect(await warnings('[eth1]', '[one.v4, addr.json]', links)).toEqual([
      "`admin` is bound to eth1, a part of a switch on `one`: rules see packets by the switch's internal ports alone",
    ]);
  });

  it('is not told where nobody says what the host has', async () => {
    expect(await warnings('[eth9]', '[one.v4]')).toEqual([]);
  });
});
