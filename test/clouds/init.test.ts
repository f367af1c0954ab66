import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, type InputFile, type Report } from '../../src/api.ts';
import { init } from '../../src/api/init.ts';
import { oneIn } from '../support/one-in.ts';

const root = 'fixtures/clouds';
const leaves = readdirSync(root).flatMap((provider) =>
  readdirSync(join(root, provider)).map((name) => join(provider, name)),
);

const filesOf = (leaf: string): InputFile[] =>
  readdirSync(join(root, leaf))
    .filter((name) => !/\.(?:yaml|txt)$/.test(name))
    .map((name) => ({ path: name, bytes: readFileSync(join(root, leaf, name)) }));

/** One row: of a check that only asks which points there are. What host-essentials says is in the deployment's check. */
const ONE_ROW = {
  path: 'one-row.yaml',
  bytes: Buffer.from(`version: 1
id: one-row
title: One row
document: { title: One row, publisher: Nobody, edition: "1" }
closed: { in: false, out: false, forward: false }
roles: { host: { title: The host, everyHost: true } }
rows:
  - { id: web, source: any, destination: host, protocols: [tcp], ports: [80] }
`),
};

async function written(leaf: string): Promise<string> {
  const made = await init({ configs: filesOf(leaf) });
  return made.ok ? made.value : '';
}

describe('postern init of an account', () => {
  it.each(oneIn(4, leaves))('%s: check takes it as it is, with a host for each point', async (leaf) => {
    const files = filesOf(leaf);
    const plain = await check({ configs: files, as: 'host', baselines: [ONE_ROW] });
    const made = await init({ configs: files });
    expect(made.ok).toBe(plain.ok);
    if (!made.ok || !plain.ok) return;
    const deployment = { path: 'site.yaml', bytes: Buffer.from(made.value) };
    const report = await check({ deployment, files, baselines: [] });
    expect(report.ok ? [] : report.errors.map(({ message }) => message)).toEqual([]);
    const names = ({ hosts }: Report): string[] => hosts.map(({ name }) => name);
    expect(report.ok ? names(report.value) : []).toEqual(names(plain.value));
  });

  it('writes all addresses that an interface has', async () => {
    expect(await written('gcp/internal-ipv6-range')).toMatch(/addresses: .*fd20:[0-9a-f:]*-fd20:/);
    expect(await written('azure/application-groups-of-two')).not.toContain('ip -j addr');
  });

  it('names what carries no group by the machine', async () => {
    expect(await written('openstack/port-security-disabled')).toContain('    instance: ');
  });
});
