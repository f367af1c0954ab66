import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import type { Box } from '../../src/api.ts';
import { diff, type DiffRequest } from '../../src/api/diff.ts';
import { loadHost } from '../../src/api/host/host.ts';
import type { Baseline } from '../../src/baseline/baseline.ts';
import { resolveWith } from '../../src/baseline/resolve.ts';
import { loadShipped } from '../../src/baseline/shipped.ts';
import { checkHost } from '../../src/compare/check-host.ts';
import { type HostChange, hostChanges } from '../../src/compare/host-changes.ts';
import { root, shipped, unwrap } from '../baseline/support.ts';
import { iptables } from '../mutation/configs.ts';
import { planOf } from '../mutation/mutants.ts';
import { type Site, siteOf } from '../mutation/site.ts';
import { inProcess } from '../support/cli.ts';

const file = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });
const ajv = new Ajv({ strict: true });
const valid = ajv.compile(
  JSON.parse(readFileSync(join(root, 'schemas', 'baseline-diff.schema.json'), 'utf8')),
);

interface Meant {
  readonly id: string;
  readonly text: string;
}
interface Shape {
  readonly same: boolean;
  readonly connections: {
    readonly same: number;
    readonly added: readonly Meant[];
    readonly removed: readonly Meant[];
    readonly changed: readonly {
      readonly from: Meant;
      readonly to: Meant;
      readonly fields: readonly { readonly field: string; readonly from: string; readonly to: string }[];
    }[];
  };
  readonly settings: readonly unknown[];
  readonly hosts?: readonly {
    readonly name: string;
    readonly open: readonly HostChange[];
    readonly close: readonly HostChange[];
  }[];
}

async function compared(request: DiffRequest): Promise<Shape> {
  const result = unwrap(await diff(request));
  const json = JSON.parse(result.json()) as Shape;
  expect(valid(json), JSON.stringify(valid.errors)).toBe(true);
  expect(json.same).toBe(!result.differs);
  return json;
}

const baseline = (
  rows: readonly string[],
  more = 'closed: { in: true, out: false, forward: false }',
  roles = '',
): string =>
  `version: 1
id: shop
title: Shop
document: { title: Shop }
${more}
roles: { shop: { title: Shop, names: SHOP }, office: { title: Office, names: Office }, bank: { title: Bank }${roles} }
parameters: { admin-port: { title: Port, default: 22 } }
features: { cards: { title: Cards } }
rows:
${rows.map((row) => `  - { ${row} }`).join('\n')}
`.replace('features: { cards: { title: Cards } }', 'features: { cards: { title: Cards, default: true } }');
const row = (id: string, source: string, ports: string, more = ''): string =>
  `id: ${id}, source: ${source}, destination: shop, protocols: [tcp], ports: [${ports}]${more}`;
const OLD = [row('web', 'any', '443'), row('admin', 'office', '22'), row('sync', 'bank', '990')];

const of = (rows: readonly string[], more?: string, roles?: string) =>
  file('b.yaml', baseline(rows, more, roles));
const texts = (list: readonly Meant[]): string[] => list.map(({ id, text }) => `${id}: ${text}`);

describe('diff', () => {
  it('finds nothing between a baseline and itself, whatever its rows are called', async () => {
    for (const id of ['x-road-security-server', 'apinizer', 'host-essentials'])
      expect(await compared({ from: id, to: id })).toMatchObject({ same: true, settings: [] });
    const renamed = OLD.map((text) => text.replace('id: ', 'id: other-')).reverse();
    expect(await compared({ from: of(OLD), to: of(renamed) })).toMatchObject({
      same: true,
      connections: { same: 3 },
    });
  });

  it('finds nothing where lists that have no order are written in another one', async () => {
    const rows = (icmp: string, ports: string, features: string) => {
      const more = 'features: { a: { title: A, default: true }, b: { title: B, default: true } }';
      const list = [
        `id: ping, source: office, destination: shop, protocols: [icmp], icmp: [${icmp}], state: [new, untracked]`,
        row('web', 'office', ports, `, feature: [${features}]`),
      ];
      const [before, after = ''] = baseline(list).split(/^features:.*$/m);
      return file('b.yaml', `${before}${more}${after}`);
    };
    const from = rows('8, 3/4, 13', '{ choice: [80, 8080] }, { parameter: admin-port }, 443', 'a, b');
    const to = rows('13, 8, 3/4', '443, { parameter: admin-port }, { choice: [8080, 80] }', 'b, a');
    expect(await compared({ from, to })).toMatchObject({ same: true, connections: { same: 2 } });
  });

  it('tells added and removed connections', async () => {
    const { connections, same } = await compared({
      from: of(OLD),
      to: of([...OLD.slice(0, 2), row('pos', 'office', '8443')]),
    });
    expect(same).toBe(false);
    expect(texts(connections.added)).toEqual(['pos: office → shop tcp 8443']);
    expect(texts(connections.removed)).toEqual(['sync: bank → shop tcp 990']);
  });

  it.each([
    ['ports', row('admin', 'office', '22, 2222'), { field: 'ports', from: '22', to: '22, 2222' }],
    [
      'level',
      row('admin', 'office', '22', ', level: optional'),
      { field: 'level', from: 'required', to: 'optional' },
    ],
    [
      'features',
      row('admin', 'office', '22', ', feature: cards'),
      { field: 'features', from: '', to: 'cards' },
    ],
    ['source', row('admin', 'bank', '22'), { field: 'source', from: 'office', to: 'bank' }],
    [
      'destination',
      row('admin', 'office', '22').replace('destination: shop', 'destination: bank'),
      { field: 'destination', from: 'shop', to: 'bank' },
    ],
    [
      'protocols',
      row('admin', 'office', '22').replace('tcp', 'tcp, udp'),
      { field: 'protocols', from: '6', to: '6, 17' },
    ],
    [
      'sourcePorts',
      row('admin', 'office', '22', ', sourcePorts: [22]'),
      { field: 'sourcePorts', from: 'any', to: '22' },
    ],
    [
      'details',
      row('admin', 'office', '22', ', families: [4]'),
      {
        field: 'details',
        from: '{"states":["new"],"families":[4,6]}',
        to: '{"states":["new"],"families":[4]}',
      },
    ],
    [
      'details',
      row('admin', 'office', '22', ', reply: none').replace('tcp', 'udp'),
      {
        field: 'details',
        from: '{"states":["new"],"families":[4,6]}',
        to: '{"reply":"none","states":["new"],"families":[4,6]}',
      },
    ],
    [
      'cells',
      row('admin', 'office', '22', ', cells: { Port: SSH }'),
      { field: 'cells', from: '', to: 'SSH' },
    ],
  ])('tells what changed: %s', async (_, text, field) => {
    const { connections } = await compared({
      from: of(OLD),
      to: of([OLD[0] as string, text, OLD[2] as string]),
    });
    expect(connections).toMatchObject({ same: 2, added: [], removed: [] });
    expect(connections.changed[0]?.fields).toContainEqual(field);
  });

  it('tells that a row is answered no longer', async () => {
    const log = row('log', 'office', '514').replace('tcp', 'udp');
    const { same, connections } = await compared({ from: of([log]), to: of([`${log}, reply: none`]) });
    expect(same).toBe(false);
    expect(connections.changed[0]?.fields.map(({ field }) => field)).toEqual(['details']);
  });

  it('tells that a row is no longer about the loopback interface alone', async () => {
    const inside = row('db', 'shop', '5432');
    const { same, connections } = await compared({
      from: of([...OLD, `${inside}, loopback: true`]),
      to: of([...OLD, inside]),
    });
    expect(same).toBe(false);
    expect(connections.same).toBe(3);
    expect(connections.changed.map(({ fields }) => fields)).toEqual([
      [{ field: 'loopback', from: 'true', to: 'false' }],
    ]);
  });

  it('tells that a role means other addresses', async () => {
    const roles = (more: string) => of(OLD, undefined, `, partner: { title: Partner, ${more} }`);
    const change = (from: string, to: string) => compared({ from: roles(from), to: roles(to) });
    expect((await change('addresses: 10.1.0.0/16', 'addresses: [10.1.0.0/16, ff02::1]')).settings).toEqual([
      {
        kind: 'role',
        name: 'partner',
        from: 'addresses 10.1.0.0-10.1.255.255',
        to: 'addresses 10.1.0.0-10.1.255.255 ff02::1',
      },
    ]);
    expect((await change('within: 10.1.0.0/16', 'within: 10.1.0.0/17')).settings).toEqual([
      {
        kind: 'role',
        name: 'partner',
        from: 'within 10.1.0.0-10.1.255.255',
        to: 'within 10.1.0.0-10.1.127.255',
      },
    ]);
  });

  it('tells that a role has other DNS names', async () => {
    const roles = (more: string) => of(OLD, undefined, `, partner: { title: Partner${more} }`);
    const { same, settings } = await compared({
      from: roles(', dns: [a.example.com]'),
      to: roles(', dns: [a.example.com, b.example.com]'),
    });
    expect(same).toBe(false);
    expect(settings).toEqual([
      {
        kind: 'role',
        name: 'partner',
        from: 'DNS names a.example.com',
        to: 'DNS names a.example.com b.example.com',
      },
    ]);
  });

  it('takes a parameter for what it stands for, and tells another default', async () => {
    const settable = [
      OLD[0] as string,
      row('admin', 'office', '{ parameter: admin-port }'),
      OLD[2] as string,
    ];
    expect(await compared({ from: of(OLD), to: of(settable) })).toMatchObject({ same: true });
    const other = file('b.yaml', baseline(settable).replace('default: 22', 'default: 2222'));
    const { connections, settings } = await compared({ from: of(settable), to: other });
    expect(connections.changed[0]?.fields).toEqual([{ field: 'ports', from: '22', to: '2222' }]);
    expect(settings).toEqual([
      { kind: 'parameter', name: 'admin-port', from: 'ports, default 22', to: 'ports, default 2222' },
    ]);
  });

  it('knows a role by the document’s name for it', async () => {
    const renamed = baseline(OLD)
      .replaceAll('office:', 'back-office:')
      .replaceAll('source: office', 'source: back-office');
    const { connections, settings } = await compared({ from: of(OLD), to: file('b.yaml', renamed) });
    expect(connections).toMatchObject({ same: 3, added: [], removed: [], changed: [] });
    expect(settings).toHaveLength(2);
  });

  it('tells a direction that is closed now', async () => {
    const closed = of(OLD, 'closed: { in: true, out: true, forward: false }');
    expect((await compared({ from: of(OLD), to: closed })).settings).toEqual([
      { kind: 'closed', name: 'out', from: 'open', to: 'closed' },
    ]);
  });

  it('senhasegura to segura: what the newer edition adds and renames', async () => {
    const { connections } = await compared({ from: 'senhasegura', to: 'segura' });
    expect(connections.same).toBe(48);
    expect(connections.removed).toEqual([]);
    expect(connections.added.map(({ id }) => id)).toEqual([
      'package-mirrors.deb',
      'package-mirrors.security',
      'prd-to-mbr-4248-tcp',
      'prd-to-mbr-59022-tcp',
      'mbr-to-prd-4248-tcp',
      'mbr-to-prd-59022-tcp',
      'prd-to-domum-51445-tcp',
      'prd-to-domum-443-tcp',
      'domum-to-prd-51445-tcp',
      'domum-to-prd-443-tcp',
    ]);
    expect(connections.changed.map(({ to, fields }) => [to.id, fields.map(({ field }) => field)])).toEqual([
      ['prd-to-mbr-4444-tcp', ['cells']],
      ['mbr-to-prd-4444-tcp', ['cells']],
    ]);
  });
});

const SITE = `version: 1
roles: { shop: [10.0.0.1], office: [10.0.1.0/24] }
hosts: [{ name: s1, role: shop, baselines: [./b.yaml] }]
`;

describe('diff on a site', () => {
  const onSite = async (from: readonly string[], to: readonly string[], site = SITE, more?: string) => {
    const request = {
      from: of(from),
      to: of(to, more),
      deployment: file('site.yaml', site),
      files: [of(from)],
    };
    const { hosts = [] } = await compared(request);
    return hosts.map(({ name, open, close }) => ({ name, open: open.map(shown), close: close.map(shown) }));
  };
  const shown = ({ direction, connection, boxes, choice, prohibited, unbound }: HostChange): string =>
    [
      `${direction} ${connection}`,
      ...boxes.map(
        (box: Box) =>
          `${box.family} ${box.sources ?? '*'} ${box.destinations ?? '*'} ${box.destinationPorts ?? '*'}`,
      ),
      ...(choice ? ['choice'] : []),
      ...(prohibited ? ['prohibited'] : []),
      ...unbound,
    ].join('; ');

  it('opens what is new and closes what is gone, by packets and not by rows', async () => {
    const now = [row('web', 'any', '443'), row('admin', 'office', '22, 8443'), row('backup', 'office', '22')];
    expect(await onSite(OLD, now)).toEqual([
      {
        name: 's1',
        open: ['in admin; ipv4 10.0.1.0-10.0.1.255 10.0.0.1 8443'],
        close: ['in sync; ipv4 * * 990; bank'],
      },
    ]);
  });

  it('narrows and widens', async () => {
    const wide = [row('web', 'any', '443'), row('admin', 'any', '22'), row('sync', 'bank', '990')];
    const [narrower] = await onSite(wide, OLD);
    expect(narrower?.close[0]).toBe('in admin; ipv4 0.0.0.0-10.0.0.255,10.0.2.0-255.255.255.255 * 22');
    expect(narrower?.open).toEqual([]);
    const [wider] = await onSite(OLD, wide);
    expect(wider?.close).toEqual([]);
    expect(wider?.open).toHaveLength(1);
    expect(wider?.open[0]).not.toContain('10.0.1.0');
  });

  it('opens nothing for optional rows, and says what a choice and an unbound role are', async () => {
    const [optional] = await onSite(OLD, [...OLD, row('pos', 'office', '8443', ', level: optional')]);
    expect(optional).toEqual({ name: 's1', open: [], close: [] });
    const [choice] = await onSite(OLD, [...OLD, row('pos', 'bank', '{ choice: [80, 8443] }')]);
    expect(choice?.open).toEqual(['in pos; ipv4 * 10.0.0.1 80,8443; choice; bank']);
  });

  it('opens by interfaces that are bound to nobody else, where the host has such', async () => {
    const now = [row('web', 'any', '443'), row('admin', 'office', '22'), row('sync', 'bank', '8443')];
    const bound = SITE.replace(
      'office: [10.0.1.0/24]',
      'bank: [10.0.2.1], office: { addresses: [10.0.1.0/24], interfaces: [eth1] }',
    );
    const { hosts = [] } = await compared({
      from: of(OLD),
      to: of(now),
      deployment: file('site.yaml', bound),
      files: [of(OLD)],
    });
    expect(hosts[0]?.open.map(({ connection, boxes }) => [connection, boxes[0]?.in])).toEqual([
      ['sync', { except: ['eth1', 'lo'] }],
    ]);
  });

  it('closes what is forbidden now, and what another baseline of the host does not have', async () => {
    const [forbidden] = await onSite(OLD, [
      ...OLD,
      row('no-telnet', 'internet', '23', ', level: prohibited'),
    ]);
    expect(forbidden?.close).toHaveLength(1);
    expect(forbidden?.close[0]).toMatch(/^in no-telnet; ipv4 .* \* 23; prohibited$/);
  });

  it('closes nothing in a direction that is open', async () => {
    const open = 'closed: { in: false, out: false, forward: false }';
    expect(await onSite(OLD, OLD.slice(0, 2), SITE, open)).toEqual([{ name: 's1', open: [], close: [] }]);
  });

  it('refuses names that neither baseline knows', async () => {
    const deployment = file('site.yaml', SITE.replace('office:', 'ofice:'));
    const result = await diff({ from: of(OLD), to: of(OLD), deployment, files: [of(OLD)] });
    expect(result.ok ? [] : result.errors.map(({ code }) => code)).toEqual(['unknown-role']);
  });

  it('takes the roles and settings of hosts that have neither', async () => {
    const site = `version: 1
roles: { shop: [10.0.0.1], office: [10.0.1.0/24], worker: [10.3.1.11] }
features: { zone-rules: false }
hosts:
  - { name: s1, role: shop, baselines: [./b.yaml] }
  - { name: w1, role: worker, baselines: [apinizer] }
`;
    expect((await onSite(OLD, OLD, site)).map(({ name }) => name)).toEqual(['s1']);
  });
});

/** Every packet of small boxes by itself: hook, protocol, ends and port. */
function packetsOf(hook: string, boxes: readonly Box[]): string[] {
  const each = (texts: readonly string[] | undefined): string[] =>
    (texts ?? ['*']).flatMap((text) => {
      const [lo = '', hi = lo] = text.split('-');
      const last = (address: string): number => Number(address.split('.').at(-1));
      const few = last(hi) - last(lo) < 20 && lo.includes('.') === hi.includes('.');
      const stem = lo.split('.').slice(0, -1).join('.');
      if (!few) return [text];
      return Array.from(
        { length: last(hi) - last(lo) + 1 },
        (_, k) => `${stem === '' ? '' : `${stem}.`}${last(lo) + k}`,
      );
    });
  return boxes
    .filter(({ family }) => family === 'ipv4')
    .flatMap((box) =>
      each(box.sources).flatMap((source) =>
        each(box.destinations).flatMap((destination) =>
          each(box.destinationPorts).flatMap((port) =>
            each(box.protocols).map((protocol) => `${hook} ${protocol} ${source} ${destination} ${port}`),
          ),
        ),
      ),
    );
}
const HOOKS: Readonly<Record<string, string>> = {
  in: 'input',
  out: 'output',
  forward: 'forward',
  loopback: 'input',
};

/** One of each kind; every host would take long. */
const HOSTS = [
  'prd',
  'backup-server',
  'domum',
  'firewall-of-domum',
  'manager',
  'smtp-server',
  'firewall-of-load-balancer',
];

/** Two editions of each document on one site: the newer or changed one against a config that meets the older one. */
const EDITIONS: readonly (readonly [name: string, from: Baseline, to: Baseline, site: Site])[] = [
  ['senhasegura → segura', load('senhasegura'), load('segura'), siteOf('segura')],
  ['segura → senhasegura', load('segura'), load('senhasegura'), siteOf('segura')],
  [
    'apinizer without its outbound rows',
    load('apinizer'),
    without(load('apinizer'), 'outbound'),
    siteOf('apinizer'),
  ],
  ['apinizer with them again', without(load('apinizer'), 'outbound'), load('apinizer'), siteOf('apinizer')],
];

function load(id: string): Baseline {
  return unwrap(loadShipped(shipped, id));
}

function without(baseline: Baseline, table: string): Baseline {
  return { ...baseline, rows: baseline.rows.filter((one) => one.table !== table) };
}

describe.each(EDITIONS)('what diff says of %s against what check finds', (_, from, to, { deployment }) => {
  it('what has to be opened is what is missing, what has to be closed what is in excess', async () => {
    let changes = 0;
    for (const host of deployment.hosts.filter(({ name }) => HOSTS.includes(name))) {
      const [before, after] = [from, to].map((one) => unwrap(resolveWith(deployment, host, [one])));
      if (before === undefined || after === undefined) continue;
      const bytes = Buffer.from(iptables(planOf(before).generous));
      const { ruleset } = unwrap(await loadHost([{ path: 'rules.v4', bytes }]));
      const found = checkHost(after, ruleset, () => undefined).findings;
      const packets = (code: string): Set<string> =>
        new Set(found.filter((one) => one.code === code).flatMap((one) => packetsOf(one.hook, one.packets)));
      const told = (action: HostChange['action']): Set<string> =>
        new Set(
          hostChanges(before, after, ruleset)
            .filter((change) => change.action === action)
            .flatMap(({ direction, boxes }) => packetsOf(HOOKS[direction] ?? '', boxes)),
        );
      expect([...told('open')].sort(), host.name).toEqual([...packets('missing')].sort());
      // Of what is documented a config opens only what another machine can have as its address.
      expect(
        [...packets('excessive')].filter((one) => !told('close').has(one)),
        host.name,
      ).toEqual([]);
      expect(told('close').size > 0, host.name).toBe(packets('excessive').size > 0);
      changes += told('open').size + told('close').size;
    }
    expect(changes).toBeGreaterThan(5);
  });
});

describe('baseline diff on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-diff-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('exits 0 on the same, 1 on different, 2 on what cannot be read', async () => {
    expect(await inProcess(['baseline', 'diff', 'segura', 'segura'])).toMatchObject({
      status: 0,
      stderr: '',
    });
    const different = await inProcess(['baseline', 'diff', 'senhasegura', 'segura']);
    expect(different).toMatchObject({ status: 1, stderr: '' });
    expect(different.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(different.stdout.replace(/\s+/g, ' ')).toContain(
      '4444/METASPLOIT → ALLOW | TCP | PRD | ANY | MBR | 4444/SST do Galera Cluster',
    );
    expect(await inProcess(['baseline', 'diff', 'senhasegura', 'segur'])).toMatchObject({
      status: 2,
      stdout: '',
    });
    expect(await inProcess(['baseline', 'diff', 'senhasegura'])).toMatchObject({ status: 2, stdout: '' });
  });

  it('reads the site’s own baseline, and the sets that its roles are bound to', async () => {
    write('b.yaml', baseline(OLD));
    write('rules.v4', '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n');
    write('sets', 'create staff hash:net family inet\nadd staff 10.7.0.0/24\n');
    const site = write(
      'site.yaml',
      SITE.replace('office: [10.0.1.0/24]', 'office: { ipset: staff }').replace(
        'baselines',
        'configs: [rules.v4, sets], baselines',
      ),
    );
    const now = write('new.yaml', baseline([...OLD, row('pos', 'office', '8443')]));
    const { status, stdout } = await inProcess([
      'baseline',
      'diff',
      join(folder, 'b.yaml'),
      now,
      '--deployment',
      site,
    ]);
    expect(status).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'IPv4 tcp from 10.7.0.0-10.7.0.255 source port 1024-65535 to 10.0.0.1 port 8443',
    );
  });
});
