import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ResolvedRow } from '../../src/baseline/model.ts';
import { resolveAs, resolveHosts, resolveWithout } from '../../src/baseline/resolve.ts';
import { contains } from '../../src/packet/ranges.ts';
import { parseIPv4, parseIPv6 } from '../../src/packet/address.ts';
import { baselineOf, deploymentOf, fixtures, unwrap } from './support.ts';

const baseline = baselineOf(readFileSync(join(fixtures, 'format', 'baseline.yaml'), 'utf8'));
const named = new Map([['format', baseline]]);
const ip = (text: string): number => parseIPv4(text) as number;
const ip6 = (text: string): bigint => parseIPv6(text) as bigint;

/** The first host of a site of one role; `rest` is YAML. */
function hostOf(role: string, rest = '', hostRest = '') {
  const text = `version: 1\n${rest}\nhosts:\n  - { name: h, role: ${role}, baselines: [format]${hostRest} }\n`;
  const result = resolveHosts(deploymentOf(text), named);
  const host = unwrap(result)[0];
  if (host === undefined) throw new Error('no host');
  return { host, warnings: result.ok ? result.warnings : [] };
}

function rowsOf(role: string, rest = '', hostRest = ''): readonly ResolvedRow[] {
  return hostOf(role, rest, hostRest).host.baselines[0]?.rows ?? [];
}

function rowOf(id: string, role: string, rest = '', hostRest = '', direction?: string): ResolvedRow {
  const found = rowsOf(role, rest, hostRest).filter(
    (row) => row.id === id && (direction ?? row.direction) === row.direction,
  );
  expect(found).toHaveLength(1);
  return found[0] as ResolvedRow;
}

const summary = (rows: readonly ResolvedRow[]): string[] =>
  rows.map(({ id, direction, level, status }) => `${id} ${direction} ${level} ${status}`);

describe('directions', () => {
  it('is out where the host is the source and in where it is the destination', () => {
    expect(summary(rowsOf('userw'))).toEqual([
      'domum in required undetermined',
      'control out required active',
      'never-users out prohibited undetermined',
      'zones.shell out required active',
      'router-advertisement out required active',
      'ping in required active',
    ]);
  });

  it('is both where a role talks to itself, each without the host', () => {
    const roles = 'roles: { edge: [10.0.0.1, 10.0.0.2, 10.0.0.3] }';
    const [out, back] = rowsOf('edge', roles, ', addresses: 10.0.0.2').filter(({ id }) => id === 'cache');
    expect([out?.direction, back?.direction]).toEqual(['out', 'in']);
    expect(out?.source).toMatchObject({ binding: 'self', ipv4: [ip('10.0.0.2'), ip('10.0.0.2')] });
    const others = [ip('10.0.0.1'), ip('10.0.0.1'), ip('10.0.0.3'), ip('10.0.0.3')];
    expect(out?.destination).toMatchObject({ role: 'edge', binding: 'bound', ipv4: others, ipv6: [] });
    expect(back?.source).toMatchObject({ role: 'edge', ipv4: others });
  });

  it('does not apply to a role with one machine', () => {
    const row = rowOf('cache', 'edge', 'roles: { edge: [10.0.0.1] }', '', 'out');
    expect(row).toMatchObject({
      status: 'not-applicable',
      reason: 'no other machine has the role `edge`',
      all: [],
    });
  });

  it('doubles a bidirectional row', () => {
    expect(summary(rowsOf('worker').filter(({ id }) => id.startsWith('status')))).toEqual([
      'status out required active',
      'status.reverse in required active',
    ]);
  });
});

describe('parties', () => {
  const roles = `roles:
  worker: [10.1.0.1]
  mongodb: { addresses: ["10.2.0.0/24", "10.3.0.1-10.3.0.9", "2001:db8::/64"], interfaces: [eth1, "ppp+"] }
  userw: { ipset: [users4, users6], set: inet filter users, securityGroups: sg-1, tags: web, serviceAccounts: [a@b] }
  mirror: { dns: deb.example.com, addresses: 203.0.113.9 }
  dns-server: unbound
  edge: internet`;

  it('are the addresses, interfaces, sets and groups that the deployment writes', () => {
    const { destination } = rowOf('zones.data', 'worker', roles);
    expect(destination).toEqual({
      role: 'mongodb',
      binding: 'bound',
      ipv4: [ip('10.2.0.0'), ip('10.2.0.255'), ip('10.3.0.1'), ip('10.3.0.9')],
      ipv6: [ip6('2001:db8::'), ip6('2001:db8::ffff:ffff:ffff:ffff')],
      interfaces: [
        { name: 'eth1', prefix: false },
        { name: 'ppp', prefix: true },
      ],
      sets: [],
      groups: [],
    });
    expect(rowOf('domum', 'prd', roles).destination).toEqual({
      role: 'userw',
      binding: 'bound',
      interfaces: [],
      sets: ['users4', 'users6', 'inet filter users'],
      groups: [
        { key: 'securityGroups', name: 'sg-1' },
        { key: 'tags', name: 'web' },
        { key: 'serviceAccounts', name: 'a@b' },
      ],
    });
    expect(rowOf('mirrors', 'prd', roles).destination).toMatchObject({
      dns: ['deb.example.com'],
      ipv4: [ip('203.0.113.9'), ip('203.0.113.9')],
      ipv6: [],
    });
  });

  it('are unbound where nothing binds them or the deployment says so, and the host lists them', () => {
    const { host } = hostOf('prd', roles);
    expect(host.unbound).toEqual(['dns-server']);
    expect(hostOf('prd').host.unbound).toEqual(['dns-server', 'mirror', 'userw']);
    expect(rowOf('mirrors', 'prd').destination).toMatchObject({
      binding: 'unbound',
      dns: ['deb.example.com', 'security.example.com'],
    });
  });

  it('of the Internet are all that no other role has; only routable public addresses are needed', () => {
    const { source } = rowOf('public', 'worker', roles);
    expect(source.binding).toBe('internet');
    const documented = source.ipv4 ?? [];
    const needed = source.needed?.ipv4 ?? [];
    for (const text of ['10.1.0.1', '10.2.0.77', '203.0.113.9'])
      expect(contains(documented, ip(text))).toBe(false);
    for (const text of ['0.0.0.0', '10.1.0.2', '127.0.0.1', '198.51.100.1', '255.255.255.255'])
      expect(contains(documented, ip(text))).toBe(true);
    for (const text of ['198.51.100.1', '8.8.8.8', '203.0.113.8'])
      expect(contains(needed, ip(text))).toBe(true);
    for (const text of [
      '10.9.0.1',
      '192.168.1.1',
      '100.64.0.1',
      '127.0.0.1',
      '169.254.0.1',
      '224.0.0.1',
      '203.0.113.9',
    ])
      expect(contains(needed, ip(text))).toBe(false);
    expect(contains(source.ipv6 ?? [], ip6('2001:db8::5'))).toBe(false);
    expect(contains(source.needed?.ipv6 ?? [], ip6('2001:db8:1::5'))).toBe(true);
    expect(contains(source.needed?.ipv6 ?? [], ip6('fc00::1'))).toBe(false);
    expect(source.exceptSets).toEqual(['inet filter users', 'users4', 'users6']);
  });

  it("named `any` are all addresses; other machines' are needed", () => {
    const { source } = rowOf('passive', 'edge', 'parameters: { passive-ftp: 40000-40100 }');
    expect(source).toMatchObject({ binding: 'any', ipv4: [0, 2 ** 32 - 1] });
    expect(contains(source.needed?.ipv4 ?? [], ip('10.0.0.1'))).toBe(true);
    expect(contains(source.needed?.ipv4 ?? [], ip('127.0.0.1'))).toBe(false);
    expect(contains(source.needed?.ipv6 ?? [], ip6('fc00::1'))).toBe(true);
    expect(contains(source.needed?.ipv6 ?? [], ip6('fe80::1'))).toBe(false);
  });

  it('of a prohibition by the Internet are public addresses only', () => {
    const { source, level, status } = rowOf('never-expose', 'mongodb', roles);
    expect([level, status]).toEqual(['prohibited', 'active']);
    expect(contains(source.ipv4 ?? [], ip('10.9.0.1'))).toBe(false);
    expect(contains(source.ipv4 ?? [], ip('8.8.8.8'))).toBe(true);
    expect(source.needed).toBeUndefined();
  });

  it('leave a prohibition undetermined where nobody knows whom it is about', () => {
    expect(rowOf('never-users', 'mongodb')).toMatchObject({
      status: 'undetermined',
      reason: 'the role `userw` is not bound',
    });
    expect(rowOf('never-users', 'mongodb', roles)).toMatchObject({ status: 'active' });
  });

  it('with addresses that the baseline fixes need no deployment', () => {
    const { destination } = rowOf('router-advertisement', 'prd');
    expect(destination).toMatchObject({ binding: 'bound', ipv4: [], ipv6: [ip6('ff02::1'), ip6('ff02::1')] });
  });

  it("do not need the host's own addresses", () => {
    const site = 'roles: { worker: [10.2.0.7], mongodb: 10.2.0.0/24 }';
    const { destination } = rowOf('zones.data', 'worker', site);
    expect(destination.ipv4).toEqual([ip('10.2.0.0'), ip('10.2.0.255')]);
    expect(destination.needed?.ipv4).toEqual([
      ip('10.2.0.0'),
      ip('10.2.0.6'),
      ip('10.2.0.8'),
      ip('10.2.0.255'),
    ]);
  });
});

describe('the host', () => {
  it('has the addresses of its role', () => {
    expect(hostOf('worker', 'roles: { worker: [10.1.0.1, "2001:db8::1"] }').host.own).toMatchObject({
      role: 'worker',
      binding: 'self',
      ipv4: [ip('10.1.0.1'), ip('10.1.0.1')],
      ipv6: [ip6('2001:db8::1'), ip6('2001:db8::1')],
    });
  });

  it.each([
    ['a network', 'roles: { worker: 10.1.0.0/24 }', 'own-addresses'],
    ['a range', 'roles: { worker: 10.1.0.1-10.1.0.2 }', 'own-addresses'],
    ['an ipset', 'roles: { worker: { ipset: workers } }', undefined],
    ['nothing', '', undefined],
  ])('has unknown addresses where its role is %s', (_, rest, warning) => {
    const { host, warnings } = hostOf('worker', rest);
    expect(host.own.ipv4).toBeUndefined();
    expect(host.own.ipv6).toBeUndefined();
    expect(warnings.map(({ code }) => code)).toEqual(warning === undefined ? [] : [warning]);
  });

  it('has unknown addresses where several hosts share its role, unless it writes its own', () => {
    const site = `version: 1
roles: { worker: [10.1.0.1, 10.1.0.2] }
hosts:
  - { name: a, role: worker, baselines: [format] }
  - { name: b, role: worker, baselines: [format], addresses: 10.1.0.2 }
`;
    const result = resolveHosts(deploymentOf(site), named);
    expect(unwrap(result).map(({ own }) => own.ipv4)).toEqual([undefined, [ip('10.1.0.2'), ip('10.1.0.2')]]);
    expect(result.ok && result.warnings.map(({ code }) => code)).toEqual(['own-addresses']);
  });

  it('is the same when only some hosts are chosen', () => {
    const site = deploymentOf(`version: 1
roles: { worker: [10.1.0.1], stranger: [10.9.0.1] }
hosts:
  - { name: a, role: worker, baselines: [format] }
  - { name: b, role: worker, baselines: [other] }
`);
    const result = resolveHosts(site, named, [], site.hosts.slice(0, 1));
    expect(unwrap(result)).toMatchObject([{ name: 'a', own: { binding: 'self' } }]);
    expect(unwrap(result)[0]?.own.ipv4).toBeUndefined();
    expect(result.ok && result.warnings.map(({ code }) => code)).toEqual(['unknown-role', 'own-addresses']);
  });

  it('may say otherwise than the deployment', () => {
    const general = 'features: { domum: false }\nparameters: { ssh-port: 22 }\nroles: { userw: [10.5.0.1] }';
    const own = ', features: { domum: true }, parameters: { ssh-port: 2222 }, roles: { userw: [10.6.0.1] }';
    expect(rowOf('domum', 'prd', general)).toMatchObject({ status: 'not-applicable' });
    expect(rowOf('domum', 'prd', general, own)).toMatchObject({ status: 'active' });
    expect(rowOf('zones.shell', 'mongodb', general, own)).toMatchObject({
      all: [{ protocol: 6, ports: [2222, 2222] }],
      source: { ipv4: [ip('10.6.0.1'), ip('10.6.0.1')] },
    });
  });

  it('is closed as its role says, else as the baseline says', () => {
    expect(hostOf('worker').host.baselines[0]?.closed).toEqual({ in: true, out: true, forward: true });
    expect(hostOf('edge').host.baselines[0]?.closed).toEqual({ in: true, out: false, forward: true });
  });
});

describe('ports', () => {
  it('come from a default, a range, or base and count', () => {
    expect(rowOf('zones.shell', 'mongodb')).toMatchObject({
      all: [{ protocol: 6, ports: [22, 22] }],
      states: ['new', 'untracked'],
    });
    for (const value of ['"40000-40100"', '{ base: 40000, count: 101 }', '["40000-40100"]'])
      expect(rowOf('passive', 'edge', `parameters: { passive-ftp: ${value} }`).all).toEqual([
        { protocol: 6, ports: [40000, 40100] },
      ]);
  });

  it('are undetermined where nobody sets them', () => {
    expect(rowOf('passive', 'edge')).toMatchObject({
      status: 'undetermined',
      all: [],
      undecided: [{ protocol: 6 }],
    });
    expect(rowOf('pods', 'worker', '', '', 'in')).toMatchObject({
      reason: 'the site does not set `pod-ports`',
      undecided: [{ protocol: 6 }, { protocol: 17 }],
    });
  });

  it('of both protocols are needed; a choice is one for each protocol', () => {
    expect(rowOf('dns', 'prd').all).toEqual([
      { protocol: 6, ports: [53, 53] },
      { protocol: 17, ports: [53, 53] },
    ]);
    expect(rowOf('public', 'worker')).toMatchObject({
      all: [{ protocol: 6, ports: [8080, 8080] }],
      choices: [
        [
          { protocol: 6, ports: [80, 80] },
          { protocol: 6, ports: [443, 443] },
        ],
      ],
    });
  });

  it('leave nothing where the site says that there are none', () => {
    expect(rowOf('pods', 'worker', 'parameters: { pod-ports: [] }', '', 'out')).toMatchObject({
      status: 'not-applicable',
      reason: 'the site has no such ports',
    });
  });

  it('of ICMP are types, in its own family', () => {
    expect(rowOf('ping', 'prd')).toMatchObject({
      families: [4],
      all: [{ protocol: 1, icmp: [{ type: 8 }] }],
    });
    expect(rowOf('router-advertisement', 'prd')).toMatchObject({
      families: [6],
      all: [{ protocol: 58, icmp: [{ type: 134, code: 0 }] }],
      states: ['untracked'],
    });
  });
});

describe('readings', () => {
  it('stand beside the row as written, or in its place', () => {
    expect(summary(rowsOf('edge').filter(({ id }) => id.startsWith('active-data')))).toEqual([
      'active-data in optional active',
      'active-data.reading out required active',
    ]);
    const reading = rowOf('active-data.reading', 'edge');
    expect(reading.all).toEqual([{ protocol: 6, sourcePorts: [20, 20] }]);
    expect(reading.because).toMatch(/port 20/);
    expect(reading.document.text).toBe('20 | Any');
    expect(rowOf('control', 'edge')).toMatchObject({
      source: { role: 'userw' },
      because: 'The page names the wrong party.',
    });
  });
});

describe('features', () => {
  it('are undetermined, needed or left out', () => {
    const row = (value?: string) =>
      rowOf('domum', 'prd', value === undefined ? '' : `features: { domum: ${value} }`);
    expect(row()).toMatchObject({
      status: 'undetermined',
      all: [],
      undecided: [{ protocol: 6, ports: [51445, 51445] }],
    });
    expect(row('true')).toMatchObject({ status: 'active', all: [{ protocol: 6, ports: [51445, 51445] }] });
    expect(row('false')).toMatchObject({ status: 'not-applicable', all: [], undecided: [] });
  });
});

describe('clusters', () => {
  const roles = 'roles: { prd: [10.0.0.1], mbr: [10.0.0.2, 10.0.0.3] }';
  const galera = (rows: readonly ResolvedRow[]) => summary(rows.filter(({ id }) => id.startsWith('galera')));

  it('give members the rows of the primary, towards the other members', () => {
    const declared = `${roles}\nclusters: { instances: true }`;
    const rows = rowsOf('mbr', declared, ', addresses: 10.0.0.2');
    expect(galera(rows)).toEqual([
      'galera in required active',
      'galera.mbr out required active',
      'galera.mbr in required active',
      'galera-back out required active',
      'galera-back.mbr out required active',
      'galera-back.mbr in required active',
    ]);
    const member = rows.find((row) => row.id === 'galera.mbr' && row.direction === 'out');
    expect(member?.destination).toMatchObject({ role: 'mbr', ipv4: [ip('10.0.0.3'), ip('10.0.0.3')] });
    expect(rows.find(({ id }) => id === 'dns.mbr')).toMatchObject({
      direction: 'out',
      level: 'required',
      source: { binding: 'self' },
    });
  });

  it('let the peers expect members too', () => {
    const declared = `${roles}\nclusters: { instances: true }`;
    expect(summary(rowsOf('dns-server', declared).filter(({ id }) => id.startsWith('dns')))).toEqual([
      'dns in required active',
      'dns.mbr in required active',
    ]);
  });

  it('that are not declared give nothing to members, and a warning', () => {
    const { host, warnings } = hostOf('mbr', roles, ', addresses: 10.0.0.2');
    expect(galera(host.baselines[0]?.rows ?? [])).toEqual([
      'galera in required active',
      'galera-back out required active',
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(['undeclared-cluster']);
  });

  it('do not apply where the site has no members', () => {
    expect(galera(rowsOf('prd', 'roles: { prd: [10.0.0.1] }'))).toEqual([
      'galera out required not-applicable',
      'galera-back in required not-applicable',
    ]);
    expect(galera(rowsOf('prd', `${roles}\nclusters: { instances: false }`))).toEqual([
      'galera out required not-applicable',
      'galera-back in required not-applicable',
    ]);
  });

  it("are optional with no deployment, and a member has the primary's rows as optional ones", () => {
    const rows = (role: string) => unwrap(resolveWithout([baseline], role)).baselines[0]?.rows ?? [];
    expect(galera(rows('prd'))).toEqual(['galera out optional active', 'galera-back in optional active']);
    expect(summary(rows('mbr').filter(({ id }) => id === 'dns.mbr'))).toEqual([
      'dns.mbr out optional active',
    ]);
    expect(galera(rows('mbr')).slice(0, 2)).toEqual([
      'galera in required active',
      'galera.mbr out optional active',
    ]);
  });
});

describe('a firewall between zones', () => {
  const roles = 'roles: { worker: [10.1.0.1], mongodb: [10.2.0.1], userw: [10.3.0.0/24] }';
  const forward = (rest: string, protects: string) =>
    rowsOf('none', rest, `, protects: [${protects}]`).filter(({ direction }) => direction === 'forward');

  it('is judged by every connection that crosses it', () => {
    expect(summary(forward(roles, 'mongodb'))).toEqual([
      'status forward required active',
      'status.reverse forward required active',
      'never-expose forward prohibited active',
      'never-users forward prohibited active',
      'zones.data forward required active',
      'zones.shell forward required active',
      'router-advertisement.mongodb forward optional active',
      'ping.mongodb forward optional active',
    ]);
    const { source, destination } = forward(roles, 'mongodb').find(
      ({ id }) => id === 'zones.data',
    ) as ResolvedRow;
    expect([source.role, source.binding, destination.role, destination.binding]).toEqual([
      'worker',
      'bound',
      'mongodb',
      'bound',
    ]);
  });

  it('needs a connection between two protected roles only where interfaces tell them apart', () => {
    const ids = (rest: string) =>
      summary(forward(rest, 'worker, mongodb').filter(({ id }) => id === 'zones.data'));
    expect(ids(roles)).toEqual(['zones.data forward optional active']);
    const on = (a: string, b: string) =>
      `roles: { worker: { addresses: 10.1.0.1, interfaces: ${a} }, mongodb: { addresses: 10.2.0.1, interfaces: ${b} } }`;
    expect(ids(on('eth1', 'eth2'))).toEqual(['zones.data forward required active']);
    expect(ids(on('eth1', 'eth1'))).toEqual(['zones.data forward optional active']);
  });

  it('does not need what is behind it from anybody', () => {
    const { source } = forward('roles: { edge: [203.0.113.1] }', 'edge').find(
      ({ id }) => id === 'control' || id === 'passive',
    ) as ResolvedRow;
    expect(contains(source.needed?.ipv4 ?? [], ip('203.0.113.1'))).toBe(false);
    expect(contains(source.needed?.ipv4 ?? [], ip('203.0.113.2'))).toBe(true);
  });

  it('is itself a machine', () => {
    expect(
      summary(
        rowsOf('none', roles, ', protects: [mongodb]').filter(({ direction }) => direction !== 'forward'),
      ),
    ).toEqual(['router-advertisement out required active', 'ping in required active']);
  });
});

describe('without a deployment', () => {
  it('there is one host, and nothing is bound', () => {
    const host = unwrap(resolveWithout([baseline], 'worker'));
    expect(host).toMatchObject({
      name: 'host',
      role: 'worker',
      own: { binding: 'self' },
    });
    expect(host.unbound).toEqual(['mongodb', 'worker']);
    const bindings = host.baselines[0]?.rows.flatMap(({ source, destination }) => [
      source.binding,
      destination.binding,
    ]);
    expect(new Set(bindings)).toEqual(new Set(['self', 'unbound', 'internet', 'any', 'bound']));
  });

  it.each([
    ['wroker', 'Did you mean `worker`?'],
    ['none', undefined],
  ])('the role %s is an error', (role, help) => {
    const result = resolveWithout([baselineOf(baseline.source.text.replace(', everyHost: true', ''))], role);
    expect(result.ok ? [] : result.errors).toMatchObject([
      { code: 'unknown-role', ...(help === undefined ? {} : { help }) },
    ]);
  });

  it('a role must be named, unless every baseline is for every host', () => {
    const particular = baselineOf(baseline.source.text.replace(', everyHost: true', ''));
    const result = resolveWithout([particular], undefined);
    expect(result.ok ? [] : result.errors.map(({ code }) => code)).toEqual(['role-needed']);
    expect(unwrap(resolveWithout([baseline], undefined)).role).toBe('machine');
  });
});

describe('with a deployment and a role', () => {
  it('the settings count and the hosts do not', () => {
    const site = deploymentOf('version: 1\nroles: { mongodb: [10.2.0.1], worker: [10.1.0.1] }\n');
    const host = unwrap(resolveAs(site, [baseline], 'worker'));
    expect(host.own.ipv4).toEqual([ip('10.1.0.1'), ip('10.1.0.1')]);
    expect(host.unbound).toEqual([]);
  });

  it('names that nobody knows are errors', () => {
    const site = deploymentOf('version: 1\nroles: { mongobd: [10.2.0.1] }\n');
    const result = resolveAs(site, [baseline], 'worker');
    expect(result.ok ? [] : result.errors).toMatchObject([
      { code: 'unknown-role', help: 'Did you mean `mongodb`?' },
    ]);
  });
});
