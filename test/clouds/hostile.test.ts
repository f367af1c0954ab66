import { describe, expect, it } from 'vitest';
import { openings } from '../../src/api.ts';

/** More than a call takes as arguments. */
const MANY = 150_000;

const list = (item: (i: number) => string): string => Array.from({ length: MANY }, (_, i) => item(i)).join();

/** Exports that are wrong in as many places as they have lines. */
const BROKEN: Readonly<
  Record<string, { readonly format: 'aws' | 'azure' | 'gcp' | 'openstack'; text: string }>
> = {
  'groups without an id': { format: 'aws', text: `[${list(() => '{"SecurityGroups":[{}]}')}]` },
  'a group given many times, each time differently': {
    format: 'aws',
    text: `{"SecurityGroups":[${list((i) => `{"GroupId":"sg-1","GroupName":"${i}"}`)}]}`,
  },
  'interfaces at addresses that are none': {
    format: 'aws',
    text: `{"SecurityGroups":[{"GroupId":"sg-1"}],"NetworkInterfaces":[${list((i) => `{"NetworkInterfaceId":"eni-${i}","PrivateIpAddress":"x","Groups":[]}`)}]}`,
  },
  'rules without a priority': {
    format: 'azure',
    text: `[${list((i) => `{"access":"Allow","direction":"Inbound","name":"r${i}"}`)}]`,
  },
  'documents of no kind in Google Cloud': { format: 'gcp', text: `[${list(() => '{}')}]` },
  'documents of no kind in OpenStack': { format: 'openstack', text: `[${list(() => '{}')}]` },
};

describe('exports with a problem in each line', () => {
  it.each(Object.keys(BROKEN))('%s: the first are told, and how many more there are', async (name) => {
    const { format, text } = BROKEN[name] as (typeof BROKEN)[string];
    const result = await openings({ configs: [{ path: 'export.json', bytes: Buffer.from(text), format }] });
    const errors = result.ok ? [] : result.errors;
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)?.message).toMatch(/^1[0-9]{5} more problems are not listed$/);
    expect(errors.at(-1)?.path).toBe('export.json');
  });
});

/** Names, and fields, that are longer than anybody's: reports repeat them. */
const LONG = 'x'.repeat(40_000);

describe('names that are made to fill reports', () => {
  it.each([
    ['aws', JSON.stringify({ SecurityGroups: [{ GroupId: LONG, IpPermissions: [] }] })],
    ['azure', JSON.stringify([{ name: LONG, securityRules: [], defaultSecurityRules: [] }])],
    [
      'gcp',
      JSON.stringify([
        { kind: 'compute#firewall', name: LONG, network: 'n', direction: 'INGRESS', allowed: [] },
      ]),
    ],
    ['openstack', JSON.stringify({ security_groups: [{ id: 'a', name: LONG, security_group_rules: [] }] })],
  ] as const)('%s: are an error at their place', async (format, text) => {
    const result = await openings({ configs: [{ path: 'export.json', bytes: Buffer.from(text), format }] });
    const [error] = result.ok ? [] : result.errors;
    expect(error?.message).toMatch(/must NOT have more than 32768 characters$/);
    expect(error?.span?.start).toBeGreaterThan(0);
  });

  it('fields that are not known are told by the beginning of their names', async () => {
    const group = { GroupId: 'sg-1', GroupName: 'a', IpPermissions: [], IpPermissionsEgress: [], [LONG]: 1 };
    const bytes = Buffer.from(JSON.stringify({ SecurityGroups: [group] }));
    const result = await openings({ configs: [{ path: 'export.json', bytes, format: 'aws' }] });
    const told = result.ok ? result.value.coverage.filter(({ reason }) => reason.includes('xxx')) : [];
    expect(told).toHaveLength(1);
    expect(JSON.stringify(told).length).toBeLessThan(1000);
  });
});
