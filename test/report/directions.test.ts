import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-directions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RULES = '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';
const BASELINE = `version: 1
id: shop
title: Shop
document: { title: Shop }
closed: { in: true, out: false, forward: false }
roles: { shop: { title: Shop }, till: { title: Till, closed: { out: true } } }
tables: { ports: { title: Ports, columns: [Port] } }
rows:
  - { id: sales, table: ports, row: 1, cells: { Port: "443" }, source: till, destination: shop, protocols: [tcp], ports: [443] }
`;
const SITE = `version: 1
roles: { shop: 10.1.0.1, till: 10.2.0.1 }
hosts:
  - { name: shop, role: shop, configs: [rules.v4], baselines: [./shop.yaml] }
  - { name: wall, role: none, protects: [shop, till], configs: [rules.v4], baselines: [./shop.yaml] }
  - { name: both, role: shop, configs: [rules.v4], baselines: [./shop.yaml, ./strict.yaml], addresses: [10.1.0.2] }
`;

beforeAll(() => {
  writeFileSync(join(folder, 'rules.v4'), RULES);
  writeFileSync(join(folder, 'shop.yaml'), BASELINE);
  const strict = BASELINE.replace('id: shop', 'id: strict').replace('out: false', 'out: true');
  writeFileSync(join(folder, 'strict.yaml'), strict);
  writeFileSync(join(folder, 'site.yaml'), SITE);
});

/** The report with white space made single. */
async function report(format: string): Promise<string> {
  const { stdout } = await inProcess(['check', '-d', 'site.yaml', '--format', format], { cwd: folder });
  return stdout.replace(/\s+/g, ' ');
}

describe('the directions in which excess is looked for', () => {
  it('stand in the JSON report, with the baselines that close them', async () => {
    const { stdout } = await inProcess(['check', '-d', 'site.yaml', '--format', 'json'], { cwd: folder });
    const { hosts } = JSON.parse(stdout) as { hosts: { name: string; directions: unknown }[] };
    expect(Object.fromEntries(hosts.map(({ name, directions }) => [name, directions]))).toEqual({
      shop: [
        { direction: 'in', closed: ['shop'] },
        { direction: 'out', closed: [] },
        { direction: 'forward', closed: [] },
      ],
      wall: [
        { direction: 'in', closed: [] },
        { direction: 'out', closed: [] },
        { direction: 'forward', closed: [] },
        { direction: 'forward', to: 'shop', closed: ['shop'] },
        { direction: 'forward', from: 'shop', closed: [] },
        { direction: 'forward', to: 'till', closed: ['shop'] },
        { direction: 'forward', from: 'till', closed: ['shop'] },
      ],
      both: [
        { direction: 'in', closed: ['shop', 'strict'] },
        { direction: 'out', closed: ['strict'] },
        { direction: 'forward', closed: [] },
      ],
    });
  });

  it('stand in the text', async () => {
    const text = await report('text');
    expect(text).toContain(
      'excess looked for: in note Excess was not looked for in these directions: out, forward. No baseline',
    );
    expect(text).toContain('excess looked for: forward to shop, forward to till, forward from till note');
    expect(text).toContain(
      'Excess was not looked for in these directions: in, out, forward between others, forward from shop.',
    );
    expect(text).toContain('excess looked for: in, out note');
  });

  it.each(['html', 'markdown'])('are limits in %s', async (format) => {
    const text = await report(format);
    expect(text).toContain(
      format === 'html'
        ? '<b>out</b>, on'
        : '`shop`: excess was not looked for in these directions: `out`, `forward`',
    );
    expect(text).toContain('what no row documents may be open there');
  });
});
