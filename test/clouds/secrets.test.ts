import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { REPORT_FORMATS } from '../../src/api/reports.ts';
import { inProcess } from '../support/cli.ts';

/* What accounts carry besides their rules (tags, descriptions, user data, metadata, passwords of templates) is in no report. */

const SECRET = 'hunter2-PASSWORD';
const tags = [{ Key: 'token', Value: SECRET }];
const permission = {
  IpProtocol: 'tcp',
  FromPort: 9999,
  ToPort: 9999,
  IpRanges: [{ CidrIp: '0.0.0.0/0', Description: SECRET }],
};
const azureRule = {
  name: 'open',
  priority: 100,
  direction: 'Inbound',
  access: 'Allow',
  protocol: 'Tcp',
  sourceAddressPrefix: '203.0.113.0/24',
  sourcePortRange: '*',
  destinationAddressPrefix: '*',
  destinationPortRange: '9999',
  description: SECRET,
};
const NETWORK = 'https://www.googleapis.com/compute/v1/projects/shop/global/networks/default';

/** One export of each provider with a secret in every field where people put them. */
const EXPORTS: Readonly<Record<string, readonly unknown[]>> = {
  aws: [
    { SecurityGroups: [{ GroupId: 'sg-1', GroupName: 'web', Tags: tags, IpPermissions: [permission] }] },
    {
      NetworkInterfaces: [
        {
          NetworkInterfaceId: 'eni-1',
          Description: SECRET,
          PrivateIpAddress: '10.0.0.5',
          Groups: [{ GroupId: 'sg-1', GroupName: 'web' }],
          TagSet: tags,
        },
      ],
    },
    {
      Reservations: [
        {
          Instances: [
            {
              InstanceId: 'i-1',
              UserData: SECRET,
              KeyName: SECRET,
              Tags: tags,
              NetworkInterfaces: [],
              MetadataOptions: { token: SECRET },
            },
          ],
        },
      ],
    },
  ],
  azure: [
    {
      resources: [
        {
          type: 'Microsoft.Network/networkSecurityGroups',
          name: 'web',
          tags: { token: SECRET },
          properties: { securityRules: [{ name: 'open', properties: azureRule }] },
        },
        {
          type: 'Microsoft.Compute/virtualMachines',
          name: 'vm',
          properties: { osProfile: { adminPassword: SECRET, customData: SECRET } },
        },
      ],
      parameters: { adminPassword: { defaultValue: SECRET } },
    },
    [
      {
        name: 'nic',
        id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic',
        type: 'Microsoft.Network/networkInterfaces',
        ipConfigurations: [{ privateIPAddress: '10.0.0.5', subnet: { id: '/x' } }],
        tags: { key: SECRET },
      },
    ],
  ],
  gcp: [
    {
      kind: 'compute#firewall',
      name: 'open',
      description: SECRET,
      network: NETWORK,
      direction: 'INGRESS',
      priority: 1000,
      sourceRanges: ['0.0.0.0/0'],
      allowed: [{ IPProtocol: 'tcp', ports: ['9999'] }],
      params: { token: SECRET },
    },
    {
      kind: 'compute#instance',
      name: 'vm-1',
      description: SECRET,
      labels: { token: SECRET },
      metadata: { items: [{ key: 'startup-script', value: SECRET }] },
      networkInterfaces: [{ network: NETWORK, networkIP: '10.0.0.5' }],
    },
  ],
  openstack: [
    {
      security_groups: [
        {
          id: 'sg-1',
          name: 'web',
          tags: [SECRET],
          security_group_rules: [
            {
              id: 'r-1',
              security_group_id: 'sg-1',
              direction: 'ingress',
              ethertype: 'IPv4',
              protocol: 'tcp',
              port_range_min: 9999,
              port_range_max: 9999,
              tags: [SECRET],
              description: SECRET,
            },
          ],
        },
      ],
    },
    {
      ports: [
        {
          id: 'port-1',
          name: '',
          fixed_ips: [{ subnet_id: 's', ip_address: '10.0.0.5' }],
          allowed_address_pairs: [],
          security_groups: ['sg-1'],
          port_security_enabled: true,
          device_id: 'vm-1',
          device_owner: 'compute:nova',
          mac_address: 'fa:16:3e:00:00:01',
          'binding:profile': { token: SECRET },
          tags: [SECRET],
        },
      ],
    },
    {
      server: {
        id: 'vm-1',
        name: 'one',
        hostId: 'h',
        addresses: { net: [{ addr: '10.0.0.5', 'OS-EXT-IPS:type': 'fixed' }] },
        'OS-EXT-SRV-ATTR:user_data': SECRET,
        metadata: { password: SECRET },
        adminPass: SECRET,
      },
    },
  ],
};

const folder = mkdtempSync(join(tmpdir(), 'postern-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.entries(EXPORTS))('secrets in exports of %s', (provider, documents) => {
  const home = join(folder, provider);
  mkdirSync(home);
  const configs = documents.map((document, i) => {
    const path = join(home, `${i}.json`);
    writeFileSync(path, JSON.stringify(document, null, 1));
    return path;
  });

  it('are in no format of the report', async () => {
    const formats = REPORT_FORMATS.flatMap((name) => ['--format', `${name}=${join(home, `out.${name}`)}`]);
    const asked = ['--baseline', 'x-road-security-server', '--as', 'security-server', ...formats];
    const { status, stdout, stderr } = await inProcess(['check', ...configs, ...asked]);
    expect([status, stdout]).toEqual([1, '']);
    const written = readdirSync(home).filter((name) => name.startsWith('out.'));
    expect(written).toHaveLength(REPORT_FORMATS.length);
    for (const name of written) expect(readFileSync(join(home, name), 'utf8'), name).not.toContain(SECRET);
    expect(readFileSync(join(home, 'out.json'), 'utf8')).toContain('9999');
    expect(stderr).not.toContain(SECRET);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, text.lastIndexOf(SECRET) + SECRET.length + 2)],
    ['of another shape', (text: string) => text.replace(/"(?:web|open|sg-1)"/, '[1]')],
    ['under another provider’s name', () => JSON.stringify({ Volumes: [{ Tags: tags }] })],
  ])('are in no message about one that is %s', async (_, broken) => {
    const input = broken(JSON.stringify(documents[0]));
    expect(input).toContain(SECRET);
    for (const more of [[], ['--input-format', provider]]) {
      const { status, stdout, stderr } = await inProcess(['openings', '-', ...more], { input });
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^-:1:\d+: error: /);
      expect(stderr).not.toContain(SECRET);
    }
  });

  it('are in no report about one that is not UTF-8, and in no message about one that is no text', async () => {
    const text = JSON.stringify(documents[0]);
    const secret = text.indexOf(SECRET);
    const latin = join(home, 'latin.json');
    writeFileSync(latin, Buffer.from(text.replace(SECRET, `${SECRET} caf\u00e9`), 'latin1'));
    const asked = ['--baseline', 'x-road-security-server', '--as', 'security-server', '--format', 'json'];
    const told = await inProcess(['check', latin, ...asked]);
    expect(told.stdout).toContain('is not UTF-8');
    expect(`${told.stdout}${told.stderr}`).not.toContain(SECRET);
    const broken = [
      Buffer.from(`\ufeff${text}`, 'utf16le').subarray(0, -1),
      Buffer.from(`${text.slice(0, secret + SECRET.length)}\0${text.slice(secret + SECRET.length)}`),
    ];
    for (const bytes of broken) {
      const path = join(home, 'broken.json');
      writeFileSync(path, bytes);
      const { status, stderr } = await inProcess(['openings', path]);
      expect(status).toBe(2);
      expect(stderr.replaceAll('\u2400', '').replaceAll('\0', '')).not.toContain(SECRET);
    }
  });

  it('are in no list of openings, and in no path of a packet', async () => {
    const listed = await inProcess(['openings', ...configs, '--format', 'json']);
    const input = JSON.stringify({ hook: 'ingress', src: '203.0.113.7', dst: '10.0.0.5', protocol: 'tcp' });
    const traced = await inProcess(['trace', ...configs, '--packets', '-'], {
      input: `${input.slice(0, -1)},"sport":40000,"dport":9999}\n`,
    });
    expect([listed.status, traced.status]).toEqual([0, 0]);
    for (const { stdout, stderr } of [listed, traced]) {
      expect(stdout).toContain(listed.stdout === stdout ? '9999' : 'accept');
      expect(`${stdout}${stderr}`).not.toContain(SECRET);
    }
  });
});
