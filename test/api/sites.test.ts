import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, type InputFile, type Report, siteFiles } from '../../src/api.ts';

interface Fault {
  readonly title: string;
  readonly host: string;
  /** What is replaced in the host's rules, and by what. */
  readonly change: readonly [string, string];
  /** What {@link short} makes of the findings, once each. */
  readonly found: readonly string[];
}

const folder = join('fixtures', 'sites');

/** A site checked, with one of its configs changed. */
async function checkSite(id: string, fault?: Fault): Promise<Report> {
  const path = join(folder, id, 'site.yaml');
  const deployment: InputFile = { path, bytes: readFileSync(path) };
  const named = siteFiles(deployment, undefined);
  if (!named.ok) throw new Error(named.errors.map(({ message }) => message).join('\n'));
  const files = named.value.map(({ path: file }): InputFile => {
    const text = readFileSync(file, 'utf8');
    if (fault === undefined || !file.includes(`/${fault.host}/`))
      return { path: file, bytes: Buffer.from(text) };
    const changed = text.replace(...fault.change);
    expect(changed).not.toBe(text);
    return { path: file, bytes: Buffer.from(changed) };
  });
  const report = await check({ deployment, files });
  if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join('\n'));
  return report.value;
}

/** A finding in short: its rule and its row, or what is open beyond the rows. */
function short({ code, rule, connection, packets }: Report['hosts'][number]['findings'][number]): string {
  if (code !== 'excessive') return `${rule} ${connection}`;
  const opened = packets.flatMap(({ protocols = [], destinationPorts = [] }) =>
    destinationPorts.map((port) => `${protocols.join('/')}:${port}`),
  );
  return `excessive ${[...new Set(opened)].join(' ')}`;
}

const findings = (report: Report, host?: string): string[] =>
  report.hosts
    .filter(({ name }) => host === undefined || name === host)
    .flatMap((one) => one.findings.map(short));

const SITES: Readonly<Record<string, readonly Fault[]>> = {
  senhasegura: [
    {
      title: 'the log server cannot be reached by UDP',
      host: 'pam',
      change: ['-A OUTPUT -d 10.2.1.51/32 -p udp -m udp --dport 6514 -j ACCEPT\n', ''],
      found: ['closed prd-to-log-server-6514-udp'],
    },
    {
      title: 'RDP from users is closed, and a port that nobody documents is open to them',
      host: 'pam',
      change: ['--dports 22,80,443,3389', '--dports 22,80,443,3390'],
      found: ['closed userw-to-prd-3389-tcp', 'excessive 6:3390'],
    },
    {
      title: 'devices are reached by Telnet, which the site has turned off',
      host: 'pam',
      change: ['--dports 22,80,443,3306,5432', '--dports 22,23,80,443,3306,5432'],
      found: ['excessive 6:23'],
    },
  ],
  segura: [
    {
      title: 'Segura Sync is closed at the primary for both members',
      host: 'pam1',
      change: [
        '-A cluster-in -p tcp -m multiport --dports 22,80,443,3306,4248,',
        '-A cluster-in -p tcp -m multiport --dports 22,80,443,3306,',
      ],
      found: ['closed mbr-to-prd-4248-tcp'],
    },
    {
      title: 'a member lacks what it has from the primary: the workstations',
      host: 'pam2',
      change: ['--dports 22,80,443,3389', '--dports 22,80,443'],
      found: ['closed userw-to-prd-3389-tcp.mbr'],
    },
    {
      title: 'a member cannot be reached by the other member',
      host: 'pam2',
      change: ['-A INPUT -s 10.2.0.12/32 -j cluster-in\n', ''],
      found: ['80', '443', '22', '3306', '4248', '4444', '4567', '4568', '9300', '59022']
        .flatMap((port) => [`closed prd-to-mbr-${port}-tcp.mbr`, `closed mbr-to-prd-${port}-tcp.mbr`])
        .concat('closed prd-to-mbr-4567-udp.mbr', 'closed mbr-to-prd-4567-udp.mbr')
        .sort(),
    },
    {
      title: 'one of the two package mirrors is closed',
      host: 'pam1',
      change: ['-d 198.51.100.10/31', '-d 198.51.100.10/32'],
      found: ['closed package-mirrors.security'],
    },
    {
      title: 'the backup server is closed to one member, and open to everybody for another protocol',
      host: 'backup',
      change: ['-s 10.2.0.12/32 -p tcp -m multiport --dports 22,2049,5445', '-p tcp -m tcp --dport 873'],
      found: [
        ...['22', '2049', '5445'].map((port) => `partly-closed prd-to-backup-server-${port}-tcp.mbr`).sort(),
        'excessive 6:873',
      ],
    },
  ],
  'axway-securetransport-edge': [
    {
      title: 'the passive range is cut short',
      host: 'edge1',
      change: ['40000:40100', '40000:40050'],
      found: ['partly-closed ftp-passive-data'],
    },
    {
      title: 'the database is open to the servers',
      host: 'edge1',
      change: ['20080,20444,21080,27617', '20080,20444,21080,27617,33060'],
      found: ['excessive 6:33060'],
    },
    {
      title: 'active FTP cannot open its data channel, which is not what the row says',
      host: 'edge1',
      change: [
        ':OUTPUT ACCEPT [0:0]',
        ':OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -m tcp --sport 20 -m conntrack --ctstate NEW -j DROP',
      ],
      found: ['closed ftp-active-data.reading'],
    },
    {
      title: 'active FTP is closed inward, which is what the row says',
      host: 'edge1',
      change: ['--dports 20,21,', '--dports 21,'],
      found: ['closed ftp-active-data'],
    },
  ],
  apinizer: [
    {
      title: 'a Worker is closed to the Load Balancer',
      host: 'worker1',
      change: ['-A INPUT -s 10.3.1.5/32 -p tcp -m tcp --dport 8080 -j ACCEPT\n', ''],
      found: ['closed load-balancer-worker'],
    },
    {
      title:
        'nothing where SSH at the Load Balancer is open to everybody, as a row allows it to the Internet',
      host: 'balancer',
      change: ['-s 10.9.0.0/16 -p tcp -m tcp --dport 22', '-p tcp -m tcp --dport 22'],
      found: [],
    },
    {
      title: 'MongoDB is open to everybody, the Internet too',
      host: 'mongo1',
      change: ['-s 10.3.2.22/32 -p tcp', '-p tcp'],
      found: ['prohibited-open never-expose-databases.mongodb', 'excessive 6:25080'],
    },
    {
      title: 'the Manager sends mail by the port that the site did not choose',
      host: 'manager',
      change: [
        '-d 10.3.9.25/32 -p tcp -m tcp --dport 587',
        '-d 10.3.9.25/32 -p tcp -m multiport --dports 25,587',
      ],
      found: ['excessive 6:25'],
    },
    {
      title: 'the firewall between the zones lets the Internet reach the Manager',
      host: 'lan',
      change: ['-A FORWARD -s 10.9.0.0/16 -d', '-A FORWARD -d'],
      found: ['prohibited-open never-expose-manager', 'excessive 6:22 6:8080'],
    },
    {
      title: 'the firewall between the zones closes the Cache',
      host: 'lan',
      change: ['-A from-workers -d 10.3.2.41/32 -o lan0 -p tcp -m tcp --dport 5701 -j ACCEPT\n', ''],
      found: ['closed worker-cache'],
    },
  ],
};

describe.each(Object.entries(SITES))('the site of %s', (id, faults) => {
  it('has no finding, and nothing undetermined', async () => {
    const report = await checkSite(id);
    expect(findings(report)).toEqual([]);
    expect(report.summary.undetermined).toBe(0);
    for (const { name, connections } of report.hosts)
      expect(
        connections.some(({ status }) => status === 'satisfied'),
        name,
      ).toBe(true);
  });

  it.each(faults.map((fault) => [fault.title, fault] as const))('finds that %s', async (_, fault) => {
    const report = await checkSite(id, fault);
    expect([...new Set(findings(report, fault.host))].sort()).toEqual([...fault.found].sort());
    expect(findings(report)).toHaveLength(findings(report, fault.host).length);
  });
});

describe('hosts without a deployment', () => {
  const rules = (...input: string[]): InputFile => ({
    path: 'rules.v4',
    bytes: Buffer.from(
      [
        '*filter',
        ':INPUT DROP [0:0]',
        ':FORWARD DROP [0:0]',
        ':OUTPUT ACCEPT [0:0]',
        '-A INPUT -i lo -j ACCEPT',
        '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        ...input,
        'COMMIT\n',
      ].join('\n'),
    ),
  });
  const statuses = async (baseline: string, as: string, ...input: string[]) => {
    const report = await check({ configs: [rules(...input)], baselines: [baseline], as });
    if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join('\n'));
    const [host] = report.value.hosts;
    return new Map(host?.connections.map(({ id, status }) => [id, status]));
  };

  it.each([
    ['mongodb', 25080, 'never-expose-databases.mongodb'],
    ['elasticsearch', 9200, 'never-expose-databases.elasticsearch'],
    ['elasticsearch', 9300, 'never-expose-databases.elasticsearch'],
    ['manager', 8080, 'never-expose-manager'],
  ])('%s may not have %d open to the Internet', async (role, port, id) => {
    const rule = `-p tcp -m tcp --dport ${port} -j ACCEPT`;
    const open = await statuses('apinizer', role, `-A INPUT ${rule}`);
    expect(open.get(id)).toBe('prohibited-open');
    const inside = await statuses('apinizer', role, `-A INPUT -s 10.0.0.0/8 ${rule}`);
    expect(inside.get(id)).toBe('satisfied');
  });

  it("an Edge's passive range is undetermined, the rest is judged", async () => {
    const edge = await statuses(
      'axway-securetransport-edge',
      'st-edges',
      '-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT',
    );
    expect(edge.get('ftp-passive-data')).toBe('undetermined');
    expect(edge.get('https')).toBe('satisfied');
    expect(edge.get('http')).toBe('missing');
  });

  it("a member of a cluster needs its own rows; the primary's are documented", async () => {
    const member = await statuses('segura', 'mbr', '-A INPUT -p tcp -m tcp --dport 4444 -j ACCEPT');
    expect(member.get('prd-to-mbr-4444-tcp')).toBe('satisfied');
    expect(member.get('prd-to-mbr-9300-tcp')).toBe('missing');
    expect(member.get('userw-to-prd-3389-tcp.mbr')).toBe('not-applicable');
  });
});

describe('what is wrong in a baseline', () => {
  const file = (path: string, text: string): InputFile => ({ path, bytes: Buffer.from(text) });
  const host = (name: string) =>
    `  - { name: ${name}, role: shop, configs: [rules.v4], baselines: [./own.yaml] }\n`;
  const deployment = file('site.yaml', `version: 1\nhosts:\n${host('a')}${host('b')}${host('c')}`);

  it('is told once, however many hosts have it', async () => {
    const own = 'version: 1\nid: own\ntitle: Own\nroles: { shop: { title: Shop, colour: red } }\nrows: []\n';
    const result = await check({ deployment, files: [file('own.yaml', own), file('rules.v4', '*filter\n')] });
    expect(result.ok ? [] : result.errors.filter(({ message }) => /colour/.test(message))).toHaveLength(1);
  });
});
