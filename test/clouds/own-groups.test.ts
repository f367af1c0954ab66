import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, type Finding, type InputFile } from '../../src/api.ts';
import { readCloudCase } from './cases.ts';

/** A site with its exports. */
interface Site {
  readonly configs: readonly InputFile[];
  readonly text: string;
}

const azure: Site = {
  configs: readCloudCase(join('fixtures/clouds/azure/application-groups-of-two')).configs,
  text: `version: 1
roles: { security-server: [10.0.0.5] }
hosts:
  - { name: web, role: security-server, networkSecurityGroup: web-nsg, configs: [nsg.json], baselines: [x-road-security-server] }
  - { name: app, role: security-server, networkSecurityGroup: app-nsg, configs: [nsg.json], baselines: [x-road-security-server] }
`,
};

/** Rules for a tag, which another rule names as the peer. */
const google: Site = {
  configs: readCloudCase(join('fixtures/clouds/gcp/tag-of-peers-and-targets')).configs,
  text: `version: 1
roles: { security-server: [10.0.0.5] }
hosts:
  - { name: others, role: security-server, network: default, configs: [rules.json], baselines: [x-road-security-server] }
  - { name: web, role: security-server, networkTags: [web], configs: [rules.json], baselines: [x-road-security-server] }
`,
};

async function findings({ configs, text }: Site, waivers?: object): Promise<readonly Finding[]> {
  const report = await check({
    deployment: { path: 'site.yaml', bytes: Buffer.from(text) },
    files: configs.map(({ path, bytes }) => ({ path, bytes })),
    ...(waivers === undefined
      ? {}
      : { waivers: { path: 'w.yaml', bytes: Buffer.from(JSON.stringify(waivers)) }, asOf: '2026-03-01' }),
  });
  if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join('; '));
  return report.value.hosts.flatMap((host) => host.findings);
}

/** What is left of the findings when one of them is waived by its packets, for all hosts. */
async function leftWithout(site: Site, { rule, hook, packets }: Finding): Promise<string[]> {
  const dates = { created: '2026-01-01', expires: '2026-12-31' };
  const waiver = { id: 'W', rule, hook, packets, owner: 'Ann', approver: 'Bob', reason: 'why', ...dates };
  const after = await findings(site, { version: 1, waivers: [waiver] });
  return fingerprints(after.filter((one) => one.waived === undefined));
}

const fingerprints = (found: readonly Finding[]): string[] =>
  found.map(({ fingerprint }) => fingerprint).sort();

describe('packets of a group and of an application security group inside of it', () => {
  it('name both, and a waiver of them takes the finding of that group only', async () => {
    const before = await findings(azure);
    const found = before.find(({ packets }) => packets[0]?.groups?.join() === 'web-nsg,db') as Finding;
    expect(found.witness?.groups).toEqual(['web-nsg', 'db']);
    expect(await leftWithout(azure, found)).toEqual(fingerprints(before.filter((one) => one !== found)));
  });
});

describe('packets of the instances without the tags that rules are for', () => {
  it('name these tags, and a waiver of either host takes the findings of that host only', async () => {
    const before = await findings(google);
    const excess = before.filter(({ code, hook }) => code === 'excessive' && hook === 'ingress');
    const [others, web] = ['exceptGroups', 'groups'].map((key) =>
      excess.find(({ packets }) => packets[0]?.[key as 'groups']?.join() === 'web'),
    ) as [Finding, Finding];
    expect(others.witness?.groups).toBeUndefined();
    for (const found of [others, web])
      expect(await leftWithout(google, found)).toEqual(fingerprints(before.filter((one) => one !== found)));
  });
});
