import { expect, it } from 'vitest';
import { check } from '../../src/api.ts';

const file = (path: string, value: unknown) => ({ path, bytes: Buffer.from(JSON.stringify(value)) });

const EXPORTS = [
  file('groups.json', {
    SecurityGroups: [
      {
        GroupId: 'sg-0a01',
        GroupName: 'web',
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: 9999,
            ToPort: 9999,
            IpRanges: [{ CidrIp: '10.1.0.0/24' }],
            Ipv6Ranges: [{ CidrIpv6: '2001:db8:1::/64' }],
            PrefixListIds: [],
            UserIdGroupPairs: [],
          },
        ],
        IpPermissionsEgress: [],
      },
    ],
  }),
  file('interfaces.json', {
    NetworkInterfaces: [
      {
        NetworkInterfaceId: 'eni-0a',
        SubnetId: 'subnet-0a',
        PrivateIpAddress: '10.1.0.10',
        PrivateIpAddresses: [{ PrivateIpAddress: '10.1.0.10' }],
        Ipv6Addresses: [{ Ipv6Address: '2001:db8:1::10' }],
        Groups: [{ GroupId: 'sg-0a01', GroupName: 'web' }],
      },
    ],
  }),
  file('subnets.json', {
    Subnets: [
      {
        SubnetId: 'subnet-0a',
        CidrBlock: '10.1.0.0/24',
        Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: '2001:db8:1::/64' }],
      },
    ],
  }),
];

it('a packet that shows a finding comes from an address that a machine of the subnet may have', async () => {
  const report = await check({ configs: EXPORTS, baselines: ['host-essentials'] });
  if (!report.ok) throw new Error(JSON.stringify(report.errors));
  const found = report.value.hosts.flatMap(({ findings }) => findings);
  const open = found.filter(({ code, witness }) => code === 'excessive' && witness?.dport === 9999);
  expect(open.map(({ witness }) => witness?.src).sort()).toEqual(['10.1.0.4', '2001:db8:1::4']);
});
