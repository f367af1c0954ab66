import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from '../scripts/build.js';
import { machine } from './machine.ts';
import { runOnce } from './measure.ts';
import { type Random, randomOf } from './random.ts';
import { markdown, megabytes, thousands } from './table.ts';

const USAGE = `npm run bench:fleet -- [--hosts 1000,10000] [--rules 100] [--jobs 1,2] [--seed 1] [--no-build]

Times whole processes of \`postern check --deployment\` for sites of so many hosts, each with its own rules, against the X-Road
baseline: with nothing kept, filling a cache, and with every result in the cache. The report goes to a file as JSON.
`;

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Seconds after which a run is given up. */
const LIMIT = 3600;

/** Writes a site; gives its deployment. Machines write the deployments of large sites, so it is JSON. */
function writeFleet(folder: string, hosts: number, rules: number, seed: number): string {
  const random = randomOf(seed);
  const names = Array.from({ length: hosts }, (_, i) => `ss${String(i + 1).padStart(5, '0')}`);
  for (const [i, name] of names.entries()) {
    const shelf = join(folder, String(Math.floor(i / 1000)));
    if (i % 1000 === 0) mkdirSync(shelf, { recursive: true });
    writeFileSync(join(shelf, `${name}.v4`), dumpOf(rules, random));
  }
  const path = join(folder, 'site.json');
  writeFileSync(path, JSON.stringify(deploymentOf(names), null, 1));
  return path;
}

const NEEDED = [
  'INPUT -s 10.1.9.7/32 -p tcp -m multiport --dports 5500,5577',
  'INPUT -s 203.0.113.0/24 -p tcp -m multiport --dports 5500,5577',
  'INPUT -s 10.1.4.0/24 -p tcp -m multiport --dports 8080,8443',
  'INPUT -s 10.1.1.0/24 -p tcp -m tcp --dport 4000 -m comment --comment "admin UI"',
  'OUTPUT -d 10.1.9.5/32 -p tcp -m multiport --dports 80,443,4001',
  'OUTPUT -d 10.1.9.6/32 -p tcp -m multiport --dports 5500,5577',
  'OUTPUT -d 198.51.100.7/32 -p tcp -m multiport --dports 80,443',
  'OUTPUT -d 198.51.100.8/32 -p tcp -m multiport --dports 80,443',
  'OUTPUT -d 203.0.113.0/24 -p tcp -m multiport --dports 5500,5577',
  'OUTPUT -d 10.1.5.0/28 -p tcp -m multiport --dports 80,443,8443',
];

/** What a host needs, one in twelve left out, behind rules of its own: most close something, one in fifty opens it. */
function dumpOf(rules: number, random: Random): string {
  const needed = NEEDED.filter(() => !random.chance(8)).map((rule) => `-A ${rule} -j ACCEPT`);
  const base = [
    '-A INPUT -i lo -j ACCEPT',
    '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A OUTPUT -o lo -j ACCEPT',
    '-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ];
  const own = Array.from({ length: Math.max(0, rules - base.length - needed.length) }, () => ownRule(random));
  const head = ['*filter', ':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT DROP [0:0]'];
  return [...head, ...base, ...own, ...needed, 'COMMIT', ''].join('\n');
}

function ownRule(random: Random): string {
  const source = `10.${16 + random.below(64)}.${random.below(256)}.0/24`;
  const comment = random.chance(50) ? ` -m comment --comment "ticket ${1000 + random.below(9000)}"` : '';
  const verdict = random.chance(2) ? 'ACCEPT' : 'DROP';
  return `-A INPUT -s ${source} -p tcp -m tcp --dport ${1024 + random.below(40_000)}${comment} -j ${verdict}`;
}

function deploymentOf(names: readonly string[]): object {
  return {
    version: 1,
    roles: {
      'central-server': ['10.1.9.5'],
      'management-security-server': ['10.1.9.6'],
      'monitoring-security-server': ['10.1.9.7'],
      'ocsp-service': ['198.51.100.7'],
      'timestamping-service': ['198.51.100.8'],
      'data-exchange-partner-security-server': ['203.0.113.0/24'],
      'producer-information-system': ['10.1.5.0/28'],
      'consumer-information-system': ['10.1.4.0/24'],
      admin: ['10.1.1.0/24'],
    },
    features: { acme: false, mail: false },
    parameters: { 'producer-information-system-ports': [8443] },
    hosts: names.map((name, i) => ({
      name,
      role: 'security-server',
      addresses: [`10.2.${i >> 8}.${i & 255}`],
      configs: [`${Math.floor(i / 1000)}/${name}.v4`],
      baselines: ['x-road-security-server'],
    })),
  };
}

/** One run as a row of the table. */
function measured(site: string, folder: string, hosts: number, jobs: number, cache?: string): string[] {
  const report = join(folder, 'report.json');
  const options = cache === undefined ? [] : ['--cache', cache];
  const command = [
    process.execPath,
    join(ROOT, 'dist/postern.js'),
    'check',
    '-d',
    site,
    '-q',
    '--jobs',
    String(jobs),
  ];
  const { wall, user, system, memory, status, complaint } = runOnce(
    [...command, ...options, '--format', `json=${report}`],
    folder,
    LIMIT,
  );
  if (status !== 0 && status !== 1) throw new Error(`status ${status}: ${complaint}`);
  return [
    `${wall.toFixed(1)} s`,
    thousands(Math.round(hosts / wall)),
    `${(((user + system) * 1000) / hosts).toFixed(2)} ms`,
    megabytes(memory),
    megabytes(statSync(report).size),
  ];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      hosts: { type: 'string', default: '1000,10000' },
      rules: { type: 'string', default: '100' },
      jobs: { type: 'string', default: '1,2' },
      seed: { type: 'string', default: '1' },
      'no-build': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [sizes, jobs] = [values.hosts.split(',').map(Number), values.jobs.split(',').map(Number)];
  const [rules, seed] = [Number(values.rules), Number(values.seed)];
  if (values.help || ![...sizes, ...jobs, rules, seed].every((n) => Number.isSafeInteger(n) && n > 0)) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (!values['no-build']) await bundle('dist');
  const on = machine();
  const rows: string[][] = [];
  for (const hosts of sizes) {
    const folder = mkdtempSync(join(tmpdir(), 'postern-fleet-'));
    try {
      const site = writeFleet(folder, hosts, rules, seed);
      const row = (count: number, kept: string, cache?: string): void => {
        rows.push([thousands(hosts), String(count), kept, ...measured(site, folder, hosts, count, cache)]);
      };
      for (const count of jobs) row(count, 'nothing');
      const most = Math.max(...jobs);
      row(most, 'filling', join(folder, 'cache'));
      row(most, 'everything', join(folder, 'cache'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const head = [
    'hosts',
    'jobs',
    'in the cache',
    'wall',
    'hosts a second',
    'cpu for a host',
    'memory',
    'report',
  ];
  process.stdout.write(
    `${on.cpu}, ${on.cores} cores, Node ${on.node}; load ${on.load.toFixed(1)}; ${rules} rules each\n\n${markdown(head, rows)}`,
  );
  return 0;
}

process.exitCode = await main();
