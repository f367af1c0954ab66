import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, openings } from '../../src/api.ts';

// Exports of other people's projects, which lie beside the project where it is developed.
const CORPUS = join(import.meta.dirname, '../../../shared/corpus');

/** What is told of a file that by itself guards nothing. */
const NO_GROUP = 'the exports have no security group';

/** What cannot be judged, and why, by the end of its name; everything else of the folder is read. */
const FOLDERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Two of these are examples one after the other, in which one id stands for several things.
  'aws-sg': { 'ec2_preview_models_examples-1.json': 'is given twice, and not in the same way' },
  'aws-sg-rules': {},
  'aws-nacl': {
    'ec2_preview_models_examples-1.json': 'is given twice, and not in the same way',
    '': NO_GROUP,
  },
  'aws-prefix-list': { '': NO_GROUP },
  'azure-arm-template': {},
  // A recording in which the group is asked for before and after a change.
  'azure-nsg-rest': { '': 'is given twice, and not in the same way' },
  'gcp-firewall': {},
  'openstack-sgrules': {
    'security-group-default-rule-create-response.json': 'a template of default rules',
  },
};

describe.each(Object.entries(FOLDERS))('%s of other people', (folder, refusals) => {
  const there = existsSync(join(CORPUS, folder));
  const names = there ? readdirSync(join(CORPUS, folder)).sort() : [];

  it.skipIf(!there)('are there', () => expect(names.length).toBeGreaterThan(0));

  it.skipIf(!there).each(names)('%s', async (path) => {
    const configs = [{ path, bytes: readFileSync(join(CORPUS, folder, path)) }];
    const opened = await openings({ configs });
    const refused = Object.entries(refusals).find(([end]) => path.endsWith(end));
    if (refused !== undefined) {
      expect(opened.ok ? '' : opened.errors.map(({ message }) => message).join()).toContain(refused[1]);
      return;
    }
    expect(opened.ok ? [] : opened.errors).toEqual([]);
    // Every finding's witness is replayed while it is made: the engines disagree nowhere, or this throws.
    const report = await check({ configs, baselines: ['x-road-security-server'], as: 'security-server' });
    expect(report.ok ? report.value.hosts.length : 0).toBeGreaterThan(0);
  });

  // Lists and networks that guard nothing by themselves are read beside a group.
  if (!Object.values(refusals).includes(NO_GROUP)) return;
  it.skipIf(!there).each(names)('%s beside a group', async (path) => {
    const group = { GroupId: 'sg-test', GroupName: 'test', IpPermissions: [], IpPermissionsEgress: [] };
    const opened = await openings({
      configs: [
        { path, bytes: readFileSync(join(CORPUS, folder, path)) },
        { path: 'group.json', bytes: Buffer.from(JSON.stringify({ SecurityGroups: [group] })) },
      ],
    });
    const reasons = opened.ok ? [] : opened.errors.map(({ message }) => message);
    expect(reasons.filter((one) => !one.includes('is given twice'))).toEqual([]);
  });
});
