import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveHosts, resolveWithout } from '../../src/baseline/resolve.ts';
import { listBaselines } from '../../src/baseline/shipped.ts';
import { baselineOf, deploymentOf, root, shipped, unwrap } from './support.ts';

const page = (name: string): string => readFileSync(join(root, name), 'utf8');
const firstYaml = (text: string): string => /^```yaml\n(version: 1\n[\s\S]*?)^```/m.exec(text)?.[1] ?? '';

describe('the pages', () => {
  it("adding-a-baseline.md's example is a baseline that resolves", () => {
    const baseline = baselineOf(firstYaml(page('docs/adding-a-baseline.md')));
    const rows = unwrap(resolveWithout([baseline], 'shop')).baselines[0]?.rows;
    expect(rows?.map(({ id, direction, status }) => `${id} ${direction} ${status}`)).toEqual([
      'sales in active',
      'clearing out not-applicable',
      'administration in undetermined',
    ]);
  });

  it("deployments.md's example is a deployment of the shipped baseline", () => {
    const deployment = deploymentOf(firstYaml(page('docs/deployments.md')));
    const [host] = deployment.hosts;
    expect(host?.baselines.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'id x-road-security-server',
      'path company.yaml',
    ]);
    const company = baselineOf(
      firstYaml(page('docs/adding-a-baseline.md'))
        .replace('shop:', 'security-server:')
        .replaceAll(': shop', ': security-server'),
    );
    const known = new Map(unwrap(listBaselines(shipped)).map((baseline) => [baseline.id, baseline]));
    const resolved = resolveHosts(deployment, new Map([...known, ['company.yaml', company]]));
    expect(unwrap(resolved).map(({ name, role }) => [name, role])).toEqual([['ss1', 'security-server']]);
  });

  it('baselines/README.md lists every file', () => {
    const readme = page('baselines/README.md');
    for (const { id } of unwrap(listBaselines(shipped))) expect(readme).toContain(`\`${id}.yaml\``);
  });

  it('adding-a-baseline.md names every key of the format', () => {
    const text = page('docs/adding-a-baseline.md');
    const schema = JSON.parse(page('schemas/baseline.schema.json'));
    for (const part of [
      schema,
      schema.$defs.role,
      schema.$defs.row,
      schema.$defs.reading,
      schema.$defs.cluster,
      schema.$defs.document,
    ])
      for (const key of Object.keys(part.properties)) expect(text).toMatch(new RegExp(`\\b${key}\\b`));
  });
});
