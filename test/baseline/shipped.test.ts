import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { validateBaseline } from '../../src/baseline/load-baseline.ts';
import { baselineJson } from '../../src/baseline/json.ts';
import { resolveHosts, resolveWithout } from '../../src/baseline/resolve.ts';
import { listBaselines, listShipped, loadShipped } from '../../src/baseline/shipped.ts';
import { renderBaseline, renderList } from '../../src/baseline/show.ts';
import { baselineOf, deploymentOf, fixtures, root, shipped, unwrap } from './support.ts';

const baselines = unwrap(listBaselines(shipped));

describe('the schemas', () => {
  it.each(['baseline', 'deployment'])('%s is a valid JSON Schema in strict mode', (name) => {
    const schema = JSON.parse(readFileSync(join(root, 'schemas', `${name}.schema.json`), 'utf8'));
    const ajv = new Ajv2020({ strict: true });
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(() => ajv.compile(schema)).not.toThrow();
  });
});

describe('shipped baselines', () => {
  it('have the ids of their files', () => {
    expect(baselines.map(({ id }) => id)).toEqual(unwrap(listShipped(shipped)));
    expect(baselines.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['host-essentials', 'x-road-security-server']),
    );
  });

  it.each(baselines.map((baseline) => [baseline.id, baseline] as const))(
    '%s waits for no decision and resolves for every role',
    (id, baseline) => {
      const loaded = loadShipped(shipped, id);
      expect(loaded.ok && loaded.warnings).toEqual([]);
      for (const role of baseline.roles.keys()) {
        const rows = unwrap(resolveWithout([baseline], role)).baselines[0]?.rows ?? [];
        const named = baseline.rows.some(({ connections }) =>
          connections.some(({ source, destination }) => [source, destination].includes(role)),
        );
        if (named) expect(rows.length).toBeGreaterThan(0);
      }
    },
  );

  it('have the digests of digests.json, and fit the schema', () => {
    const file = join(shipped, 'digests.json');
    const digests = Object.fromEntries(baselines.map(({ id, sha256 }) => [id, sha256]));
    if (process.env.UPDATE_FIXTURES === '1') writeFileSync(file, `${JSON.stringify(digests, null, 2)}\n`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(digests);
    for (const { source } of baselines) expect(validateBaseline(source)).toEqual([]);
  });

  it('that somebody changed are checked in full', () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-baselines-'));
    try {
      copyFileSync(join(shipped, 'digests.json'), join(folder, 'digests.json'));
      const text = readFileSync(join(shipped, 'host-essentials.yaml'), 'utf8');
      writeFileSync(join(folder, 'host-essentials.yaml'), text.replace('roles:', 'role:'));
      const result = loadShipped(folder, 'host-essentials');
      expect(result.ok ? [] : result.errors.map(({ code }) => code)).toContain('unknown-key');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that do not exist are an error with a suggestion', () => {
    const result = loadShipped(shipped, 'x-road-security-sever');
    expect(result.ok ? [] : result.errors).toMatchObject([
      { code: 'unknown-baseline', help: 'Did you mean `x-road-security-server`?' },
    ]);
    for (const id of ['../package', '/etc/passwd', '']) expect(loadShipped(shipped, id).ok).toBe(false);
  });

  it('in a folder that does not exist are an error', () => {
    const result = listBaselines(join(root, 'nowhere'));
    expect(result.ok ? [] : result.errors.map(({ code }) => code)).toEqual(['unreadable']);
  });
});

describe('host-essentials', () => {
  const essentials = unwrap(loadShipped(shipped, 'host-essentials'));

  it('cites an RFC in every row', () => {
    for (const row of essentials.rows) expect(row.document.row).toMatch(/RFC \d+/);
  });

  it('stands beside a product for whatever role', () => {
    const site = `version: 1
roles: { security-server: [10.1.2.10, "2001:db8::10"], admin: [10.1.0.0/24], dns-server: [10.1.0.53] }
features: { slaac: true }
parameters: { ssh-port: 2222 }
hosts:
  - { name: ss1, role: security-server, baselines: [x-road-security-server, host-essentials] }
`;
    const map = new Map(baselines.map((baseline) => [baseline.id, baseline]));
    const [host] = unwrap(resolveHosts(deploymentOf(site), map));
    const row = (id: string) => host?.baselines[1]?.rows.find((one) => one.id === id);
    expect(host?.role).toBe('security-server');
    expect(row('ssh')).toMatchObject({
      direction: 'in',
      level: 'required',
      source: { role: 'admin', binding: 'bound' },
      destination: { role: 'security-server', binding: 'self', ipv4: [0x0a01020a, 0x0a01020a] },
      all: [{ protocol: 6, ports: [2222, 2222] }],
    });
    expect(row('router-advertisement')).toMatchObject({
      level: 'required',
      states: ['untracked'],
      families: [6],
    });
    expect(row('neighbour-discovery.from-link')?.source.ipv6).toEqual([
      0xfe80n << 112n,
      (0xfec0n << 112n) - 1n,
    ]);
    expect(host?.unbound).not.toContain('dns-server');
    expect(host?.unbound).toContain('ntp-server');
  });

  it('leaves IPv6 to the site', () => {
    const site = `version: 1
features: { ipv6: false }
hosts:
  - { name: h, role: host, baselines: [host-essentials] }
`;
    const [host] = unwrap(resolveHosts(deploymentOf(site), new Map([['host-essentials', essentials]])));
    const required = host?.baselines[0]?.rows.filter(
      ({ level, status, families }) => level === 'required' && status === 'active' && !families.includes(4),
    );
    expect(required).toEqual([]);
  });
});

describe('show and list', () => {
  const format = baselineOf(readFileSync(join(fixtures, 'format', 'baseline.yaml'), 'utf8'));

  it.each([
    ['text', () => renderBaseline(format)],
    ['json', () => `${JSON.stringify(baselineJson(format), null, 2)}\n`],
  ] as const)('every construct as %s', (kind, render) => {
    const file = join(fixtures, 'format', `shown.${kind === 'text' ? 'txt' : 'json'}`);
    const shown = render();
    if (process.env.UPDATE_FIXTURES === '1') writeFileSync(file, shown);
    expect(shown).toBe(readFileSync(file, 'utf8'));
  });

  it('keep to 80 columns', () => {
    for (const baseline of [...baselines, format])
      for (const line of renderBaseline(baseline).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(renderList(baselines)).toMatch(/^host-essentials +What every host needs \(\d+ rows\)$/m);
  });

  it('show no control characters of a hostile baseline', () => {
    const hostile = baselineOf(
      format.source.text.replace('title: Every construct', 'title: "\\e[31mred\\u202e"'),
    );
    expect(renderBaseline(hostile)).toContain('\\u{1b}[31mred\\u{202e} (format)');
  });
});
