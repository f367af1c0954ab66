import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, type Finding } from '../../src/api.ts';
import { readCloudCase } from './cases.ts';

const { configs } = readCloudCase(join('fixtures/clouds/azure/application-groups-of-two'));
const site = `version: 1
roles: { security-server: [10.0.0.5] }
hosts:
  - { name: web, role: security-server, networkSecurityGroup: web-nsg, configs: [nsg.json], baselines: [x-road-security-server] }
  - { name: app, role: security-server, networkSecurityGroup: app-nsg, configs: [nsg.json], baselines: [x-road-security-server] }
`;

async function findings(waivers?: object): Promise<readonly Finding[]> {
  const report = await check({
    deployment: { path: 'site.yaml', bytes: Buffer.from(site) },
    files: configs.map(({ path, bytes }) => ({ path, bytes })),
    ...(waivers === undefined
      ? {}
      : { waivers: { path: 'w.yaml', bytes: Buffer.from(JSON.stringify(waivers)) }, asOf: '2026-03-01' }),
  });
  if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join('; '));
  return report.value.hosts.flatMap((host) => host.findings);
}

describe('packets of a group and of an application security group inside of it', () => {
  it('name both, and a waiver of them takes the finding of that group only', async () => {
    const before = await findings();
    const found = before.find(({ packets }) => packets[0]?.groups?.join() === 'web-nsg,db') as Finding;
    expect(found.witness?.groups).toEqual(['web-nsg', 'db']);
    const waiver = {
      id: 'W',
      rule: found.rule,
      hook: found.hook,
      packets: found.packets,
      owner: 'Ann',
      approver: 'Bob',
      reason: 'why',
      created: '2026-01-01',
      expires: '2026-12-31',
    };
    const after = await findings({ version: 1, waivers: [waiver] });
    const left = after.filter((one) => one.waived === undefined);
    expect(left.map(({ fingerprint }) => fingerprint).sort()).toEqual(
      before
        .filter((one) => one !== found)
        .map(({ fingerprint }) => fingerprint)
        .sort(),
    );
  });
});
