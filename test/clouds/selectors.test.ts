import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, type Report, type Result } from '../../src/api.ts';

/** A host of each provider, with the exports of a fixture and what it says of what guards it. */
function judged(
  fixture: string,
  files: readonly string[],
  says: Readonly<Record<string, unknown>>,
): Promise<Result<Report>> {
  const host = {
    name: 'one',
    role: 'security-server',
    configs: files,
    baselines: ['x-road-security-server'],
    ...says,
  };
  const site = { version: 1, roles: { 'security-server': ['10.0.0.5'] }, hosts: [host] };
  return check({
    deployment: { path: 'site.yaml', bytes: Buffer.from(JSON.stringify(site)) },
    files: files.map((path) => ({ path, bytes: readFileSync(join('fixtures/clouds', fixture, path)) })),
    baselines: [],
  });
}

const GCP = ['gcp/secure-tags-of-instances', ['policy.json', 'network.json', 'instances.json']] as const;
const AWS = ['aws/instance-of-several-interfaces', ['groups.json', 'interfaces.json']] as const;
const AZURE = ['azure/application-group-resolved', ['nsg.json', 'nics.json']] as const;
const OPENSTACK = ['openstack/server', ['groups.json', 'ports.json']] as const;
const S1_WEB = '/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web';

describe('what a host says of the cloud that guards it', () => {
  it.each([
    [AWS, { instance: 'i-1', securityGroups: ['sg-1'] }, '`instance:` and `securityGroups:` each say'],
    [
      AWS,
      { securityGroups: ['sg-1'], networkTags: ['a'] },
      '`networkTags:` means nothing in the exports of aws',
    ],
    [
      AZURE,
      { instance: 'shop', networkSecurityGroup: 'web' },
      '`instance:` and `networkSecurityGroups:` each say',
    ],
    [
      AZURE,
      { instance: 'shop', applicationSecurityGroups: ['cash'] },
      '`instance:` and `applicationSecurityGroups:`',
    ],
    [AZURE, { securityGroups: ['web'], networkSecurityGroup: 'web' }, 'each say what guards the host'],
    [AZURE, { instance: 'shop', region: 'westeurope' }, '`region:` means nothing in the exports of azure'],
    [GCP, { instance: 'vm-1', serviceAccount: 'a@b' }, '`instance:` and `serviceAccounts:` each say'],
    [GCP, { instance: 'vm-1', networkTags: ['web'] }, '`instance:` and `networkTags:` each say'],
    [GCP, { networkTags: [] }, '`networkTags:` is empty, and so names no host'],
    [GCP, { network: 'prod', networkTags: [] }, '`networkTags:` is empty'],
    [GCP, { instance: 'vm-1', networkTags: ['tagValues/404'] }, 'no network tag `tagValues/404`'],
    [GCP, { instance: 'vm-1', virtualNetwork: ['10.0.0.0/8'] }, '`virtualNetwork:` means nothing'],
    [OPENSTACK, { instance: 'web-1', securityGroups: ['web'] }, '`instance:` and `securityGroups:` each say'],
    [
      ['azure/names-in-two-subscriptions', ['nsgs.json', 'nics.json']],
      { instance: 'vm' },
      'several have the name of the machine or interface `vm`',
    ],
    [
      ['azure/names-in-two-subscriptions', ['nsgs.json', 'nics.json']],
      { networkSecurityGroup: S1_WEB, applicationSecurityGroups: ['rg/db'] },
      'several have the name of the application security group `rg/db`',
    ],
    [
      ['azure/names-in-two-subscriptions', ['nsgs.json', 'nics.json']],
      { networkSecurityGroup: 'RG/web' },
      'several have the name of the network security group `RG/web`',
    ],
    [
      ['gcp/instances-of-one-name', ['rules.json', 'instances.json']],
      { instance: 'vm-1' },
      'several have the name of the instance `vm-1`: `501`, `502`',
    ],
    [
      ['openstack/ports-of-one-name', ['groups.json', 'ports.json']],
      { instance: 'eth0' },
      'several have the name of the server or port `eth0`: `srv-1`, `srv-2`',
    ],
  ] as const)('%o with %o is an error', async ([fixture, files], says, message) => {
    const report = await judged(fixture, files, says);
    expect(report.ok).toBe(false);
    if (!report.ok) expect(report.errors.map((one) => one.message).join()).toContain(message);
  });

  it.each([
    [AWS, { instance: 'i-9' }, 'Did you mean `i-1`?'],
    [AWS, { securityGroups: ['sg-wed'] }, 'Did you mean `sg-web`?'],
    [OPENSTACK, { securityGroups: ['sg-wed-name'] }, 'Did you mean `sg-web-name`?'],
    [AZURE, { instance: 'shopp' }, 'Did you mean `shop`?'],
  ] as const)('%o with %o is told with the name that is near', async ([fixture, files], says, help) => {
    const report = await judged(fixture, files, says);
    expect(report.ok ? '' : report.errors.map((one) => one.help).join()).toContain(help);
  });

  it('a role that is bound to a name of nothing is told with the name that is near', async () => {
    const [fixture, files] = AWS;
    const configs = files.map((path) => ({
      path,
      bytes: readFileSync(join('fixtures/clouds', fixture, path)),
    }));
    const site = {
      version: 1,
      roles: { 'security-server': ['10.0.0.5'], 'central-server': { securityGroups: ['sg-adn'] } },
      hosts: [{ name: 'one', role: 'security-server', configs: files, instance: 'i-1' }],
    };
    const deployment = { path: 'site.yaml', bytes: Buffer.from(JSON.stringify(site)) };
    const report = await check({ deployment, files: configs, baselines: ['x-road-security-server'] });
    const reasons = report.ok ? report.value.hosts.flatMap(({ connections }) => connections) : [];
    expect(reasons.map(({ reason }) => reason)).toContain(
      'the role `central-server` is bound to the group `sg-adn`, which no config has; did you mean `sg-adm`?',
    );
  });

  it.each([
    [AWS, { instance: 'i-1' }],
    [AWS, { instance: 'eni-1' }],
    [AWS, { instance: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-1' }],
    [AWS, { securityGroups: ['arn:aws:ec2:eu-west-1:111122223333:security-group/sg-web'] }],
    [AZURE, { instance: 'shop', virtualNetwork: ['10.0.0.0/8'] }],
    [GCP, { instance: 'vm-1' }],
    [GCP, { instance: 'vm-1', networkTags: [] }],
  ] as const)('%o with %o is judged', async ([fixture, files], says) => {
    const report = await judged(fixture, files, says);
    expect(report.ok ? report.value.hosts.length : report.errors).toBe(1);
  });

  it('secure tags beside an instance of Google Cloud are all that it has', async () => {
    const told = async (says: object): Promise<string> => {
      const report = await judged(...GCP, { instance: 'vm-1', ...says });
      if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join());
      const { findings } = report.value.hosts[0] as Report['hosts'][number];
      return JSON.stringify(findings.map(({ certainty, packets }) => [certainty, packets]));
    };
    expect(await told({})).not.toBe(await told({ networkTags: [TAG] }));
    expect(await told({ networkTags: [TAG] })).not.toContain('possible');
  });
});
const TAG = 'tagValues/1';
