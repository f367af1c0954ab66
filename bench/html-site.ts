import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Random, randomOf } from './random.ts';

/** Rules that each host has beyond those that its document asks for, at most. */
const FILLERS = 60;

/**
 * Writes a site of X-Road Security Servers, some with faults of each kind, the same for the same seed.
 *
 * @returns the path of its deployment
 */
export function writeSite(folder: string, hosts: number, seed: number): string {
  const random = randomOf(seed);
  const names = Array.from({ length: hosts }, (_, i) => `ss${String(i + 1).padStart(3, '0')}`);
  for (const [i, name] of names.entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'rules.v4'), rulesOf(random));
    writeFileSync(join(folder, name, 'addr.json'), addressesOf(addressOf(i)));
  }
  const path = join(folder, 'site.yaml');
  writeFileSync(path, deploymentOf(names));
  return path;
}

const addressOf = (i: number): string => `10.2.${i >> 8}.${i & 255}`;

const NEEDED_IN = [
  '-s 10.1.9.7/32 -p tcp -m multiport --dports 5500,5577',
  '-s 203.0.113.0/24 -p tcp -m multiport --dports 5500,5577',
  '-s 10.1.4.0/24 -p tcp -m multiport --dports 8080,8443',
  '-s 10.1.1.0/24 -p tcp -m tcp --dport 4000 -m comment --comment "admin UI"',
];
const NEEDED_OUT = [
  '-d 10.1.9.5/32 -p tcp -m multiport --dports 80,443,4001 -m comment --comment "central server"',
  '-d 10.1.9.6/32 -p tcp -m multiport --dports 5500,5577',
  '-d 198.51.100.7/32 -p tcp -m multiport --dports 80,443 -m comment --comment OCSP',
  '-d 198.51.100.8/32 -p tcp -m multiport --dports 80,443',
  '-d 203.0.113.0/24 -p tcp -m multiport --dports 5500,5577',
  '-d 10.1.5.0/28 -p tcp -m multiport --dports 80,443,8443',
];

function rulesOf(random: Random): string {
  const kept = (rules: readonly string[], chain: string): string[] =>
    rules.filter(() => !random.chance(8)).map((rule) => `-A ${chain} ${rule} -j ACCEPT`);
  const fillers = Array.from({ length: random.below(FILLERS) }, () => filler(random));
  return [
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT DROP [0:0]',
    '-A INPUT -i lo -j ACCEPT',
    '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A INPUT -m conntrack --ctstate INVALID -j DROP',
    '-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT',
    ...(random.chance(5) ? ['-A INPUT -p tcp -m tcp --dport 4000 -j DROP'] : []),
    ...fillers,
    ...kept(NEEDED_IN, 'INPUT'),
    ...(random.chance(20) ? ['-A INPUT -m recent --update --seconds 60 --name watch --rsource -j DROP'] : []),
    '-A INPUT -m limit --limit 5/min -j LOG --log-prefix "INPUT drop: "',
    '-A OUTPUT -o lo -j ACCEPT',
    '-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A OUTPUT -d 10.1.0.53/32 -p udp -m udp --dport 53 -j ACCEPT',
    '-A OUTPUT -d 10.1.0.53/32 -p tcp -m tcp --dport 53 -j ACCEPT',
    '-A OUTPUT -d 10.1.0.123/32 -p udp -m udp --dport 123 -j ACCEPT',
    ...kept(NEEDED_OUT, 'OUTPUT'),
    'COMMIT',
    '',
  ].join('\n');
}

/** Most rules of an old firewall close something or repeat what is said; one in six opens what nobody documents. */
function filler(random: Random): string {
  const source = `10.${random.below(8)}.${random.below(256)}.0/24`;
  const port = 1024 + random.below(40_000);
  const comment = `-m comment --comment "ticket ${1000 + random.below(9000)}"`;
  const verdict = random.chance(16) ? 'ACCEPT' : 'DROP';
  return `-A INPUT -s ${source} -p tcp -m tcp --dport ${port} ${comment} -j ${verdict}`;
}

function addressesOf(address: string): string {
  const at = (ifname: string, local: string, prefixlen: number, loopback: boolean) => ({
    ifname,
    flags: loopback ? ['LOOPBACK', 'UP'] : ['BROADCAST', 'UP'],
    link_type: loopback ? 'loopback' : 'ether',
    addr_info: [{ family: 'inet', local, prefixlen, scope: loopback ? 'host' : 'global' }],
  });
  return JSON.stringify([at('lo', '127.0.0.1', 8, true), at('eth0', address, 16, false)]);
}

function deploymentOf(names: readonly string[]): string {
  const hosts = names.map(
    (name) => `  - name: ${name}
    role: security-server
    configs: [${name}/rules.v4, ${name}/addr.json]
    baselines: [x-road-security-server, host-essentials]
    captured: { at: 2026-11-20T10:00:00Z, by: iptables-save, from: ${name} }
`,
  );
  return `version: 1
roles:
  security-server: [${names.map((_, i) => addressOf(i)).join(', ')}]
  central-server: [10.1.9.5]
  management-security-server: [10.1.9.6]
  monitoring-security-server: [10.1.9.7]
  ocsp-service: [198.51.100.7]
  timestamping-service: [198.51.100.8]
  data-exchange-partner-security-server: [203.0.113.0/24]
  producer-information-system: [10.1.5.0/28]
  consumer-information-system: [10.1.4.0/24]
  admin: [10.1.1.0/24]
  dns-server: [10.1.0.53]
  ntp-server: [10.1.0.123]
features: { acme: false, mail: false, ipv6: false }
parameters: { producer-information-system-ports: [8443] }
hosts:
${hosts.join('')}`;
}
