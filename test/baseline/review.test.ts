import { describe, expect, it } from 'vitest';
import { validateBaselines } from '../../src/api/review.ts';
import { inProcess } from '../support/cli.ts';
import { unwrap } from './support.ts';
import { processorTime } from '../support/processor.ts';

const file = (text: string, path = 'b.yaml') => ({ path, bytes: Buffer.from(text) });

/** Warnings as `code: rows quoted`. */
async function reviewed(...named: Parameters<typeof validateBaselines>[0]): Promise<readonly string[]> {
  const result = await validateBaselines(named);
  unwrap(result);
  const warnings = result.ok ? result.warnings : [];
  return warnings.map(({ code, message }) => {
    const rows = [...message.matchAll(/`([a-z0-9-]+)` \(/g)].map(([, id]) => id ?? '');
    return [`${code}:`, ...rows.filter((id) => !SERVICES.has(id))].join(' ');
  });
}
/** Registered services in the messages, which look like rows. */
const SERVICES = new Set(
  'smpte shell syslog-tls smbdirect microsoft-ds ms-wbt-server oracleas-https epmap netbios-ssn bmc-reporting nv-video https'.split(
    ' ',
  ),
);

const SENHASEGURA = [
  'service-port: prd-to-mail-server-420-tcp',
  'service-port: prd-to-log-server-514-tcp',
  'service-relative: prd-to-log-server-6514-udp',
  'service-ports: prd-to-log-server-514-tcp prd-to-log-server-6514-udp',
  'service-relative: prd-to-backup-server-5445-tcp',
  'one-way: prd-to-backup-server-5445-tcp backup-server-to-prd-445-tcp',
  'service-unregistered: backup-server-to-prd-445-tcp prd-to-dvc-445-tcp',
  'service-ports: prd-to-backup-server-5445-tcp backup-server-to-prd-445-tcp',
  'service-unregistered: userw-to-prd-3389-tcp prd-to-dvc-3389-tcp',
  'service-relative: prd-to-dvc-7443-tcp',
  'service-unregistered: prd-to-dvc-135-tcp',
  'service-unregistered: prd-to-dvc-139-tcp',
  'service-relative: prd-to-mbr-4568-tcp mbr-to-prd-4568-tcp',
  'service-unregistered: prd-to-mbr-4444-tcp mbr-to-prd-4444-tcp',
];

describe('the shipped baselines, reviewed', () => {
  it('senhasegura: services that do not go with their ports, and SMB at two', async () => {
    expect(await reviewed('senhasegura')).toEqual(SENHASEGURA);
  });

  it('segura: the same, what it asks for beside its tables, and a port with two names', async () => {
    expect(await reviewed('segura')).toEqual([
      'not-in-table: package-mirrors userw-to-prd-443-tcp',
      'not-in-table: package-mirrors userw-to-prd-443-tcp',
      ...SENHASEGURA,
      'port-names: userw-to-prd-443-tcp prd-to-domum-443-tcp',
    ]);
  });

  it('senhasegura and segura: one port that the editions name differently', async () => {
    const both = await reviewed('senhasegura', 'segura');
    expect(both.at(-1)).toBe('port-names: prd-to-mbr-4444-tcp prd-to-mbr-4444-tcp');
    expect(both.length).toBe((await reviewed('senhasegura')).length + (await reviewed('segura')).length + 1);
  });

  it('axway-securetransport-edge: one party with two names', async () => {
    expect(await reviewed('axway-securetransport-edge')).toEqual(['role-names: http database-edges']);
  });

  it('apinizer: lists that have more than the tables, and contradict each other', async () => {
    const rows = await reviewed('apinizer');
    expect(rows).toContain('contradiction: worker-client-access load-balancer-worker');
    expect(rows).toContain('role-names: backend-api-https worker-client-access');
    expect(rows.filter((row) => row.startsWith('not-in-table')).map((row) => row.split(' ')[1])).toEqual([
      'worker-client-access',
      'worker-from-lan-5701',
      'worker-from-lan-25080',
      'worker-from-lan-9200',
      'vpn-load-balancer',
      'load-balancer-worker',
      'dmz-manager',
      'dmz-mongodb',
      'dmz-elasticsearch',
      'dmz-cache',
      'vpn-manager',
      'manager-external-services-mail',
    ]);
    expect(rows).toHaveLength(14);
  });

  it('x-road-security-server and host-essentials: next to nothing', async () => {
    expect(await reviewed('x-road-security-server')).toEqual([
      'role-names: service-producer service-consumer',
    ]);
    expect(await reviewed('host-essentials')).toEqual([]);
  });
});

/** A document of one table; each row is `from to ports cell [extra]`. */
const baseline = (rows: readonly string[], more = ''): string => `version: 1
id: b
title: B
document: { title: B }
closed: { in: true, out: true, forward: true }
roles: { a: { title: A }, b: { title: B host }, c: { title: C } }
tables: { t: { title: T, columns: [Port, Service, Protocol] }, s: { title: Summary } }
${more}rows:
${rows.map((row, i) => `  - { id: r${i + 1}, ${row} }`).join('\n')}
`;
const row = (source: string, destination: string, port: string, ports: string, more = 'table: t'): string =>
  `source: ${source}, destination: ${destination}, protocols: [tcp], ports: [${ports}], cells: { Port: "${port}" }, ${more}`;

describe('the review', () => {
  it.each([
    [
      'services at their own ports',
      [row('a', 'b', '22/SSH', '22'), row('a', 'b', '5432/PostgreSQL, 80/HTTP', '5432, 80')],
      [],
    ],
    ['another order and brackets', [row('a', 'b', 'SMTP (420)', '420')], ['service-port: r1']],
    [
      'what a protocol column names, unless one of the row’s ports is its own',
      [
        'source: a, destination: b, protocols: [tcp], ports: [420], cells: { Protocol: SMTP }, table: t',
        'source: a, destination: c, protocols: [tcp], ports: [25, 587], cells: { Protocol: SMTP }, table: t',
        'source: a, destination: c, protocols: [tcp], ports: [8080], cells: { Protocol: HTTP }, table: t',
      ],
      ['service-port: r1'],
    ],
    [
      'a service column’s prose is no service',
      ['source: a, destination: b, protocols: [tcp], ports: [443], cells: { Service: API access }, table: t'],
      [],
    ],
    [
      'a required and an optional row of one connection',
      [row('a', 'b', '443', '443'), row('a', 'b', '443', '443', 'table: t, level: optional')],
      ['contradiction: r1 r2'],
    ],
    [
      'a prohibition, also of everybody, at one of the ports',
      [
        row('a', 'b', '22, 443', '22, 443'),
        row('any', 'b', '22', '22', 'table: s, level: prohibited'),
        row('a', 'c', '22', '22'),
      ],
      ['contradiction: r1 r2'],
    ],
    [
      'a prohibition of somebody else',
      [row('a', 'b', '22', '22'), row('c', 'b', '22', '22', 'table: s, level: prohibited')],
      [],
    ],
    ['two tables about different things', [row('a', 'b', '22', '22'), row('a', 'b', '443', '443')], []],
    [
      'a list with a port less says nothing new, one with a port more does',
      [
        row('a', 'b', '22, 443', '22, 443'),
        row('a', 'b', '22', '22', 'table: s'),
        row('a', 'b', '443, 80', '443, 80', 'table: s'),
      ],
      ['not-in-table: r3 r1'],
    ],
    [
      'a connection without its twin, where others have theirs',
      [
        row('a', 'b', '22', '22'),
        row('b', 'a', '22', '22'),
        row('a', 'b', '443', '443'),
        row('a', 'c', '443', '443'),
      ],
      ['one-way: r3 r2'],
    ],
  ] as const)('%s', async (_, rows, expected) => {
    const found = await reviewed(file(baseline(rows)));
    expect([...found].sort()).toEqual([...expected].sort());
  });

  it('finds roles that differ in spelling only', async () => {
    const text = baseline([row('a', 'b', '22', '22')]).replace('c: { title: C }', 'c: { title: "b-Hosts" }');
    expect(await reviewed(file(text))).toEqual(['role-names: r1']);
  });

  it('compares no more rows than it can in reasonable time', async () => {
    const rows = Array.from({ length: 4500 }, (_, i) => row('a', 'b', `${i + 1000}`, `${i + 1000}`));
    const started = processorTime();
    expect(await reviewed(file(baseline(rows)))).toEqual(['review-incomplete:']);
    expect(processorTime() - started).toBeLessThan(20_000);
  });
});

describe('baseline validate', () => {
  it('reviews shipped ids and files; doubts change the status only where asked', async () => {
    const plain = await inProcess(['baseline', 'validate', 'senhasegura']);
    expect(plain).toMatchObject({ status: 0, stdout: 'senhasegura: valid\n' });
    expect(plain.stderr).toMatch(/senhasegura\.yaml:\d+:\d+: warning: IANA's registry gives TCP 420/);
    expect(plain.stderr.replace(/\s+/g, ' ')).toContain('“ALLOW | TCP | PRD | ANY | MAIL SERVER | 420/SMTP”');
    expect((await inProcess(['baseline', 'validate', '--strict', 'senhasegura'])).status).toBe(1);
    expect(await inProcess(['baseline', 'validate', '--strict', 'host-essentials'])).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect((await inProcess(['baseline', 'validate', '--quiet', 'baselines/apinizer.yaml'])).stderr).toBe('');
  });

  it('is sorry for what does not exist, and says nothing of the rest', async () => {
    const { status, stdout, stderr } = await inProcess(['baseline', 'validate', 'segura', 'senhasegur']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('Did you mean `senhasegura`?');
  });
});
