import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FleetSite } from '../../src/api/fleet/site.ts';
import { workerOf } from '../../src/cli/fleet/worker-site.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-shared-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GROUP = { GroupId: 'sg-1', GroupName: 'ss', IpPermissions: [], IpPermissionsEgress: [] };

it('exports that hosts share are read once', async () => {
  const path = join(folder, 'site.yaml');
  const [groups, dump] = [join(folder, 'groups.json'), join(folder, 'h3.v4')];
  const host = (name: string, rest: string): string =>
    `  - { name: ${name}, role: security-server, baselines: [x-road-security-server], ${rest} }`;
  const text = [
    'version: 1',
    'roles: { security-server: unbound }',
    'hosts:',
    host('h1', 'configs: [groups.json], securityGroups: [ss]'),
    host('h2', 'configs: [groups.json], securityGroups: [ss]'),
    host('h3', 'configs: [h3.v4]'),
    host('h4', 'configs: [groups.json], securityGroups: [ss]'),
  ].join('\n');
  writeFileSync(path, text);
  writeFileSync(groups, JSON.stringify({ SecurityGroups: [GROUP] }));
  writeFileSync(dump, '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\nCOMMIT\n');
  const opened = FleetSite.open({ deployment: { path, bytes: readFileSync(path) } });
  if (!opened.ok) throw new Error(opened.errors[0]?.message);
  const site = opened.value;
  const worker = workerOf({ site: structuredClone(site.packed()), limit: 1 << 20 });
  const good = async (index: number): Promise<boolean | undefined> =>
    (await worker.check(site.packedHosts([index]))).outcomes[0]?.ok;
  expect(await good(0)).toBe(true);
  rmSync(groups);
  expect(await good(1)).toBe(true);
  expect(await good(2)).toBe(true);
  // Those of one host only wait in memory.
  expect(await good(3)).toBe(false);
});
