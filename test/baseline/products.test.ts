import { describe, expect, it } from 'vitest';
import type { ResolvedRow } from '../../src/baseline/model.ts';
import { resolveHosts, resolveWithout } from '../../src/baseline/resolve.ts';
import { loadShipped } from '../../src/baseline/shipped.ts';
import { deploymentOf, shipped, unwrap } from './support.ts';

const load = (id: string) => unwrap(loadShipped(shipped, id));
const [senhasegura, segura, edge, apinizer] = [
  'senhasegura',
  'segura',
  'axway-securetransport-edge',
  'apinizer',
].map(load) as [
  ReturnType<typeof load>,
  ReturnType<typeof load>,
  ReturnType<typeof load>,
  ReturnType<typeof load>,
];

/** The rows of a site's only host. */
function rowsOf(id: string, host: string, settings = ''): ReadonlyMap<string, ResolvedRow> {
  const site = `version: 1\n${settings}\nhosts:\n  - { name: h, baselines: [${id}], configs: [], ${host} }\n`;
  const [resolved] = unwrap(resolveHosts(deploymentOf(site), new Map([[id, load(id)]])));
  return new Map(resolved?.baselines[0]?.rows.map((row) => [`${row.id} ${row.direction}`, row]));
}

const alone = (baseline: typeof segura, role: string): readonly ResolvedRow[] =>
  unwrap(resolveWithout([baseline], role)).baselines[0]?.rows ?? [];

describe('the cells and what they mean', () => {
  it.each([
    ['senhasegura', senhasegura],
    ['segura', segura],
  ] as const)('%s: parties, protocol and port are those of the cells', (_, baseline) => {
    for (const row of baseline.rows.filter(({ table }) => table !== 'mirrors')) {
      const { Source = '', Destination = '', Protocol, 'Destination Port': port = '' } = row.cells;
      const [connection] = row.connections;
      expect(row.connections).toHaveLength(1);
      expect(baseline.roles.get(connection?.source ?? '')?.names).toEqual([Source]);
      expect(baseline.roles.get(connection?.destination ?? '')?.names).toEqual([Destination]);
      expect(connection?.protocols).toEqual([Protocol === 'TCP' ? 6 : 17]);
      const number = Number(port.split('/')[0]);
      const [term] = connection?.ports ?? [];
      const ports = term?.kind === 'parameter' ? baseline.parameters.get(term.name)?.default : term;
      expect(ports).toEqual(
        term?.kind === 'parameter' ? [number, number] : { kind: 'ports', ports: [number, number] },
      );
      expect(connection?.level).toBe('required');
    }
  });

  it('segura: the older edition is all there, under the same ids, and the newer adds the rest', () => {
    const ids = new Set(segura.rows.map(({ id }) => id));
    expect(senhasegura.rows.filter(({ id }) => !ids.has(id))).toEqual([]);
    const older = new Map(senhasegura.rows.map((row) => [row.id, row]));
    const added = segura.rows.filter(({ id }) => !older.has(id)).map(({ id }) => id);
    expect(added).toEqual([
      'package-mirrors',
      'prd-to-mbr-4248-tcp',
      'prd-to-mbr-59022-tcp',
      'mbr-to-prd-4248-tcp',
      'mbr-to-prd-59022-tcp',
      'prd-to-domum-51445-tcp',
      'prd-to-domum-443-tcp',
      'domum-to-prd-51445-tcp',
      'domum-to-prd-443-tcp',
    ]);
    const renamed = segura.rows.filter(({ id, digest }) => older.get(id)?.digest !== digest && older.has(id));
    expect(renamed.map(({ cells }) => cells['Destination Port'])).toEqual(
      Array(2).fill('4444/SST do Galera Cluster'),
    );
    expect(renamed.map(({ id }) => older.get(id)?.cells['Destination Port'])).toEqual(
      Array(2).fill('4444/METASPLOIT'),
    );
  });

  it('axway-securetransport-edge: every row leads to the Edges', () => {
    for (const { connections, cells } of edge.rows) {
      expect(connections[0]).toMatchObject({ destination: 'st-edges', protocols: [6], level: 'required' });
      const source = connections[0]?.source ?? '';
      if (cells.Source === 'Any') expect(source).toBe('any');
      else expect(edge.roles.get(source)?.names).toContain(cells.Source);
    }
  });

  it('apinizer: parties and levels are those of the cells', () => {
    for (const { cells, connections } of apinizer.rows.filter(
      ({ cells: { Source } }) => Source !== undefined,
    )) {
      const [connection] = connections;
      for (const [party, cell] of [
        [connection?.source, cells.Source],
        [connection?.destination, cells.Destination],
      ])
        if (cell === 'Internet') expect(party).toBe('internet');
        else expect(apinizer.roles.get(party ?? '')?.names).toContain(cell);
      expect(connection?.level).toBe(cells.Required === 'Optional' ? 'optional' : 'required');
    }
  });
});

describe('senhasegura and segura', () => {
  const settings = 'roles: { prd: [10.2.0.10], mbr: [10.2.0.11, 10.2.0.12] }\nclusters: { cluster: true }';
  const member = rowsOf('segura', 'role: mbr, addresses: [10.2.0.11]', settings);

  it('give a member the rows of the primary, and toward members the other ones', () => {
    expect(member.get('prd-to-dns-server-53-udp.mbr out')).toMatchObject({
      level: 'required',
      status: 'active',
      source: { binding: 'self' },
    });
    expect(member.get('userw-to-prd-3389-tcp.mbr in')).toMatchObject({ level: 'required', status: 'active' });
    for (const direction of ['in', 'out'] as const) {
      const row = member.get(`prd-to-mbr-4444-tcp.mbr ${direction}`);
      expect(row).toMatchObject({ status: 'active', all: [{ protocol: 6, ports: [4444, 4444] }] });
      expect(row?.[direction === 'in' ? 'source' : 'destination'].ipv4).toEqual([0x0a02000c, 0x0a02000c]);
    }
    expect(member.get('prd-to-mbr-4444-tcp in')?.source).toMatchObject({ role: 'prd', binding: 'bound' });
  });

  it('have no table of instances where there is no cluster', () => {
    const single = rowsOf('segura', 'role: prd', 'roles: { prd: [10.2.0.10] }');
    for (const { cells } of segura.rows.filter(({ table }) => table === 'instances'))
      expect(cells['Source Port']).toBe('ANY');
    expect(single.get('prd-to-mbr-22-tcp out')?.status).toBe('not-applicable');
    expect(single.get('prd-to-dvc-22-tcp out')?.status).toBe('active');
  });

  it('let the site say where its servers listen', () => {
    const written = rowsOf('senhasegura', 'role: prd').get('prd-to-mail-server-420-tcp out');
    expect(written?.all).toEqual([{ protocol: 6, ports: [420, 420] }]);
    const set = rowsOf('senhasegura', 'role: prd', 'parameters: { mail-server-port: 25 }');
    expect(set.get('prd-to-mail-server-420-tcp out')?.all).toEqual([{ protocol: 6, ports: [25, 25] }]);
  });

  it('need Domum where the site has it', () => {
    const id = 'domum-to-prd-51445-tcp in';
    expect(rowsOf('segura', 'role: prd').get(id)).toMatchObject({ level: 'optional', status: 'active' });
    expect(rowsOf('segura', 'role: prd', 'features: { domum: true }').get(id)?.level).toBe('required');
  });

  it('name the package mirrors', () => {
    const rows = alone(segura, 'prd').filter(({ id }) => id.startsWith('package-mirrors'));
    expect(rows.map(({ destination, all }) => [destination.dns, all])).toEqual(
      ['deb', 'security'].map((name) => [[`${name}.senhasegura.com`], [{ protocol: 6, ports: [443, 443] }]]),
    );
  });

  it('see a backup server from its own side', () => {
    const host = unwrap(resolveWithout([senhasegura], 'backup-server')).baselines[0];
    expect(host?.rows.map(({ direction }) => direction)).toEqual(['in', 'in', 'in', 'out', 'out', 'out']);
    expect(host?.closed).toEqual({ in: true, out: false, forward: true });
  });
});

describe('axway-securetransport-edge', () => {
  it('takes the passive range as a range or as base and count', () => {
    for (const value of ['40000-40100', '{ base: 40000, count: 101 }']) {
      const rows = rowsOf(edge.id, 'role: st-edges', `parameters: { ftp-passive-ports: ${value} }`);
      expect(rows.get('ftp-passive-data in')).toMatchObject({
        status: 'active',
        all: [{ protocol: 6, ports: [40000, 40100] }],
      });
    }
    expect(rowsOf(edge.id, 'role: st-edges').get('ftp-passive-data in')?.status).toBe('undetermined');
  });

  it("keeps both readings of active FTP's data channel", () => {
    const rows = rowsOf(edge.id, 'role: st-edges');
    expect(rows.get('ftp-active-data in')?.all).toEqual([{ protocol: 6, ports: [20, 20] }]);
    const reading = rows.get('ftp-active-data.reading out');
    expect(reading).toMatchObject({ level: 'required', all: [{ protocol: 6, sourcePorts: [20, 20] }] });
    expect(reading?.because).toContain('RFC 959');
    const none = rowsOf(edge.id, 'role: st-edges', 'features: { ftp-active: false }');
    expect(none.get('ftp-active-data.reading out')?.status).toBe('not-applicable');
    expect(none.get('ftp-control in')?.status).toBe('active');
  });

  it('streams HTTP where the Edges take HTTP, HTTPS or both, unless the site says otherwise', () => {
    const row = (features: string) =>
      rowsOf(edge.id, 'role: st-edges', `features: { ${features} }`).get('streaming-http in');
    for (const features of [
      'ssh: false',
      'http: false',
      'https: false',
      'http: false, https: false, streaming-http: true',
    ])
      expect(row(features)?.status).toBe('active');
    expect(row('http: false, https: false')).toMatchObject({
      status: 'not-applicable',
      reason: 'the features `http` and `https` are off',
    });
    expect(row('http: undecided, https: false')).toMatchObject({
      status: 'undetermined',
      reason: 'the site does not decide the feature `http`',
    });
    expect(row('streaming-http: false')?.reason).toBe('the feature `streaming-http` is off');
  });

  it('has rows among Edges, both ways, and only inbound is closed', () => {
    const rows = rowsOf(
      edge.id,
      'role: st-edges, addresses: [10.4.1.11]',
      'roles: { st-edges: [10.4.1.11, 10.4.1.12] }',
    );
    for (const direction of ['in', 'out'])
      expect(rows.get(`hibernate-cache ${direction}`)?.all).toEqual([{ protocol: 6, ports: [7800, 7802] }]);
    expect(edge.closed).toEqual({ in: true, out: false, forward: false });
  });
});

describe('apinizer', () => {
  it('asks which of 25 and 587 it is', () => {
    expect(rowsOf('apinizer', 'role: manager').get('smtp out')?.choices).toEqual([
      [
        { protocol: 6, ports: [25, 25] },
        { protocol: 6, ports: [587, 587] },
      ],
    ]);
    const chosen = rowsOf('apinizer', 'role: manager', 'parameters: { smtp-ports: 587 }').get('smtp out');
    expect(chosen).toMatchObject({ choices: [], all: [{ protocol: 6, ports: [587, 587] }] });
  });

  it('takes UDP/TCP as both, and a two-headed arrow as both directions', () => {
    expect(rowsOf('apinizer', 'role: manager').get('dns out')?.all).toEqual(
      [6, 17].map((protocol) => ({ protocol, ports: [53, 53] })),
    );
    const mongodb = rowsOf(
      'apinizer',
      'role: mongodb, addresses: [10.3.2.21]',
      'roles: { mongodb: [10.3.2.21, 10.3.2.22] }',
    );
    for (const direction of ['in', 'out'])
      expect(mongodb.get(`mongodb-replica-set ${direction}`)?.status).toBe('active');
  });

  it('leaves pods undetermined until the site says which ports they use', () => {
    expect(rowsOf('apinizer', 'role: pod').get('pod-to-pod in')).toMatchObject({
      status: 'undetermined',
      undecided: [{ protocol: 6 }, { protocol: 17 }],
    });
    const set = rowsOf('apinizer', 'role: pod', 'parameters: { pod-ports: [8080] }').get('pod-to-pod in');
    expect(set).toMatchObject({ status: 'active' });
  });

  it('keeps both ports at which the lists have Workers reached', () => {
    const rows = rowsOf('apinizer', 'role: worker');
    expect(rows.get('load-balancer-worker in')).toMatchObject({ level: 'required' });
    expect(rows.get('worker-client-access in')).toMatchObject({
      level: 'optional',
      all: [{ protocol: 6, ports: [80, 80, 443, 443] }],
    });
    const said = rowsOf('apinizer', 'role: worker', 'features: { worker-client-ports: true }');
    expect(said.get('worker-client-access in')?.level).toBe('required');
  });

  it('opens the LAN to the whole DMZ only where the site says so', () => {
    const id = 'dmz-mongodb in';
    expect(rowsOf('apinizer', 'role: mongodb').get(id)).toMatchObject({ status: 'not-applicable', all: [] });
    const zones = rowsOf(
      'apinizer',
      'role: mongodb',
      'roles: { dmz: [10.3.1.0/24] }\nfeatures: { zone-rules: true }',
    );
    expect(zones.get(id)).toMatchObject({
      status: 'active',
      level: 'optional',
      source: { binding: 'bound' },
    });
  });

  it('prohibits public addresses, whoever else is bound or not', () => {
    for (const [role, ids] of [
      ['mongodb', ['never-expose-databases.mongodb']],
      ['elasticsearch', ['never-expose-databases.elasticsearch']],
      ['manager', ['never-expose-manager']],
    ] as const) {
      const prohibited = alone(apinizer, role).filter(({ level }) => level === 'prohibited');
      expect(prohibited.map(({ id }) => id)).toEqual(ids);
      expect(prohibited.map(({ status, source }) => [status, source.role])).toEqual([['active', 'internet']]);
    }
  });

  it('has a firewall between the zones pass what crosses it', () => {
    const lan = rowsOf(
      'apinizer',
      'role: none, protects: [manager, mongodb, elasticsearch, cache]',
      'roles: { manager: [10.3.2.10] }',
    );
    const needed = [...lan.values()].filter(
      ({ level, direction }) => level === 'required' && direction === 'forward',
    );
    expect(needed.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'worker-mongodb',
        'worker-elasticsearch',
        'worker-cache',
        'deployment',
        'vpn-manager',
        'dns',
      ]),
    );
    expect(needed.map(({ id }) => id)).not.toContain('load-balancer-worker');
    expect(lan.get('never-expose-manager forward')).toMatchObject({ level: 'prohibited', status: 'active' });
  });
});
