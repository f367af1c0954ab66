import { describe, expect, it } from 'vitest';
import { check, type InputFile } from '../../src/api.ts';
import { whole } from './cases.ts';

const file = (path: string, text: string): InputFile => ({ path, bytes: Buffer.from(text) });

interface Zone {
  readonly baseline: string;
  readonly protects: string;
  readonly roles: string;
  readonly rest?: string;
}
const EDGES: Zone = {
  baseline: 'axway-securetransport-edge',
  protects: 'st-edges',
  roles: 'st-edges: [10.4.1.11], securetransport-servers: [10.4.2.5], administration-host: [10.4.3.5]',
  rest: 'parameters: { ftp-passive-ports: 40000-40100 }\nfeatures: { http: false, https: false, ssh: false, ftp: false, as2: false, pesit: false }',
};
const BACKUP: Zone = {
  baseline: 'senhasegura',
  protects: 'backup-server',
  roles: 'backup-server: [10.2.1.9], prd: [10.2.0.10]',
};

/** Between machines of one role nothing tells whether the firewall is on the way. */
const OTHERS = '0.0.0.0-10.4.1.10,10.4.1.12-255.255.255.255';

/** What is excessive at a firewall in front of the roles: where it goes, by address and port. */
async function excess(
  { baseline, protects, roles, rest = '' }: Zone,
  rules: string,
): Promise<readonly string[]> {
  const site = `version: 1
roles: { ${roles} }
${rest}
hosts: [{ name: fw, role: none, protects: [${protects}], configs: [rules.v4], baselines: [${baseline}] }]
`;
  const text = `*nat
:PREROUTING ACCEPT [0:0]
${rules
  .split('\n')
  .filter((line) => line.startsWith('-A PREROUTING'))
  .join('\n')}
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
${rules
  .split('\n')
  .filter((line) => !line.startsWith('-A PREROUTING'))
  .join('\n')}
COMMIT
`;
  const report = whole(await check({ deployment: file('site.yaml', site), files: [file('rules.v4', text)] }));
  return report.hosts.flatMap(({ findings }) =>
    findings
      .filter(({ code }) => code === 'excessive')
      .flatMap(({ packets, hook }) =>
        packets.map(
          (box) =>
            `${hook} ${box.sources ?? '*'} → ${box.destinations ?? '*'} ${box.destinationPorts ?? '*'}`,
        ),
      ),
  );
}

describe('a firewall in front of hosts whose document has inbound tables only', () => {
  it('finds what nobody documents toward them', async () => {
    expect(await excess(EDGES, '-A FORWARD -d 10.4.1.11/32 -p tcp -m tcp --dport 8443 -j ACCEPT')).toEqual([
      `forward ${OTHERS} → 10.4.1.11 8443`,
    ]);
  });

  it('finds it where a translation leads to them', async () => {
    const rules = `-A PREROUTING -d 203.0.113.9/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.4.1.11:8443
-A FORWARD -d 10.4.1.11/32 -p tcp -m tcp --dport 8443 -m conntrack --ctorigdst 203.0.113.9 -j ACCEPT`;
    expect(await excess(EDGES, rules)).toEqual([`forward ${OTHERS} → 203.0.113.9 443`]);
  });

  it('leaves what they open themselves, and what passes by, to others', async () => {
    const rules = `-A FORWARD -s 10.4.1.11/32 -j ACCEPT
-A FORWARD -s 10.9.0.0/16 -d 10.8.0.0/16 -j ACCEPT`;
    expect(await excess(EDGES, rules)).toEqual([]);
  });

  it('finds it in a rule that is about everybody', async () => {
    expect(await excess(EDGES, '-A FORWARD -p udp -m udp --dport 53 -j ACCEPT')).toEqual([
      `forward ${OTHERS} → 10.4.1.11 53`,
    ]);
  });
});

describe('a firewall in front of a role whose own connections the document leaves open', () => {
  it('leaves them open, and nothing else', async () => {
    expect(await excess(BACKUP, '-A FORWARD -s 10.2.1.9/32 -p tcp -m tcp --dport 873 -j ACCEPT')).toEqual([]);
    expect(await excess(BACKUP, '-A FORWARD -d 10.2.1.9/32 -p tcp -m tcp --dport 873 -j ACCEPT')).toEqual([
      'forward 0.0.0.0-10.2.1.8,10.2.1.10-255.255.255.255 → 10.2.1.9 873',
    ]);
    expect(await excess(BACKUP, '-A FORWARD -s 10.7.0.1/32 -d 10.7.1.1/32 -p tcp -j ACCEPT')).toEqual([
      'forward 10.7.0.1 → 10.7.1.1 *',
    ]);
  });
});
