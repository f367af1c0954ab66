import type { Finding, HostReport, Report } from '../../src/finding/report.ts';

const row = {
  row: 'Network diagram, row 3',
  text: 'Out | Security Server | OCSP Service | 80 / 443 | tcp | ',
};

/** A finding with every field; tests change what they are about. */
export const finding: Finding = {
  code: 'conflicting',
  rule: 'masked',
  certainty: 'definite',
  severity: 'high',
  baseline: 'x-road-security-server',
  connection: 'admin-ui',
  family: 'ipv4',
  hook: 'input',
  packets: [
    {
      family: 'ipv4',
      protocols: ['6'],
      sources: ['10.1.0.0-10.1.0.255'],
      destinations: ['10.1.2.10'],
      sourcePorts: ['1024-65535'],
      destinationPorts: ['4000'],
      in: { except: ['lo'] },
    },
  ],
  witness: {
    hook: 'input',
    in: 'eth0',
    src: '10.1.0.1',
    dst: '10.1.2.10',
    protocol: 'tcp',
    sport: 40000,
    dport: 4000,
    state: 'new',
  },
  evidence: [
    {
      file: 'ss1/rules.v4',
      line: 12,
      column: 1,
      text: '-A INPUT -s 10.1.0.0/16 -p tcp -m tcp --dport 4000 -j DROP',
      note: 'closes',
    },
    {
      file: 'ss1/rules.v4',
      line: 31,
      column: 7,
      text: '[0:0] -A INPUT -s 10.1.0.0/24 -p tcp -m tcp --dport 4000 -m comment --comment "admin interface" -j ACCEPT',
      note: 'would open',
    },
  ],
  document: { row: 'Network diagram, row 13', text: 'In | Admin | Security Server | 4000 | tcp' },
  message:
    'Port 4000/tcp from `admin` is needed, but line 12 drops these packets before line 31 accepts them.',
  fingerprint: 'ab'.repeat(32),
};

const other: Finding = {
  code: 'excessive',
  rule: 'undocumented-opening',
  certainty: 'possible',
  severity: 'low',
  family: 'ipv6',
  hook: 'forward',
  packets: Array.from({ length: 9 }, (_, i) => ({
    family: 'ipv6' as const,
    protocols: ['6', '17'],
    sources: [`2001:db8:${i}::1`],
    destinationPorts: ['1', '3', '5', '7', '9', '11', '13', '15', '17', '19-20'],
    in: { any: ['eth0', 'ppp+'], except: ['ppp7'] },
    out: { any: ['eth1'] },
  })),
  witness: {
    hook: 'forward',
    in: 'eth0',
    out: 'eth1',
    src: '2001:db8::1',
    dst: '2001:db8:1::2',
    protocol: 'udp',
    sport: 1024,
    dport: 19,
  },
  translated: { destination: '2001:db8:1::2', port: 8080 },
  evidence: [{ file: 'ss1/rules.v6', line: 5, column: 1, text: ':FORWARD ACCEPT [0:0]', note: 'policy' }],
  dependsOn: ['-m set --match-set admins src'],
  message: 'Udp and tcp packets may pass from `eth0` to `eth1`; no document asks for that.',
  fingerprint: 'cd'.repeat(32),
};

const host: HostReport = {
  name: 'ss1',
  role: 'security-server',
  families: { ipv4: 'assessed', ipv6: 'not-assessed' },
  unbound: ['consumer-information-system', 'producer-information-system'],
  connections: [
    {
      baseline: 'x-road-security-server',
      id: 'ocsp',
      direction: 'out',
      status: 'satisfied',
      level: 'required',
      document: row,
    },
    {
      baseline: 'x-road-security-server',
      id: 'health-check',
      direction: 'in',
      status: 'undetermined',
      level: 'optional',
      document: {
        row: 'Network diagram, row 14',
        text: 'In | Monitoring system | Security Server | other | tcp',
      },
      reason: 'The site has not set the parameter `health-check-port`, so there is no port to look for.',
    },
    {
      baseline: 'x-road-security-server',
      id: 'admin-ui',
      direction: 'in',
      status: 'missing',
      level: 'required',
      document: { row: 'Network diagram, row 13', text: 'In | Admin | Security Server | 4000 | tcp' },
    },
  ],
  findings: [other, finding],
};

/** A report with every part in use. Its inputs do not exist; only the renderers are tested with it. */
export const report: Report = {
  schemaVersion: '1',
  tool: { name: 'postern', version: '0.1.0' },
  inputs: [
    {
      path: 'ss1/rules.v4',
      format: 'iptables-save',
      sha256: '01'.repeat(32),
      captured: { at: '2026-11-20T10:00:00Z', by: 'iptables-save', from: 'ss1' },
    },
    { path: 'ss1/sets.ipset', format: 'ipset-save', sha256: '02'.repeat(32) },
  ],
  baselines: [
    {
      id: 'x-road-security-server',
      title: 'X-Road Security Server',
      document: { title: 'Security Server Installation Guide', section: '2.2.1' },
      sha256: '03'.repeat(32),
    },
  ],
  deployment: { path: 'site.yaml', sha256: '04'.repeat(32) },
  hosts: [{ ...host, name: 'clean', unbound: [], connections: [], findings: [] }, host],
  coverage: [
    ...[40, 41, 42, 44, 45].map((line) => ({
      file: 'ss1/rules.v4',
      line,
      status: 'approximated' as const,
      text: `-A INPUT -m recent --name n${line} --update -j DROP`,
      reason: '`-m recent` depends on earlier packets; both outcomes are considered.',
    })),
    {
      file: 'ss1/rules.v4',
      line: 50,
      status: 'unrecognised',
      text: '-A INPUT -m geoip --src-cc FI -j ACCEPT',
      reason: 'No module `geoip` is known; both outcomes are considered.',
    },
  ],
  summary: { missing: 0, excessive: 1, conflicting: 1, undetermined: 1, satisfied: 1 },
};
