import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a site of X-Road Security Servers is made for a test. */
export interface TestSite {
  /** What the n-th host's input chain has besides the needed. */
  readonly extra?: (host: number) => string;
  /** More lines of the deployment, before its hosts. */
  readonly settings?: string;
}

/** Writes a deployment with so many hosts, each with a dump of its own; gives the deployment's path. */
export function writeTestSite(
  folder: string,
  hosts: number,
  { extra, settings = '' }: TestSite = {},
): string {
  mkdirSync(folder, { recursive: true });
  const names = Array.from({ length: hosts }, (_, i) => `ss${i + 1}`);
  for (const [i, name] of names.entries())
    writeFileSync(join(folder, `${name}.v4`), dump(extra?.(i) ?? faults(i)));
  const path = join(folder, 'site.yaml');
  writeFileSync(path, deployment(names, settings));
  return path;
}

/** One host in three opens what nobody documents, one in five asks what postern does not model. */
function faults(host: number): string {
  const open =
    host % 3 === 0 ? `-A INPUT -s 203.0.113.${host} -p tcp --dport ${2000 + host} -j ACCEPT\n` : '';
  const opaque =
    host % 5 === 0 ? '-A INPUT -p tcp --dport 9000 -m string --string x --algo bm -j ACCEPT\n' : '';
  return open + opaque;
}

const dump = (more: string): string => `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 10.1.9.7/32 -p tcp -m multiport --dports 5500,5577 -j ACCEPT
${more}COMMIT
`;

const deployment = (names: readonly string[], settings: string): string => `version: 1
roles:
  central-server: [10.1.9.5]
  monitoring-security-server: [10.1.9.7]
  management-security-server: [10.1.9.6]
${settings}hosts:
${names
  .map(
    (name, i) =>
      `  - { name: ${name}, role: security-server, addresses: [10.2.0.${i + 1}], configs: [${name}.v4], baselines: [x-road-security-server] }\n`,
  )
  .join('')}`;
