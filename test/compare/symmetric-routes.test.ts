import { describe, expect, it } from 'vitest';
import { check, type Report } from '../../src/api.ts';
import { whole } from './cases.ts';

/** The table of firewalld in short: its filter of reverse paths is on for IPv6 where nobody turns it off. */
const FIREWALLD = `table inet firewalld {
	chain filter_PREROUTING {
		type filter hook prerouting priority filter + 10; policy accept;
		icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept
		meta nfproto ipv6 fib saddr . mark . iif oif missing drop
	}
	chain filter_INPUT {
		type filter hook input priority filter + 10; policy accept;
		ct state { established, related } accept
		iifname "lo" accept
		ip6 saddr 2001:db8:9::/64 tcp dport 22-23 accept
		ip saddr 10.1.9.0/24 tcp dport 22-23 accept
		reject with icmpx admin-prohibited
	}
	chain filter_FORWARD { type filter hook forward priority filter + 10; policy drop; }
}
`;

const IP6TABLES = `*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p ipv6-icmp -m icmp6 --icmpv6-type 134 -j ACCEPT
-A PREROUTING -m rpfilter --validmark --invert -j DROP
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 2001:db8:9::/64 -p tcp -m tcp --dport 22:23 -j ACCEPT
COMMIT
`;

const BASELINE = `version: 1
id: own
title: The baseline own
document: { title: A list made for this test }
closed: { in: true, out: false, forward: true }
roles: { admin: { title: Admin }, server: { title: Server } }
rows:
  - { id: ssh, cells: { Port: "22" }, source: admin, destination: server, protocols: [tcp], ports: [22] }
`;

function site(config: string, general: string, own: string): string {
  return `version: 1
roles: { server: ["10.1.2.10", "2001:db8::10"], admin: ["10.1.9.0/24", "2001:db8:9::/64"] }
${general}
hosts:
  - { name: one, role: server, configs: [${config}], baselines: [./own.yaml]${own} }
`;
}

async function reportOf(name: string, text: string, general = '', own = ''): Promise<Report> {
  const file = (path: string, content: string) => ({ path, bytes: Buffer.from(content) });
  const files = [file(name, text), file('own.yaml', BASELINE)];
  return whole(await check({ deployment: file('site.yaml', site(name, general, own)), files }));
}

/** What is found in IPv6, and how certainly. */
const findings = ({ hosts }: Report): string[] =>
  hosts
    .flatMap((host) => host.findings)
    .filter(({ packets }) => packets.some(({ family }) => family === 'ipv6'))
    .map(({ rule, certainty }) => `${rule} ${certainty}`)
    .sort();

const reasons = ({ coverage }: Report): string[] => coverage.map(({ reason }) => reason);

describe.each([
  ['rules.nft', FIREWALLD],
  ['rules.v6', IP6TABLES],
])('reverse path filters of %s', (name, text) => {
  it('without a word about routes: what passes depends on them', async () => {
    const report = await reportOf(name, text);
    expect(findings(report).every((one) => one.endsWith('possible'))).toBe(true);
    expect(findings(report)).toContain('undocumented-opening possible');
    expect(reasons(report)).toEqual([expect.stringContaining('`routes: symmetric`')]);
  });

  it.each([
    ['the site', 'routes: symmetric', ''],
    ['the host', '', ', routes: symmetric'],
    ['the host, and not the site', 'routes: unknown', ', routes: symmetric'],
  ])('routes that are symmetric, says %s', async (_, general, own) => {
    const report = await reportOf(name, text, general, own);
    expect(findings(report)).toEqual(['undocumented-opening definite']);
    expect(report.hosts[0]?.connections.map(({ status }) => status)).toEqual(['satisfied']);
    expect(reasons(report)).toEqual([expect.stringContaining('the deployment says so')]);
  });

  it('a host may be otherwise than its site', async () => {
    const report = await reportOf(name, text, 'routes: symmetric', ', routes: unknown');
    expect(findings(report)).toContain('undocumented-opening possible');
  });
});

it('a word that `routes` does not know', async () => {
  const deployment = { path: 'site.yaml', bytes: Buffer.from(site('rules.nft', 'routes: good', '')) };
  const result = await check({ deployment, files: [] });
  expect(result.ok ? [] : result.errors.map(({ span }) => span?.file.position(span.start).line)).toEqual([3]);
});
